"""Who came to two of the demo's classes so far: on time, late, from far away, by a teacher's hand,
from paper; a phone that two have used; and what waits for a second person."""

import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from demo.world import World, read_content
from domain.actor import Role, Staff, System, Trainee
from domain.attendance.actions import Sent, check_in
from domain.attendance.codes import code_at, secret_of
from domain.attendance.for_others import check_in_by_hand, decide_check_in, enter_paper
from domain.attendance.hours import Held
from domain.attendance.queries import Attendance, Attendee, read_attendance
from domain.attendance.rules import Kind, Place
from domain.attendance.scans import add_scan
from domain.attendance.wanting import usual_wants
from domain.staff.queries import find_account_id, list_demo_accounts
from domain.training.queries import ClassCard, ClassFilter, list_classes

SEEDING = System("demo")
#: One that is over, and one that goes on: how their titles begin.
_ENDED, _OPEN = "育婴员第1期", "养老护理员（五级）第1期"
#: In the order of the roster: whom the rates find, who is far away once, who lends a phone.
_OFTEN_AWAY, _FAR, _LENDER, _BORROWER = 1, 2, 4, 5
#: Degrees to the north, some two kilometres.
_AWAY = 0.02
_MOST = 1000


@dataclass(frozen=True, slots=True)
class _Clerks:
    """Who enters, and who confirms."""

    teacher: Staff
    officer: Staff


class CheckIns:
    """Check-ins of sessions that are over; what is there already stays as it is."""

    title = "签到"

    async def seed(self, world: World) -> None:
        """Of classes in which nobody has checked in yet."""
        page = await list_classes(SEEDING, ClassFilter(), None, _MOST, now=world.now)
        for card in page.rows:
            if card.row.title in (_ENDED, _OPEN):
                await self._seed(world, card)

    async def describe(self, _world: World) -> Mapping[str, object]:
        """Nothing: whoever looks finds them at the class."""
        return {}

    async def _seed(self, world: World, card: ClassCard) -> None:
        found = await _read(world, card.row.id)
        over = [one for one in found.sessions if one.ends_at <= world.now]
        if any(each.came for one in found.people for each in one.presences.values()):
            return
        place = Place(card.row.latitude or 0, card.row.longitude or 0)
        for number, session in enumerate(over):
            for order, one in enumerate(found.people):
                if _comes(order, number):
                    await _come(world, session, place, one, order, number)
        clerks = await _find_clerks(found)
        if over and clerks is not None:
            await _enter(world, found, over, clerks, ended=card.row.title == _ENDED)


def _comes(order: int, number: int) -> bool:
    """Whether somebody is at a session: nearly always."""
    if order == _OFTEN_AWAY:
        return number % 3 == 0
    if order in (_LENDER, _BORROWER) and number == 2:
        return order == _BORROWER
    return (order * 7 + number * 3) % 11 != 0


async def _come(
    world: World, session: Held, place: Place, one: Attendee, order: int, number: int
) -> None:
    late = (order * 7 + number * 3) % 11 == 1
    before = timedelta(minutes=2 + order, seconds=(order * 13 + number) % 60)
    at = session.starts_at + (timedelta(minutes=18) if late else -before)
    far = _AWAY if order == _FAR and number == 1 else 0
    phone = _LENDER if order == _BORROWER and number == 2 else order
    # No two sit at one spot to a metre.
    spot = Place(place.latitude + far + order * 3e-5, place.longitude + number * 2e-5)
    sent = Sent(
        code_at(secret_of(world.vault, session.id), at),
        session_id=session.id,
        place=spot,
        accuracy_m=25,
        device=f"phone {phone} of {session.topic.partition('：')[0]}",
        address=f"203.0.113.{order + 1}",
    )
    await check_in(Trainee(one.person), world.vault, usual_wants(read_content()), sent, now=at)


async def _enter(
    world: World, found: Attendance, over: Sequence[Held], clerks: _Clerks, *, ended: bool
) -> None:
    """By hand and from paper, confirmed by an officer; of the class that goes on what was entered
    just now waits."""
    usual, last = usual_wants(read_content()), over[-1]
    first, second = over[0], over[min(1, len(over) - 1)]
    entered = await check_in_by_hand(
        *(clerks.teacher, usual),
        session_id=first.id,
        enrolments=_absent(found, 0)[:2],
        kind=Kind.IN,
        at=first.starts_at,
        reason="手机没电，人在教室",
        now=first.ends_at,
    )
    for one in entered.check_ins:
        confirmed = first.ends_at + timedelta(hours=2)
        await decide_check_in(clerks.officer, check_in_id=one, accept=True, now=confirmed)
    if ended and world.files is not None and second is not first:
        scan = await add_scan(
            *(clerks.teacher, world.vault, world.files),
            class_id=found.of.id,
            content=draw_sheet(),
            media_type="image/png",
            now=second.ends_at,
        )
        entered = await enter_paper(
            *(clerks.teacher, usual),
            session_id=second.id,
            enrolments=_absent(found, 1)[:1],
            kind=Kind.IN,
            at=second.starts_at,
            document=scan.id,
            reason="当天停电，用了纸质表",
            now=second.ends_at,
        )
        for one in entered.check_ins:
            confirmed = second.ends_at + timedelta(hours=3)
            await decide_check_in(clerks.officer, check_in_id=one, accept=True, now=confirmed)
    if not ended and last is not first:
        await check_in_by_hand(
            *(clerks.teacher, usual),
            session_id=last.id,
            enrolments=_absent(found, len(over) - 1)[:2],
            kind=Kind.IN,
            at=last.starts_at,
            reason="老人机扫不了码",
            now=max(last.ends_at, world.now - timedelta(hours=1)),
        )


def _absent(found: Attendance, number: int) -> list[UUID]:
    """The enrolments of whom no phone has checked in to that session."""
    return [one.enrolment for order, one in enumerate(found.people) if not _comes(order, number)]


async def _find_clerks(found: Attendance) -> _Clerks | None:
    """The account of the class's institution, and an officer of its county."""
    teacher = officer = None
    for account in await list_demo_accounts():
        id = await find_account_id(account.username)
        if id is None:
            continue
        if account.institution == found.of.holder:
            teacher = teacher or Staff(id, account.role, None, account.institution)
        elif account.role is Role.COUNTY_OFFICER and account.county == found.of.county:
            officer = officer or Staff(id, account.role, account.county)
    return _Clerks(teacher, officer) if teacher and officer else None


async def _read(world: World, class_id: UUID) -> Attendance:
    return await read_attendance(SEEDING, world.vault, read_content(), class_id, now=world.now)


def draw_sheet(width: int = 600, height: int = 420, cell: int = 60) -> bytes:
    """A PNG of an empty sheet with lines, in place of the scan of one."""
    rows = bytearray()
    for y in range(height):
        line = y % cell == 0 or y == height - 1
        rows.append(0)
        rows += bytes(
            0 if line or x % (2 * cell) == 0 or x == width - 1 else 255 for x in range(width)
        )

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = zlib.compress(bytes(rows))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )
