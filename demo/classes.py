"""Twenty classes in all states of their life, and a session that is open at every start.

Each is led through its life by the area's own actions, at times that lie before the first start.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import count, islice
from uuid import UUID

from content.schema import Content, Programme
from demo.class_details import plan_sittings, write_details
from demo.class_plans import PLANS, Plan
from demo.employers import list_firms
from demo.open_session import describe_open_session, ensure_open_session
from demo.people import BOUND, FIRST, list_people, person_id
from demo.world import World, read_content
from domain.actor import System, Trainee
from domain.calendar import LOCAL
from domain.employers.queries import find_by_codes
from domain.enrolments.actions import enrol_oneself, enrol_other
from domain.enrolments.completing import complete
from domain.enrolments.notice import Teller
from domain.enrolments.telling import inform_people
from domain.faq.wording import Contact
from domain.institutions.queries import list_listings
from domain.people.naming import Named
from domain.training import actions, proof
from domain.training.actions import Holder
from domain.training.details import Result, Test, Video
from domain.training.life import Status
from domain.training.queries import ClassCard, ClassFilter, list_classes
from domain.training.views import find_programme

SEEDING = System("demo")
_MOST = 1000
#: Of those who hold the sandbox's phones so many are on the rosters of the classes that last.
_ON_ROSTERS = len(FIRST) // 2
#: Of a class that owes somebody the notice so many have not been told.
_OWED = 2
#: Days before the first day of a class.
_DRAFTED, _RECRUITED, _FILED, _APPROVED = 30, 25, 9, 6


@dataclass(frozen=True, slots=True)
class _Held:
    """Who holds a class, and where."""

    by: Holder
    county: str


@dataclass(slots=True)
class _Class:
    """A class that is being led on. version: as it stands. enrolments: who is on its roster."""

    plan: Plan
    id: UUID
    version: int
    first: date
    last: date
    programme: Programme
    enrolments: list[UUID] = field(default_factory=list)


class Classes:
    """The classes, and who is in them."""

    title = "班期和报名"

    @cached_property
    def content(self) -> Content:
        """Read when something is seeded: it takes a second, and every command knows the areas."""
        return read_content()

    async def seed(self, world: World) -> None:
        """Classes that are not there yet; and a session that is open now."""
        known = {card.row.title: card for card in await _list_all(world)}
        holders = await _find_holders()
        today = world.now.astimezone(LOCAL).date()
        lasting = []
        for number, plan in enumerate(PLANS):
            if plan.lasting:
                lasting.append(
                    await self._ensure_lasting(world, plan, holders, known, today, number)
                )
            elif plan.title not in known:
                await self._lead(world, plan, holders, number)
        await ensure_open_session(world, self.content, lasting)

    async def describe(self, world: World) -> Mapping[str, object]:
        """All classes as they stand, and the session that is open."""
        cards = await _list_all(world)
        return {
            "classes": [
                {"id": str(card.row.id), "title": card.row.title, "status": card.row.status}
                for card in reversed(cards)
            ],
            "open_session": await describe_open_session(world, self.content, cards),
        }

    # --- a class that is held on any day ---------------------------------------------------------

    async def _ensure_lasting(
        self,
        world: World,
        plan: Plan,
        holders: Mapping[str, _Held],
        known: Mapping[str, ClassCard],
        today: date,
        number: int,
    ) -> UUID:
        """The class of `plan` that is open today; where the last one is over, the next."""
        term = 1
        while (card := known.get(f"{plan.title}第{term}期")) is not None:
            last = card.row.ends_on
            if card.row.status == Status.OPEN.value and last is not None and today < last:
                return card.row.id
            term += 1
        named = replace(plan, title=f"{plan.title}第{term}期")
        return await self._lead(world, named, holders, number + (term - 1) * len(PLANS))

    # --- through its life ------------------------------------------------------------------------

    async def _lead(
        self, world: World, plan: Plan, holders: Mapping[str, _Held], number: int
    ) -> UUID:
        """Lead the class of `plan` to where it is to stand; its id."""
        holder = next(one for name, one in holders.items() if name.startswith(plan.holder))
        first, last = plan.dates(world.now.astimezone(LOCAL).date())
        programme = find_programme(self.content, plan.programme)
        details = write_details(plan, programme, holder.county, (first, last), number)
        drafted = _at(first, -_DRAFTED, world)
        row = await actions.draft_class(SEEDING, self.content, holder.by, details, now=drafted)
        one = _Class(plan, row.id, row.version, first, last, programme)
        if plan.scanty:
            return row.id
        if not programme.on_the_job:
            sittings = plan_sittings(plan, first, last)
            row = await actions.plan_sessions(SEEDING, one.id, one.version, sittings, now=drafted)
            one.version = row.version
        if plan.until is not Status.DRAFT:
            await self._recruit(world, one, number)
        if plan.flagged:
            await proof.flag_classes(SEEDING, holder.by.id, now=world.now)
        return one.id

    async def _recruit(self, world: World, one: _Class, number: int) -> None:
        now = _at(one.first, -_RECRUITED, world)
        row = await actions.open_recruiting(SEEDING, self.content, one.id, one.version, now=now)
        one.version = row.version
        teller = Teller(self.content, Contact("12333", "12345"))
        for place, person in enumerate(choose_people()[number % len(PLANS)], 1):
            at = min(now + timedelta(hours=place), world.now)
            one.enrolments.append(await self._enrol(world, one, teller, person, at))
        told = one.enrolments[: -_OWED if one.plan.owing else None]
        at = min(now + timedelta(days=2), world.now)
        await inform_people(SEEDING, class_id=one.id, enrolments=told, now=at)
        if one.plan.until is Status.CANCELLED:
            reason = "办班单位已被移出培训机构目录，停止招生；已报名的人由县里另行安排"
            await actions.cancel_class(
                SEEDING, self.content, one.id, one.version, reason, now=_at(one.first, -2, world)
            )
        elif one.plan.until is not Status.RECRUITING:
            await self._file(world, one)

    async def _enrol(
        self, world: World, one: _Class, teller: Teller, number: int, now: datetime
    ) -> UUID:
        """Who recruits is written to by people themselves; who holds a roster has named them."""
        if one.plan.until is Status.RECRUITING:
            person = Trainee(person_id(world, number))
            own = await enrol_oneself(person, teller, class_id=one.id, channel="mini", now=now)
            return own.id
        somebody = list_people()[number]
        named = Named(somebody.name, somebody.id_number, somebody.phone)
        enrolled = await enrol_other(
            SEEDING, world.vault, teller, class_id=one.id, named=named, now=now
        )
        return enrolled.id

    async def _file(self, world: World, one: _Class) -> None:
        """Filed and decided, and held and put away, as far as the plan goes."""
        until, content = one.plan.until, self.content
        row = await actions.file_class(
            SEEDING, content, one.id, one.version, now=_at(one.first, -_FILED, world)
        )
        decided = _at(one.first, -_APPROVED, world)
        if until is Status.RETURNED:
            reason = "线上平台的名称和网址没有写；授课老师请写明职业资格"
            await actions.return_class(SEEDING, content, one.id, row.version, reason, now=decided)
            return
        if until is Status.FILED:
            return
        row = await actions.approve_class(SEEDING, content, one.id, row.version, now=decided)
        if until is Status.APPROVED:
            return
        opened = datetime.combine(one.first, time(8), LOCAL)
        row = await actions.open_class(SEEDING, content, one.id, row.version, now=opened)
        if until is Status.OPEN:
            return
        ended = datetime.combine(one.last, time(18), LOCAL)
        row = await actions.end_class(SEEDING, content, one.id, row.version, now=ended)
        if until is Status.ARCHIVED:
            await self._archive(world, one, row.version, ended + timedelta(days=5))

    async def _archive(self, world: World, one: _Class, version: int, now: datetime) -> None:
        # The last of each was not there to the end.
        missed = one.enrolments[-1:]
        await complete(SEEDING, class_id=one.id, unfinished=missed, now=now)
        if not one.programme.on_the_job:
            digest = world.derive(one.plan.title, 32).encode().hex()
            video = Video("学校服务器 /录像/" + one.plan.title, digest, "教务处")
            row = await proof.record_video(SEEDING, one.id, version, video, now=now)
            test = _make_test(one)
            row = await proof.record_test(SEEDING, self.content, one.id, row.version, test, now=now)
            version = row.version
        await actions.archive_class(
            SEEDING, self.content, one.id, version, now=now + timedelta(days=3)
        )


def choose_people() -> list[list[int]]:
    """For each of PLANS the numbers of its people: in both classes that last some of the first,
    who hold the sandbox's phones, and of those who are bound; others of the bound enrol in those
    that recruit."""
    recruits, others = count(BOUND.start + 15), count(BOUND.stop)
    chosen: list[list[int]] = []
    for plan in PLANS:
        if plan.lasting:
            bound = range(BOUND.start, BOUND.start + plan.people - _ON_ROSTERS)
            chosen.append([*range(_ON_ROSTERS), *bound])
        else:
            source = recruits if plan.until is Status.RECRUITING else others
            chosen.append(list(islice(source, plan.people)))
    return chosen


def _make_test(one: _Class) -> Test:
    """All but the last have passed."""
    *passed, last = one.enrolments
    results = [
        Result(enrolment, "passed", f"S0000{one.first:%Y%m}{number:04}")
        for number, enrolment in enumerate(passed, 1)
    ]
    return Test("level", one.last, [*results, Result(last, "absent")])


async def _list_all(world: World) -> Sequence[ClassCard]:
    """The newest first."""
    page = await list_classes(SEEDING, ClassFilter(), None, _MOST, now=world.now)
    return page.rows


async def _find_holders() -> dict[str, _Held]:
    """By name: institutions, whoever was removed among them, and firms."""
    holders = {
        one.name: _Held(Holder("institution", one.id), one.county)
        for one in await list_listings(date.max)
    }
    firms = await find_by_codes([code for _, code, _ in list_firms()])
    return holders | {
        one.name: _Held(Holder("employer", one.id), one.county) for one in firms.values()
    }


def _at(first: date, days: int, world: World) -> datetime:
    """Ten o'clock so many days from the first day, but never after the start of the demo."""
    return min(datetime.combine(first + timedelta(days=days), time(10), LOCAL), world.now)
