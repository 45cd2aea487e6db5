"""Check-ins that a phone has kept while there was no network."""

import asyncio
from datetime import timedelta

from domain.attendance.rules import Flag, Kind, State
from domain.errors import DomainError
from models.attendance import CheckIn, CodeMisses
from tests.integration.attendance.conftest import (
    ENDS,
    NOW,
    HoldClass,
    Join,
    Screen,
    refused,
)
from tests.integration.attendance.conftest import CheckIn as Come


async def test_what_comes_within_a_day_waits_and_comes_once(
    hold_class: HoldClass, join: Join, come: Come
) -> None:
    row, session = await hold_class()
    who, later = await join(row), NOW + timedelta(hours=24)
    sent = {"taken_at": NOW, "client_id": "a1", "now": later}
    first = await come(who, session, **sent)
    assert (first.at, first.state, first.flags) == (NOW, State.PENDING, [Flag.OFFLINE])
    assert await come(who, session, **sent) == first
    kept = await CheckIn.get()
    assert (kept.at, kept.phone_at, kept.made_at) == (NOW, NOW, later)


async def test_what_comes_later_or_from_tomorrow_is_refused(
    hold_class: HoldClass, join: Join, come: Come
) -> None:
    row, session = await hold_class()
    who = await join(row)
    late = NOW + timedelta(hours=24, seconds=1)
    answer = await refused(come(who, session, taken_at=NOW, now=late))
    assert answer == "check_in_window_closed offline"
    ahead = NOW + timedelta(minutes=5)
    answer = await refused(come(who, session, taken_at=ahead, now=NOW))
    assert answer == "check_in_window_closed clock"


async def test_what_no_screen_has_shown_yet_is_right_nowhere(
    hold_class: HoldClass, join: Join, come: Come, screen: Screen
) -> None:
    """Not even from a clock that goes ahead as little as clocks do."""
    row, session = await hold_class()
    who, ahead = await join(row), NOW + timedelta(seconds=100)
    code = screen.code(session, ahead)
    answer = await refused(come(who, session, code=code, taken_at=ahead, now=NOW))
    assert answer == "check_in_wrong_code left"
    done = await come(who, session, code=screen.code(session), taken_at=ahead, now=NOW)
    assert (done.at, done.state) == (NOW, State.PENDING)


async def test_no_code_is_searched_for_where_nothing_is_counted(
    hold_class: HoldClass, join: Join, come: Come, screen: Screen
) -> None:
    """While none of one's own is open, others' codes are as unknown as any, whenever they are."""
    row, _ = await hold_class()
    later = NOW + timedelta(hours=10)
    _, other = await hold_class("育婴员第1期", starts=later, ends=later + timedelta(hours=2))
    who = await join(row)
    for code in (screen.code(other, later), screen.wrong(other, later)):
        assert await refused(come(who, code=code, now=later)) == "check_in_window_closed over_in"
        answer = await refused(come(who, code=code, taken_at=later, now=NOW))
        assert answer == "check_in_window_closed clock"
    assert await CodeMisses.all().count() == 0


async def test_its_code_is_that_of_then(
    hold_class: HoldClass, join: Join, come: Come, screen: Screen
) -> None:
    row, session = await hold_class()
    who, later = await join(row), NOW + timedelta(hours=1)
    code = screen.code(session, later)
    answer = await refused(come(who, session, code=code, taken_at=NOW, now=later))
    assert answer == "check_in_wrong_code left"


async def test_a_phone_whose_clock_is_slow_is_believed_how_long_ago_it_was(
    hold_class: HoldClass, join: Join, come: Come, screen: Screen
) -> None:
    row, session = await hold_class()
    who, slow, hour = await join(row), timedelta(minutes=7), timedelta(hours=1)
    sent = {
        "code": screen.code(session),
        "taken_at": NOW - slow,
        "phone_at": NOW + hour - slow,
        "now": NOW + hour,
    }
    done = await come(who, session, **sent)
    assert (done.at, done.state) == (NOW, State.PENDING)
    assert (await CheckIn.get()).phone_at == NOW - slow


async def test_another_check_in_under_a_client_id_is_not_the_first(
    hold_class: HoldClass, join: Join, come: Come
) -> None:
    row, session = await hold_class()
    _, other = await hold_class("育婴员第1期")
    who = await join(row)
    await come(who, session, client_id="a1")
    again = {"client_id": "a1", "now": ENDS}
    assert await refused(come(who, session, kind=Kind.OUT, **again)) == "idempotency_key_reused"
    assert await refused(come(who, other, **again)) == "idempotency_key_reused"
    assert (await come(who, session, **again)).kind is Kind.IN


async def test_coming_again_with_a_network_takes_the_place_of_what_waits(
    hold_class: HoldClass, join: Join, come: Come
) -> None:
    row, session = await hold_class()
    who, minute = await join(row), timedelta(minutes=1)
    await come(who, session, taken_at=NOW, now=NOW + minute, client_id="a1")
    done = await come(who, session, now=NOW + 2 * minute, client_id="a2")
    assert done.state is State.COUNTED
    states = dict(await CheckIn.all().values_list("client_id", "state"))
    assert states == {"a1": "replaced", "a2": "counted"}


async def test_what_two_send_in_place_of_one_is_one(
    hold_class: HoldClass, join: Join, come: Come
) -> None:
    row, session = await hold_class()
    who = await join(row)
    await come(who, session, taken_at=NOW, now=NOW)
    again = NOW + timedelta(minutes=1)
    outcomes = await asyncio.gather(
        *(come(who, session, now=again, device=f"p{one}") for one in range(6)),
        return_exceptions=True,
    )
    refusals = [one.code for one in outcomes if isinstance(one, DomainError)]
    assert refusals == ["check_in_already"] * 5
    states = sorted(one.state for one in await CheckIn.all())
    assert states == ["counted", "replaced"]


async def test_the_same_client_id_of_another_person_is_theirs(
    hold_class: HoldClass, join: Join, come: Come
) -> None:
    row, session = await hold_class()
    one = await come(await join(row, 1), session, client_id="a1")
    other = await come(await join(row, 2), session, client_id="a1")
    assert one.id != other.id
