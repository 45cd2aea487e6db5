"""One drill: a burst, a kill in the middle of it, the recovery, and the comparing of the books."""

import asyncio
import contextlib
import math
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from statistics import median, quantiles

import aiohttp

from tests.kills.driver import BROKEN, LATE, Driver, Sent, burst, new_openid
from tests.kills.estate import Estate

PER_SECOND = 100.0
CALM_SECONDS = 2.5
AFTER_SECONDS = 1.0
#: How long the dead stay dead where the supervisor sleeps.
HELD_SECONDS = 3.0
#: How long anything is waited for that comes by itself.
PATIENCE_SECONDS = 90.0
LEAVERS = 6
#: Of the burst: one act in so many.
_TALK_EACH, _RETRY_EACH = 20, 5


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds from the first post to the answer."""

    count: int
    median: float
    p99: float
    most: float

    @classmethod
    def of(cls, messages: Iterable[Sent]) -> "Latency":
        seconds = sorted(sent.seconds for sent in messages)
        if len(seconds) < 2:
            return cls(len(seconds), math.nan, math.nan, math.nan)
        return cls(len(seconds), median(seconds), quantiles(seconds, n=100)[98], seconds[-1])

    def __str__(self) -> str:
        return f"{1000 * self.median:.0f}/{1000 * self.p99:.0f}/{1000 * self.most:.0f}"


@dataclass(slots=True)
class Report:
    """What came of one drill."""

    name: str
    sent: list[Sent] = field(default_factory=list)
    #: Policy answers before the kill, from it until all is well again, and after that.
    calm: Latency = field(init=False)
    outage: Latency = field(init=False)
    after: Latency = field(init=False)
    #: From the kill (or from when the supervisor woke) to both servers ready; and until a
    #: dialogue works and its records are in PostgreSQL.
    ready_seconds: float = math.nan
    well_seconds: float = math.nan
    #: Messages with an answer whose record never came.
    lost: list[Sent] = field(default_factory=list)
    recorded_twice: int = 0
    #: Records of messages that nobody has sent.
    strangers: int = 0
    not_forgotten: dict[str, list[str]] = field(default_factory=dict)
    service_messages: list[tuple[str, str]] = field(default_factory=list)
    #: The right words, as they were before anything was killed.
    answers: dict[str, str] = field(default_factory=dict)

    @property
    def unanswered(self) -> list[Sent]:
        return [sent for sent in self.sent if sent.answer is None]

    @property
    def statuses(self) -> dict[str, set[int]]:
        """Per server, all that its deliveries came to."""
        found: dict[str, set[int]] = {}
        for sent in self.sent:
            for delivery in (*sent.deliveries, *sent.again):
                found.setdefault(delivery.server, set()).add(delivery.status)
        return found

    @property
    def wrong(self) -> list[Sent]:
        """Answers that are not those of a calm day, choices left out."""
        return [
            sent
            for sent in self.sent
            if sent.kind in ("policy", "options") and sent.answer is not None
            if sent.answer.text != self.answers[sent.fields["Content"]]
        ]

    @property
    def choices_not_understood(self) -> list[Sent]:
        """Choices that did not get what the option says."""
        return [
            sent
            for sent in self.sent
            if sent.kind == "choice" and sent.answer is not None
            if sent.answer.text != self.answers["1"]
        ]

    @property
    def differing_retries(self) -> list[Sent]:
        return [
            sent
            for sent in self.sent
            for again in sent.again
            if sent.answer is not None and again.status == 200 and again.xml != sent.answer.xml
        ]

    def line(self) -> str:
        """For a person who reads a table."""
        broken = sum(d.status == BROKEN for sent in self.sent for d in sent.deliveries)
        late = sum(d.status == LATE for sent in self.sent for d in sent.deliveries)
        return (
            f"{self.name}: {len(self.sent)} sent, {len(self.unanswered)} unanswered,"
            f" {broken} broken, {late} late; policy ms median/p99/max calm {self.calm}"
            f" ({self.calm.count}), outage {self.outage} ({self.outage.count}), after {self.after};"
            f" ready {self.ready_seconds:.1f} s, well {self.well_seconds:.1f} s;"
            f" lost {len(self.lost)}, twice {self.recorded_twice}, wrong {len(self.wrong)},"
            f" choices not understood {len(self.choices_not_understood)},"
            f" differing retries {len(self.differing_retries)},"
            f" not forgotten {len(self.not_forgotten)},"
            f" service messages {len(self.service_messages)}"
        )


async def run_drill(
    estate: Estate,
    name: str,
    kill: Callable[[], None],
    *,
    held: AbstractContextManager[None] | None = None,
    held_seconds: float = HELD_SECONDS,
    late_kill: Callable[[], None] | None = None,
) -> Report:
    """Burst, kill, recover, compare. With `held`, what was killed stays dead for `held_seconds`;
    at the end of that `late_kill` kills more."""
    report = Report(name)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        driver = Driver(estate.account, estate.servers, session, estate.platform_url)
        report.sent = driver.ledger
        report.answers = await learn_answers(driver)
        leavers = [new_openid() for _ in range(LEAVERS)]
        for openid in leavers:
            await driver.follow(openid)
        done = asyncio.Event()
        bursting = asyncio.create_task(burst(mix(driver), PER_SECOND, done))
        try:
            killed, well = await _live_through(
                estate, driver, session, report, kill, held, held_seconds, late_kill, leavers
            )
            await asyncio.sleep(AFTER_SECONDS)
        finally:
            done.set()
            await bursting
        policy = [sent for sent in report.sent if sent.kind == "policy"]
        report.calm = Latency.of(s for s in policy if s.began < killed)
        report.outage = Latency.of(s for s in policy if killed <= s.began < well)
        report.after = Latency.of(s for s in policy if well <= s.began)
        await compare_books(estate, session, report, leavers)
    return report


def mix(driver: Driver) -> Callable[[int], object]:
    """What the crowd does: asks, asks twice, talks."""

    def act(number: int):  # type: ignore[no-untyped-def]
        if number % _TALK_EACH == 1:
            return driver.talk(number)
        return driver.ask_and_retry(number) if number % _RETRY_EACH == 0 else driver.ask(number)

    return act


async def learn_answers(driver: Driver) -> dict[str, str]:
    """The right words by what was asked, told while nothing is wrong."""
    sent = [await driver.ask(number) for number in range(3)]
    choice = await driver.talk()
    sent += [driver.ledger[-2], choice]
    answers = {}
    for one in sent:
        assert one.answer is not None and one.answer.text, one
        answers[one.fields["Content"]] = one.answer.text
    assert len({*answers.values()}) == len(answers) == 5
    return answers


async def _live_through(
    estate: Estate,
    driver: Driver,
    session: aiohttp.ClientSession,
    report: Report,
    kill: Callable[[], None],
    held: AbstractContextManager[None] | None,
    held_seconds: float,
    late_kill: Callable[[], None] | None,
    leavers: list[str],
) -> tuple[float, float]:
    """The moments of the kill, and of all being well again (loop time)."""
    clock = asyncio.get_running_loop().time
    await asyncio.sleep(CALM_SECONDS)
    with held or contextlib.nullcontext():
        killed = clock()
        kill()
        for openid in leavers:
            await driver.leave(openid)
        if held:
            await asyncio.sleep(max(0.0, killed + held_seconds - clock()))
            if late_kill:
                late_kill()
    began = clock() if held else killed
    async with asyncio.timeout(PATIENCE_SECONDS):
        await estate.wait_ready(session)
        report.ready_seconds = clock() - began
        while not await _dialogue_works(estate, driver, report.answers):
            await asyncio.sleep(0.1)
    report.well_seconds = clock() - began
    return killed, clock()


async def _dialogue_works(estate: Estate, driver: Driver, answers: dict[str, str]) -> bool:
    """Options, then a choice that is understood, and both recorded."""
    choice = await driver.talk()
    if choice.answer is None or choice.answer.text != answers["1"]:
        return False
    return not await estate.wait_until_recorded([estate.key_of(choice.identity)], 5.0)


async def compare_books(
    estate: Estate, session: aiohttp.ClientSession, report: Report, leavers: list[str]
) -> None:
    """The driver's ledger against PostgreSQL and the platform."""
    by_key = {estate.key_of(sent.identity): sent for sent in report.sent}
    answered = [key for key, sent in by_key.items() if sent.answer is not None]
    missing = await estate.wait_until_recorded(answered, PATIENCE_SECONDS)
    report.lost = [by_key[key] for key in missing]
    counts = await estate.count_records(by_key)
    report.recorded_twice = sum(count > 1 for count in counts.values())
    for openid in leavers:
        if left := await estate.list_left_of(openid):
            report.not_forgotten[openid] = left
    openids = {sent.openid for sent in report.sent}
    sent = await estate.list_service_messages(session)
    report.service_messages = [one for one in sent if one[0] in openids]
