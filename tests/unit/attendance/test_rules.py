"""Every rule of a check-in, at every boundary."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest

from domain.attendance.pauses import add_miss, require_not_paused
from domain.attendance.rules import (
    Channel,
    Kind,
    Sitting,
    State,
    Verdict,
    Wants,
    choose_sitting,
    has_lapsed,
    moment_of,
    require_some_open,
    tidy_clock,
    window_of,
)
from domain.errors import DomainError
from tests.unit.attendance.sittings import (
    ENDS,
    STARTS,
    at,
    known,
    north,
    refusal,
    sitting,
    tried,
)


def test_an_ordinary_check_in_counts_and_says_how_far_it_was() -> None:
    assert tried(place=north(120)) == Verdict(State.COUNTED, late=False, distance_m=120, flags=())


# --- who, and which class --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("enrolment", "refused"),
    [
        ("confirmed", ""),
        ("completed", ""),
        ("applied", "check_in_not_enrolled applied"),
        ("withdrawn", "check_in_not_enrolled class"),
        (None, "check_in_not_enrolled class"),
    ],
)
def test_the_class_has_to_have_taken_the_person(enrolment: str | None, refused: str) -> None:
    assert refusal(lambda: tried(on=sitting(enrolment=enrolment))) == refused


@pytest.mark.parametrize(
    ("status", "refused"),
    [
        *((status, "") for status in ("approved", "open", "ended")),
        *(
            (status, "check_in_window_closed class")
            for status in ("draft", "recruiting", "filed", "returned", "archived", "cancelled")
        ),
    ],
)
def test_the_class_has_to_be_approved(status: str, refused: str) -> None:
    assert refusal(lambda: tried(on=sitting(class_status=status))) == refused


# --- when --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clock", "outcome"),
    [
        ("7:59:59", "early_in"),
        ("8:00:00", "on time"),
        ("8:45:00", "on time"),
        ("8:45:01", "late"),
        ("10:00:00", "late"),
        ("10:00:01", "over_in"),
        ("11:30:00", "over_in"),
    ],
)
def test_one_comes_from_half_an_hour_before_until_half_time(clock: str, outcome: str) -> None:
    if outcome in ("on time", "late"):
        assert tried(clock).late is (outcome == "late")
    else:
        assert refusal(lambda: tried(clock)) == f"check_in_window_closed {outcome}"


@pytest.mark.parametrize(
    ("clock", "outcome"),
    [
        ("8:29:59", "early_out"),
        ("8:30:00", ""),
        ("11:30:00", ""),
        ("12:00:00", ""),
        ("12:00:01", "over_out"),
    ],
)
def test_one_leaves_from_the_start_until_half_an_hour_after_the_end(
    clock: str, outcome: str
) -> None:
    there = sitting(came=True)
    refused = refusal(lambda: tried(clock, on=there, kind=Kind.OUT))
    assert refused == (f"check_in_window_closed {outcome}" if outcome else "")
    if not outcome:
        verdict = tried(clock, on=there, kind=Kind.OUT)
        assert (verdict.late, verdict.flags) == (False, ())


def test_a_window_that_is_closed_says_when_it_was_open() -> None:
    with pytest.raises(DomainError) as refused:
        tried("7:00")
    facts = refused.value.facts
    assert (facts["opens"], facts["closes"]) == ("08:00", "10:00")
    assert facts["opens_at"] == "2026-12-07T08:00:00+08:00"


@pytest.mark.parametrize(
    ("wants", "opens", "on_time", "closes"),
    [
        (Wants(), "8:00", "8:45", "10:00"),
        (Wants(opens_before_min=0), "8:30", "8:45", "10:00"),
        (Wants(closes_after_min=0), "8:00", "8:30", "10:00"),
        (Wants(late_until_percent=0), "8:00", "8:45", "8:45"),
        (Wants(late_until_percent=100), "8:00", "8:45", "11:30"),
        # Nobody is refused while they are on time.
        (Wants(closes_after_min=120), "8:00", "10:30", "10:30"),
    ],
)
def test_a_class_sets_its_own_window(wants: Wants, opens: str, on_time: str, closes: str) -> None:
    window = window_of(sitting(wants=wants), Kind.IN)
    assert window == (type(window))(at(opens), at(on_time), at(closes))


# --- once --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stands", "offline", "refused"),
    [
        (known(), False, "check_in_already counted"),
        (known(), True, "check_in_already counted"),
        # What waits gives way to what counts, and to nothing else.
        (known(State.PENDING), False, ""),
        (known(State.PENDING), True, "check_in_already waits"),
        (known(State.PENDING, Channel.TEACHER), False, ""),
        (known(State.PENDING, Channel.TEACHER), True, "check_in_already waits"),
        # Nobody confirmed it within a day.
        (known(State.PENDING, Channel.TEACHER, hours=25), True, ""),
        (known(State.PENDING, Channel.PAPER, hours=25), True, ""),
        (known(State.PENDING, Channel.MINI, hours=25), True, "check_in_already waits"),
    ],
)
def test_one_comes_once(stands: Any, offline: bool, refused: str) -> None:
    on = sitting(known=stands)
    assert refusal(lambda: tried(on=on, offline=offline)) == refused
    if not refused:
        assert tried(on=on, offline=offline).over is stands


@pytest.mark.parametrize(
    ("channel", "state", "hours", "lapsed"),
    [
        (Channel.TEACHER, State.PENDING, 24, False),
        (Channel.TEACHER, State.PENDING, 24.01, True),
        (Channel.PAPER, State.PENDING, 24.01, True),
        (Channel.MINI, State.PENDING, 240, False),
        (Channel.TEACHER, State.COUNTED, 240, False),
        (Channel.TEACHER, State.LAPSED, 0, True),
    ],
)
def test_what_is_entered_for_others_lapses_after_a_day(
    channel: Channel, state: State, hours: float, lapsed: bool
) -> None:
    assert has_lapsed(channel, state, STARTS, STARTS + timedelta(hours=hours)) is lapsed


# --- the code, and in which order one is refused -----------------------------------------------


def test_a_wrong_code_is_refused() -> None:
    assert refusal(lambda: tried(code_right=False)) == "check_in_wrong_code"


FAULTS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("check_in_not_enrolled", {"enrolment": None}, {}),
    ("check_in_window_closed", {"class_status": "cancelled"}, {}),
    ("check_in_already", {"known": known()}, {}),
    ("check_in_window_closed", {}, {"clock": "7:00"}),
    ("check_in_wrong_code", {}, {"code_right": False}),
    ("check_in_device_used", {"device_taken": True}, {}),
    ("check_in_too_far", {"wants": Wants(refuses_far=True)}, {"place": north(9000)}),
]


@pytest.mark.parametrize("first", range(len(FAULTS)))
def test_the_first_fault_is_told(first: int) -> None:
    """Whatever else is wrong."""
    on: dict[str, Any] = {}
    how: dict[str, Any] = {}
    for _, of_sitting, of_attempt in FAULTS[first:]:
        on |= of_sitting
        how |= of_attempt
    clock = how.pop("clock", "8:20")
    refused = refusal(lambda: tried(clock, on=sitting(**on), **how))
    assert refused.split()[0] == FAULTS[first][0]


def misses(*minutes: float) -> tuple[int, int | None]:
    """After wrong codes at these minutes: how many more there may be, and minutes of the pause."""
    times: list[datetime] = []
    left, paused = 5, None
    for minute in minutes:
        now = STARTS + timedelta(minutes=minute)
        times, paused, left = add_miss(times, now)
    return left, None if paused is None else round((paused - STARTS).total_seconds() / 60)


@pytest.mark.parametrize(
    ("minutes", "left", "paused"),
    [
        ((0,), 4, None),
        ((0, 1, 2, 3), 1, None),
        ((0, 1, 2, 3, 4), 0, 19),
        ((0, 0, 0, 0, 0), 0, 15),
        # The first is forgotten after ten minutes; any ten are looked at, not the first ten.
        ((0, 1, 2, 3, 9.9), 0, 25),
        ((0, 1, 2, 3, 10), 1, None),
        ((0, 7, 8, 9, 10.5), 1, None),
        ((0, 7, 8, 9, 10.5, 11), 0, 26),
        # Behind the pause one begins anew.
        ((0, 1, 2, 3, 4, 19), 4, None),
    ],
)
def test_five_wrong_codes_in_ten_minutes_begin_a_pause(
    minutes: tuple[float, ...], left: int, paused: int | None
) -> None:
    assert misses(*minutes) == (left, paused)


def test_a_pause_ends_on_its_minute() -> None:
    until = STARTS + timedelta(minutes=15)
    just_before = until - timedelta(seconds=0.2)
    assert refusal(lambda: require_not_paused(until, just_before)) == "check_in_paused"
    assert refusal(lambda: require_not_paused(until, until)) == ""
    assert refusal(lambda: require_not_paused(None, STARTS)) == ""
    with pytest.raises(DomainError) as refused:
        require_not_paused(until, STARTS)
    assert refused.value.facts["retry_after"] == 900
    assert refused.value.facts["until"] == "2026-12-07T08:45:00+08:00"


@pytest.mark.parametrize(
    ("until", "again"), [("10:00", "10:00"), ("10:00:01", "10:01"), ("10:00:59", "10:01")]
)
def test_whoever_is_told_a_minute_is_not_refused_in_it(until: str, again: str) -> None:
    with pytest.raises(DomainError) as paused:
        require_not_paused(at(until), at("9:50"))
    assert paused.value.facts["again"] == again


# --- clocks ------------------------------------------------------------------------------------

_DAY, _SECOND = timedelta(days=1), timedelta(seconds=1)
_FIRST, _LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("taken_at", "moment"),
    [
        (STARTS - _DAY, STARTS - _DAY),
        (STARTS - _DAY - _SECOND, "check_in_window_closed offline"),
        (STARTS, STARTS),
        # A phone's clock may go ahead a little; what no screen has shown yet is right nowhere.
        (STARTS + _SECOND, STARTS),
        (STARTS + 120 * _SECOND, STARTS),
        (STARTS + 121 * _SECOND, "check_in_window_closed clock"),
        (_FIRST.replace(tzinfo=timezone(timedelta(hours=14))), "check_in_window_closed offline"),
        (_LAST.replace(tzinfo=timezone(timedelta(hours=-12))), "check_in_window_closed clock"),
    ],
)
def test_the_moment_of_what_was_kept_offline(taken_at: datetime, moment: Any) -> None:
    if isinstance(moment, str):
        assert refusal(lambda: moment_of(taken_at, None, STARTS)) == moment
    else:
        assert moment_of(taken_at, None, STARTS) == moment


@pytest.mark.parametrize("wrong", [timedelta(), -20 * _SECOND, 20 * _SECOND, timedelta(days=400)])
@pytest.mark.parametrize(
    ("ago", "moment"),
    [
        (timedelta(), STARTS),
        (_DAY, STARTS - _DAY),
        (_DAY + _SECOND, "check_in_window_closed offline"),
        (-60 * _SECOND, STARTS),
        (-121 * _SECOND, "check_in_window_closed clock"),
    ],
)
def test_a_phone_whose_clock_is_wrong_says_how_long_ago_it_was(
    wrong: timedelta, ago: timedelta, moment: Any
) -> None:
    sent_at = STARTS + wrong
    if isinstance(moment, str):
        assert refusal(lambda: moment_of(sent_at - ago, None, STARTS, sent_at=sent_at)) == moment
    else:
        assert moment_of(sent_at - ago, None, STARTS, sent_at=sent_at) == moment


def test_the_moment_of_what_comes_at_once_or_was_typed_before() -> None:
    assert moment_of(None, None, STARTS) == STARTS
    typed = STARTS - timedelta(minutes=10)
    assert moment_of(None, typed, STARTS) == typed
    assert refusal(lambda: moment_of(None, typed - _SECOND, STARTS)) == (
        "check_in_window_closed typed"
    )


def test_a_phones_clock_is_kept_as_long_as_it_is_a_time() -> None:
    assert tidy_clock(None) is None
    assert tidy_clock(STARTS) == STARTS
    assert tidy_clock(_FIRST) == _FIRST
    assert tidy_clock(_FIRST.replace(tzinfo=timezone(timedelta(hours=14)))) is None
    assert tidy_clock(_LAST.replace(tzinfo=timezone(timedelta(hours=-12)))) is None


# --- which session -----------------------------------------------------------------------------

MORNING = sitting(id=UUID(int=1))
AFTERNOON = sitting(
    id=UUID(int=2), starts_at=STARTS + timedelta(hours=5), ends_at=ENDS + timedelta(hours=5)
)


@pytest.mark.parametrize(
    ("right", "clock", "chosen"),
    [
        ([], "8:20", None),
        ([MORNING], "8:20", MORNING),
        ([AFTERNOON], "8:20", AFTERNOON),
        ([MORNING, AFTERNOON], "8:20", MORNING),
        ([MORNING, AFTERNOON], "13:20", AFTERNOON),
        ([MORNING, AFTERNOON], "6:00", MORNING),
    ],
)
def test_a_code_finds_its_session(right: list[Sitting], clock: str, chosen: Sitting | None) -> None:
    ids = {one.id for one in right}
    assert choose_sitting([MORNING, AFTERNOON], ids, Kind.IN, at(clock)) is chosen


@pytest.mark.parametrize(
    ("clock", "opens"), [("6:00", "08:00"), ("10:10", "08:00"), ("12:30", "13:00"), ("8:20", "")]
)
def test_no_code_is_wrong_while_nothing_is_open(clock: str, opens: str) -> None:
    """The window that is nearest is told."""
    try:
        require_some_open([MORNING, AFTERNOON], Kind.IN, at(clock))
    except DomainError as error:
        assert (error.code, error.facts["opens"]) == ("check_in_window_closed", opens)
    else:
        assert opens == ""


def test_whoever_is_in_no_class_has_no_window() -> None:
    require_some_open([], Kind.IN, STARTS)
