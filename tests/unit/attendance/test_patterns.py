"""What looks alike, and what does not yet."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from domain.attendance.patterns import Alike, Pattern, Trace, find_patterns
from domain.attendance.rules import Kind
from tests.unit.attendance.sittings import STARTS

FIRST, SECOND = UUID(int=1), UUID(int=2)
PEOPLE = [UUID(int=100 + number) for number in range(6)]


def trace(person: int, *, session: UUID = FIRST, seconds: float = 0, **left: Any) -> Trace:
    """Of somebody, so many seconds after the start; each at another second and place."""
    own = {"address": bytes([person]) * 16, "place": bytes([person]) * 16}
    made_at = STARTS + timedelta(seconds=seconds or 10 * person)
    return Trace(PEOPLE[person], session, Kind.IN, made_at, **(own | left))


def kinds(*traces: Trace) -> list[Alike]:
    return [one.alike for one in find_patterns(traces)]


def test_people_each_for_themselves_are_not_alike() -> None:
    assert kinds(*(trace(number, device=bytes([number])) for number in range(6))) == []


def test_one_phone_for_two_over_sessions() -> None:
    found = find_patterns([trace(0, device=b"p"), trace(1, session=SECOND, device=b"p")])
    assert found == [Pattern(Alike.DEVICE, PEOPLE[:2])]
    assert kinds(trace(0, device=b"p"), trace(0, session=SECOND, device=b"p")) == []


def test_three_in_one_second() -> None:
    close = [trace(number, seconds=5 + number / 10) for number in range(3)]
    (found,) = find_patterns(close)
    assert found == Pattern(Alike.SECOND, PEOPLE[:3], FIRST, STARTS + timedelta(seconds=5))
    assert kinds(*close[:2]) == []
    # In another session, or a second later, it is another group.
    assert kinds(*close[:2], trace(2, session=SECOND, seconds=5)) == []
    assert kinds(*close[:2], trace(2, seconds=6)) == []


def test_three_at_one_place_to_a_metre() -> None:
    (found,) = find_patterns([trace(number, place=b"here") for number in range(3)])
    assert found == Pattern(Alike.PLACE, PEOPLE[:3], FIRST)
    assert kinds(trace(0, place=b"here"), trace(1, place=b"here")) == []
    assert kinds(*(trace(number, place=None) for number in range(3))) == []


def test_one_address_for_everybody_of_five() -> None:
    home = [trace(number, address=b"home") for number in range(5)]
    assert find_patterns(home) == [Pattern(Alike.ADDRESS, PEOPLE[:5], FIRST)]
    assert kinds(*home[:4]) == []
    assert kinds(*home, trace(5, address=b"elsewhere")) == []
    # Who comes by chat has none, and hides nobody's.
    assert kinds(*home, trace(5, address=None)) == [Alike.ADDRESS]
    assert kinds(*home[:4], trace(5, address=None)) == []
    assert kinds(*(trace(number, address=None) for number in range(6))) == []
