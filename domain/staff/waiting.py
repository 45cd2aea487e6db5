"""How long one waits after wrong tries. Pure; the counts lie in PostgreSQL (attempts.py)."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Policy:
    """After `free` failures each further one costs a pause: `first`, doubled each time, at most
    `most`. Without a failure for `forgotten` all is as at the beginning.

    `anew`: a pause that is over wipes the count, so nobody is paused by what went before it.
    """

    free: int
    first: timedelta
    most: timedelta
    forgotten: timedelta
    anew: bool = False


#: One name from one place: who mistypes waits for half a minute, who guesses for a quarter of an
#: hour each time.
FROM_ONE_PLACE = Policy(
    5, timedelta(seconds=30), timedelta(minutes=15), forgotten=timedelta(hours=1)
)
#: One name from all places where its owner has never signed in. Whoever tries from everywhere
#: must not shut the owner out: the pause is short, and a browser that the owner knows passes.
FROM_ANYWHERE = Policy(
    50, timedelta(minutes=5), timedelta(minutes=5), forgotten=timedelta(minutes=30), anew=True
)
#: Codes of the second factor, by somebody who has the password already.
CODES_FROM_ANYWHERE = Policy(
    10, timedelta(minutes=10), timedelta(minutes=10), forgotten=timedelta(hours=1), anew=True
)


@dataclass(frozen=True, slots=True)
class Count:
    """Failures so far."""

    failures: int = 0
    last_at: datetime | None = None
    paused_until: datetime | None = None


def seconds_to_wait(count: Count, now: datetime) -> int:
    """0 where one may try now."""
    if count.paused_until is None or now >= count.paused_until:
        return 0
    return max(1, round((count.paused_until - now).total_seconds()))


def add_failure(count: Count, policy: Policy, now: datetime) -> Count:
    """The count with one more. Only of what was tried while there was no pause."""
    before = count.failures
    if count.last_at is not None and now - count.last_at >= policy.forgotten:
        before = 0
    if policy.anew and count.paused_until is not None:
        before = 0
    failures = before + 1
    if failures < policy.free:
        return Count(failures, now)
    doublings = min(failures - policy.free, 16)
    return Count(failures, now, now + min(policy.first * 2**doublings, policy.most))


def take_back(count: Count) -> Count:
    """Without the last try, which was right after all."""
    return Count(max(0, count.failures - 1), count.last_at)
