"""Hours and rates: only what counts, and why something does not."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from domain.attendance.hours import (
    Gap,
    Held,
    Record,
    Share,
    find_presence,
    is_under,
    share_by_day,
    share_of,
)
from domain.attendance.rules import Channel, Kind, State
from tests.unit.attendance.sittings import ENDS, STARTS, at

SESSION, PERSON, OTHER = UUID(int=1), UUID(int=5), UUID(int=6)
MORNING = Held(SESSION, STARTS, ENDS)
WANTS_OUT = Held(SESSION, STARTS, ENDS, wants_out=True)
AFTER = ENDS + timedelta(minutes=1)


def record(kind: str, clock: str, state: str = "counted", *, late: bool = False) -> Record:
    return Record(
        UUID(int=9),
        PERSON,
        SESSION,
        Kind(kind),
        at(clock),
        late=late,
        state=State(state),
        channel=Channel.MINI,
    )


@pytest.mark.parametrize(
    ("session", "records", "minutes", "gap"),
    [
        (MORNING, [], 0, Gap.ABSENT),
        (MORNING, [record("in", "8:05")], 180, None),
        # On time is from the start, however many minutes later.
        (MORNING, [record("in", "8:44")], 180, None),
        (MORNING, [record("in", "9:00", late=True)], 150, None),
        (MORNING, [record("in", "8:05"), record("out", "11:40")], 180, None),
        # Who leaves early was there until then, also where nobody asks.
        (MORNING, [record("in", "8:05"), record("out", "10:00")], 90, None),
        (MORNING, [record("in", "9:00", late=True), record("out", "8:50")], 0, None),
        (MORNING, [record("out", "11:40")], 0, Gap.NO_IN),
        (WANTS_OUT, [record("in", "8:05")], 0, Gap.NO_OUT),
        (WANTS_OUT, [record("in", "8:05"), record("out", "11:30")], 180, None),
        (WANTS_OUT, [record("in", "8:05"), record("out", "11:30", "pending")], 0, Gap.WAITS),
        # What waits is worth nothing yet; what was refused never was.
        (MORNING, [record("in", "8:05", "pending")], 0, Gap.WAITS),
        (MORNING, [record("in", "8:05"), record("out", "10:00", "pending")], 180, None),
        *(
            (MORNING, [record("in", "8:05", state)], 0, Gap.ABSENT)
            for state in ("refused", "lapsed", "replaced")
        ),
        (MORNING, [record("in", "8:05", "refused"), record("in", "8:40")], 180, None),
    ],
)
def test_minutes_of_a_session(
    session: Held, records: list[Record], minutes: int, gap: Gap | None
) -> None:
    presence = find_presence(session, records, AFTER)
    assert (presence.minutes, presence.gap) == (minutes, gap)


def test_what_goes_on_is_worth_nothing_yet_and_is_not_missed() -> None:
    presence = find_presence(MORNING, [], ENDS - timedelta(seconds=1))
    assert (presence.minutes, presence.gap) == (0, None)
    assert find_presence(MORNING, [record("in", "8:05")], ENDS).minutes == 180


def test_rates_are_of_what_has_been_held() -> None:
    """By person in minutes, by day in people."""
    day = timedelta(days=1)
    sessions = [Held(UUID(int=n), STARTS + n * day, ENDS + n * day) for n in range(3)]
    now = sessions[1].ends_at
    there, absent = (
        find_presence(MORNING, records, AFTER) for records in ([record("in", "8:05")], [])
    )
    half = find_presence(MORNING, [record("in", "8:05"), record("out", "10:00")], AFTER)
    own = {sessions[0].id: there, sessions[1].id: half, sessions[2].id: absent}
    other = {sessions[0].id: there, sessions[1].id: absent, sessions[2].id: absent}
    assert share_of(sessions, own, now) == Share(270, 360)
    assert share_of(sessions, own, STARTS).percent is None
    assert share_by_day(sessions, {PERSON: own, OTHER: other}, now) == {
        date(2026, 12, 7): Share(2, 2),
        date(2026, 12, 8): Share(1, 2),
    }


@pytest.mark.parametrize(
    ("had", "held", "under"), [(80, 100, False), (79, 100, True), (0, 0, False), (0, 1, True)]
)
def test_who_is_under_the_threshold(had: int, held: int, under: bool) -> None:
    assert is_under(Share(had, held), 80) is under
