"""What a check-in and a class's sheet cost beside 50,000 and beside 5 million check-ins.

It takes a quarter of an hour and some gigabytes, so `make bench` leaves it out unless it is asked
for it. The rows are PostgreSQL's to make: classes of fifty people that sat ten times each.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from uuid import UUID

from tortoise.connection import get_connection

from content.loader import PACKAGE_CONTENT, load_content
from domain.actor import System, Trainee
from domain.attendance.actions import Sent, check_in
from domain.attendance.codes import code_at, secret_of
from domain.attendance.queries import read_attendance
from domain.attendance.rules import Place
from domain.attendance.wanting import usual_wants
from domain.calendar import local_now
from domain.vault import Vault
from models.database import close_database, open_database
from scripts.bench.school import LATITUDE, LONGITUDE, Seat, open_school
from settings import DataKey

SIZES = (50_000, 5_000_000)
#: The cost at the second size is to be within so many times that at the first.
MOST_TIMES = 1.5
_SITTINGS, _IN_A_CLASS = 10, 50
_OF_A_CLASS = _SITTINGS * _IN_A_CLASS
_PEOPLE = 20_000
_CLASSES_AT_ONCE = 500
_CHECK_INS, _WARM_UP, _SHEETS = 400, 50, 15
#: One statement of the filling may take so long.
_STATEMENT_SECONDS = 600
_MADE_BY = "system bench"

_FILL_PEOPLE = f"""
    INSERT INTO people (id, county, source, phone_origin, created_at, index_key_id)
    SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(p), 12, '0'))::uuid, '371521', 'roster', '',
        now(), 'bench'
    FROM generate_series(0, {_PEOPLE - 1}) p
"""  # noqa: S608 (nothing of it comes from outside)
_FILL_CLASSES = """
    INSERT INTO training_classes (id, title, institution_id, programme, occupation, level, county,
        demand_analysis, plan, address, teacher, target_group, is_project, hours, capacity, status,
        version, classified, video_location, video_sha256, video_holder, created_at, roster_digest)
    SELECT ('00000000-0000-7000-9000-' || lpad(to_hex(g), 12, '0'))::uuid, '往期班',
        (SELECT id FROM institutions LIMIT 1), 'elderly-care', '养老护理员', '', '371521', '', '',
        '', '', '', false, 0, {most}, 'ended', 1, false, '', '', '', now(), ''
    FROM generate_series({first}, {last}) g
"""
_FILL_SESSIONS = """
    INSERT INTO class_sessions (id, training_class_id, topic, starts_at, ends_at)
    SELECT ('00000000-0000-7000-a000-' || lpad(to_hex(g * {sittings} + k), 12, '0'))::uuid,
        ('00000000-0000-7000-9000-' || lpad(to_hex(g), 12, '0'))::uuid, '',
        timestamptz '2026-01-01 08:30+08' + (g % 300 + k) * interval '1 day',
        timestamptz '2026-01-01 11:30+08' + (g % 300 + k) * interval '1 day'
    FROM generate_series({first}, {last}) g, generate_series(0, {sittings} - 1) k
"""
_FILL_ENROLMENTS = """
    INSERT INTO enrolments (id, training_class_id, person_id, status, channel, made_by, created_at,
        changed_by, changed_at, withdrawn_by, beyond_three, unfinished)
    SELECT gen_random_uuid(), ('00000000-0000-7000-9000-' || lpad(to_hex(g), 12, '0'))::uuid,
        ('00000000-0000-7000-8000-' || lpad(to_hex((g * {most} + p) % {people}), 12, '0'))::uuid,
        'completed', 'roster', '{by}', now(), '{by}', now(), '', false, false
    FROM generate_series({first}, {last}) g, generate_series(0, {most} - 1) p
"""
_FILL_CHECK_INS = """
    INSERT INTO check_ins (id, session_id, person_id, kind, at, made_at, channel, late, device,
        address, place, flags, state, reason, made_by, decided_by, decision_reason)
    SELECT gen_random_uuid(),
        ('00000000-0000-7000-a000-' || lpad(to_hex(g * {sittings} + k), 12, '0'))::uuid,
        ('00000000-0000-7000-8000-' || lpad(to_hex((g * {most} + p) % {people}), 12, '0'))::uuid,
        'in', came.at, came.at, 'mini', false, decode(md5(((g * {most} + p) % {people})::text),
        'hex'), decode(md5(g::text), 'hex'), decode(md5((g * p)::text), 'hex'), '[]', 'counted', '',
        '{by}', '', ''
    FROM generate_series({first}, {last}) g, generate_series(0, {sittings} - 1) k,
        generate_series(0, {most} - 1) p, LATERAL (
            SELECT timestamptz '2026-01-01 08:20+08' + (g % 300 + k) * interval '1 day' AS at
        ) came
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """Medians in milliseconds beside so many check-ins. scanned: the session was in the QR code;
    typed: it was looked for among the person's own."""

    rows: int
    filled_seconds: float
    scanned: float
    typed: float
    sheet: float


async def measure_scale(database_url: str, sizes: Sequence[int] = SIZES) -> list[Cost]:
    """The cost at each of `sizes`, the smallest first; the database is the caller's, and full at
    the end."""
    await open_database(database_url, statement_seconds=_STATEMENT_SECONDS)
    try:
        vault = Vault([DataKey("bench", bytes(32))])
        # The holder of all classes, and who checks in at each size.
        seats = await open_school(vault, people=_CHECK_INS * len(sizes), sessions=len(sizes))
        await get_connection("default").execute_script(_FILL_PEOPLE)
        costs, filled = [], 0
        for number, size in enumerate(sizes):
            classes = size // _OF_A_CLASS
            began = time.perf_counter()
            await _fill(filled + 1, classes)
            seconds, filled = time.perf_counter() - began, classes
            ours = seats[number :: len(sizes)]
            costs.append(await _measure(vault, size, seconds, ours))
        return costs
    finally:
        await close_database()


async def _fill(first: int, last: int) -> None:
    """The classes from `first` to `last`, with all that was in them."""
    connection = get_connection("default")
    values = {"sittings": _SITTINGS, "most": _IN_A_CLASS, "people": _PEOPLE, "by": _MADE_BY}
    steps = (_FILL_CLASSES, _FILL_SESSIONS, _FILL_ENROLMENTS, _FILL_CHECK_INS)
    for begin in range(first, last + 1, _CLASSES_AT_ONCE):
        end = min(begin + _CLASSES_AT_ONCE - 1, last)
        for step in steps:
            await connection.execute_script(step.format(first=begin, last=end, **values))
    # As it stands after a quiet night.
    await connection.execute_script("VACUUM ANALYZE check_ins")
    await connection.execute_script("ANALYZE")


async def _measure(vault: Vault, rows: int, filled: float, seats: Sequence[Seat]) -> Cost:
    content = load_content(PACKAGE_CONTENT)
    usual = usual_wants(content)

    async def come(number: int, seat: Seat, session_id: UUID | None) -> float:
        sent = Sent(
            code_at(secret_of(vault, seat.session), local_now()),
            session_id=session_id,
            place=Place(LATITUDE, LONGITUDE + number * 1e-6),
            accuracy_m=25.0,
            device=f"scale-{seat.person}",
            address="203.0.113.9",
        )
        began = time.perf_counter()
        await check_in(Trainee(seat.person), vault, usual, sent, now=local_now())
        return 1000 * (time.perf_counter() - began)

    half = len(seats) // 2
    scanned = [await come(k, seat, seat.session) for k, seat in enumerate(seats[:half])]
    typed = [await come(k, seat, None) for k, seat in enumerate(seats[half:], half)]
    sheets = []
    for number in range(_SHEETS):
        # From end to end of the table.
        one = 1 + number * (rows // _OF_A_CLASS) // _SHEETS
        class_id = UUID(f"00000000-0000-7000-9000-{one:012x}")
        began = time.perf_counter()
        read = await read_attendance(System("bench"), vault, content, class_id, now=local_now())
        sheets.append(1000 * (time.perf_counter() - began))
        assert len(read.people) == _IN_A_CLASS
        assert len(read.sessions) == _SITTINGS
    return Cost(
        rows, filled, median(scanned[_WARM_UP:]), median(typed[_WARM_UP:]), median(sheets[3:])
    )
