"""One drill: a burst, a kill in the middle of it, the recovery, and the comparing of the books."""

import asyncio
import contextlib
import math
from collections.abc import Callable, Coroutine, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any

import aiohttp

from tests.kills.driver import BROKEN, LATE, Act, Driver, Sent, Stalls, burst, new_openid
from tests.kills.estate import Estate

PER_SECOND = 60.0
CALM_SECONDS = 2.5
AFTER_SECONDS = 1.0
#: Who asks within this after the kill meets it: whoever asks later finds a detour already known.
JUST_AFTER_SECONDS = 2.0
#: What a policy answer may take, whatever dies.
PROMISED_SECONDS = 1.0
#: How long the dead stay dead where the supervisor sleeps.
HELD_SECONDS = 3.0
#: How long anything is waited for that comes by itself.
PATIENCE_SECONDS = 90.0
LEAVERS = 6
#: Talks that begin together, so long before the kill.
TALKS_AT_ONCE = 15
TALKS_SECONDS = 0.05
#: Of the burst: one act in so many.
_TALK_EACH, _RETRY_EACH = 20, 5


def net_seconds(sent: Sent, stalls: Stalls) -> float:
    """Seconds from the first post to the answer, without what the driver itself was late."""
    return max(0.0, sent.seconds - stalls.between(sent.began, sent.began + sent.seconds))


def list_slow(messages: Iterable[Sent], stalls: Stalls) -> list[float]:
    """The `net_seconds` above PROMISED_SECONDS, the slowest last; without an answer infinite."""
    return sorted(net for sent in messages if (net := net_seconds(sent, stalls)) > PROMISED_SECONDS)


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds from the first post to the answer (`net_seconds`)."""

    count: int
    median: float
    p99: float
    most: float

    @classmethod
    def of(cls, messages: Iterable[Sent], stalls: Stalls) -> "Latency":
        seconds = sorted(net_seconds(sent, stalls) for sent in messages)
        if len(seconds) < 2:
            return cls(len(seconds), math.nan, math.nan, math.nan)
        return cls(len(seconds), median(seconds), quantiles(seconds, n=100)[98], seconds[-1])

    def __str__(self) -> str:
        return f"{1000 * self.median:.0f}/{1000 * self.p99:.0f}/{1000 * self.most:.0f}"


@dataclass(slots=True)
class Report:
    """What came of one drill."""

    name: str
    sent: list[Sent]
    #: Policy answers until a second before the kill, from there until all is well again (what was
    #: under way at the kill is among them), and after that.
    calm: Latency = field(init=False)
    outage: Latency = field(init=False)
    after: Latency = field(init=False)
    #: Those first posted in the JUST_AFTER_SECONDS from the kill on.
    just_after: Latency = field(init=False)
    #: Of these and of the whole outage: the seconds that took longer than PROMISED_SECONDS, net of
    #: what the driver lost itself.
    slow_just_after: list[float] = field(default_factory=list)
    slow_in_outage: list[float] = field(default_factory=list)
    #: The moment of the kill, of the loop's clock.
    killed: float = math.nan
    #: From the kill (or from when the supervisor woke) to both servers ready; and until a
    #: dialogue works and its records are in PostgreSQL.
    ready_seconds: float = math.nan
    well_seconds: float = math.nan
    #: The share of the time for which the driver did not get to run: how busy the machine was.
    stalled: float = 0.0
    #: Messages with an answer whose record never came.
    lost: list[Sent] = field(default_factory=list)
    recorded_twice: int = 0
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

    @property
    def late_policy(self) -> list[Sent]:
        """Policy questions whose first answer a living server gave too late for WeChat."""
        return [
            sent
            for sent in self.sent
            if sent.kind == "policy" and any(one.status == LATE for one in sent.deliveries)
        ]

    @property
    def late(self) -> list[str]:
        """The deliveries for which WeChat's patience ended: kind and how long after the kill."""
        return [
            f"{sent.kind}+{one.began - self.killed:.1f}s"
            for sent in self.sent
            for one in (*sent.deliveries, *sent.again)
            if one.status == LATE
        ]

    def line(self) -> str:
        """For a person who reads a table."""
        broken = sum(d.status == BROKEN for sent in self.sent for d in sent.deliveries)
        return (
            f"{self.name}: stalled {self.stalled:.0%}, {len(self.sent)} sent,"
            f" {len(self.unanswered)} unanswered,"
            f" {broken} broken, late {self.late}; policy ms median/p99/max calm {self.calm}"
            f" ({self.calm.count}), just after the kill {self.just_after}"
            f" ({self.just_after.count}, {len(self.slow_just_after)} above"
            f" {PROMISED_SECONDS:.0f} s), outage {self.outage} ({self.outage.count},"
            f" {len(self.slow_in_outage)} above), after {self.after};"
            f" ready {self.ready_seconds:.1f} s, well {self.well_seconds:.1f} s;"
            f" lost {len(self.lost)}, twice {self.recorded_twice}, wrong {len(self.wrong)},"
            f" choices not understood {len(self.choices_not_understood)},"
            f" differing retries {len(self.differing_retries)},"
            f" not forgotten {len(self.not_forgotten)},"
            f" service messages {len(self.service_messages)}"
        )


@dataclass(slots=True)
class Plan:
    """What is killed. With `held`, it stays dead for HELD_SECONDS, and then `late_kill` kills
    more."""

    kill: Callable[[], None]
    held: AbstractContextManager[None] | None = None
    late_kill: Callable[[], None] = lambda: None


async def run_drill(
    estate: Estate, name: str, plan: Plan, per_second: float = PER_SECOND
) -> Report:
    """Burst, kill, recover, compare."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        driver = Driver(estate.account, estate.servers, session, estate.platform_url)
        return await Drill(estate, driver, session, Report(name, driver.ledger), per_second).run(
            plan
        )


class Drill:
    """The course of one."""

    def __init__(
        self,
        estate: Estate,
        driver: Driver,
        session: aiohttp.ClientSession,
        report: Report,
        per_second: float,
    ) -> None:
        self._estate = estate
        self._driver = driver
        self._session = session
        self._report = report
        self._per_second = per_second
        self._leavers = [new_openid() for _ in range(LEAVERS)]
        self._clock = asyncio.get_running_loop().time

    async def run(self, plan: Plan) -> Report:
        report, driver, stalls = self._report, self._driver, Stalls()
        report.answers = await learn_answers(driver)
        for openid in self._leavers:
            await driver.follow(openid)
        done = asyncio.Event()
        async with asyncio.TaskGroup() as crowd:
            crowd.create_task(burst(mix(driver), self._per_second, done))
            crowd.create_task(stalls.watch(done))
            await asyncio.sleep(CALM_SECONDS)
            # Some shall be in the middle of a talk, where a process has more than one step to do.
            for _ in range(TALKS_AT_ONCE):
                crowd.create_task(driver.talk())
            await asyncio.sleep(TALKS_SECONDS)
            report.killed = killed = self._clock()
            began = await self._kill(plan)
            await self._wait_until_well(began)
            well = self._clock()
            await asyncio.sleep(AFTER_SECONDS)
            done.set()
        policy = [sent for sent in report.sent if sent.kind == "policy"]
        report.calm = Latency.of((s for s in policy if s.began < killed - 1.0), stalls)
        outage = [s for s in policy if killed - 1.0 <= s.began < well]
        report.outage = Latency.of(outage, stalls)
        report.slow_in_outage = list_slow(outage, stalls)
        just_after = [s for s in policy if 0.0 <= s.began - killed < JUST_AFTER_SECONDS]
        report.just_after = Latency.of(just_after, stalls)
        report.slow_just_after = list_slow(just_after, stalls)
        report.after = Latency.of((s for s in policy if well <= s.began), stalls)
        report.stalled = stalls.share
        await self._compare_books()
        return report

    async def _kill(self, plan: Plan) -> float:
        """Kill, and let some people leave meanwhile; answers when the recovery could begin."""
        killed = self._clock()
        with plan.held or contextlib.nullcontext():
            plan.kill()
            for openid in self._leavers:
                await self._driver.leave(openid)
            if plan.held is None:
                return killed
            await asyncio.sleep(max(0.0, killed + HELD_SECONDS - self._clock()))
            plan.late_kill()
        return self._clock()

    async def _wait_until_well(self, began: float) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._estate.wait_ready(self._session)
            self._report.ready_seconds = self._clock() - began
            while not await self._dialogue_works():
                await asyncio.sleep(0.1)
        self._report.well_seconds = self._clock() - began

    async def _dialogue_works(self) -> bool:
        """Options, then a choice that is understood, and recorded."""
        choice = await self._driver.talk()
        if choice.answer is None or choice.answer.text != self._report.answers["1"]:
            return False
        return not await self._estate.wait_until_recorded(
            [self._estate.key_of(choice.identity)], 5.0
        )

    async def _compare_books(self) -> None:
        """The driver's ledger against PostgreSQL and the platform."""
        estate, report = self._estate, self._report
        by_key = {estate.key_of(sent.identity): sent for sent in report.sent}
        answered = [key for key, sent in by_key.items() if sent.answer is not None]
        missing = await estate.wait_until_recorded(answered, PATIENCE_SECONDS)
        report.lost = [by_key[key] for key in missing]
        counts = await estate.count_records(by_key)
        report.recorded_twice = sum(count > 1 for count in counts.values())
        for openid in self._leavers:
            if left := await estate.list_left_of(openid):
                report.not_forgotten[openid] = left
        openids = {sent.openid for sent in report.sent}
        sent = await estate.list_service_messages(self._session)
        report.service_messages = [one for one in sent if one[0] in openids]


def mix(driver: Driver) -> Act:
    """What the crowd does: asks, asks twice, talks."""

    def act(number: int) -> Coroutine[Any, Any, Sent]:
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
