"""Where one checks in, on which phone, and what a phone kept while there was no network."""

from datetime import timedelta

import pytest

from domain.attendance.rules import Channel, Flag, Kind, Place, State, Wants, distance_m, is_far
from tests.unit.attendance.sittings import CLASSROOM, at, north, refusal, sitting, tried


@pytest.mark.parametrize(
    ("metres", "accuracy", "far"),
    [
        (300, 0, False),
        (301, 0, True),
        (301, None, True),
        (420, 120, False),
        (421, 120, True),
        (500, 200, False),
        (501, 200, True),
        # A phone that knows nothing is believed for so much and no more.
        (501, 5000, True),
        (301, -50, True),
    ],
)
def test_far_is_beyond_what_the_phone_can_be_mistaken(
    metres: float, accuracy: float | None, far: bool
) -> None:
    assert is_far(metres, accuracy) is far
    verdict = tried(place=north(metres), accuracy_m=accuracy)
    assert verdict.distance_m == metres
    assert verdict.flags == ((Flag.FAR,) if far else ())
    refusing = sitting(wants=Wants(refuses_far=True))
    refused = refusal(lambda: tried(on=refusing, place=north(metres), accuracy_m=accuracy))
    assert refused == ("check_in_too_far far" if far else "")


def test_a_distance_is_that_along_the_ground() -> None:
    """A minute of arc along a meridian is a nautical mile; along a parallel it is shorter."""
    minute = Place(CLASSROOM.latitude + 1 / 60, CLASSROOM.longitude)
    assert distance_m(CLASSROOM, minute) == pytest.approx(1853, abs=1)
    east = Place(CLASSROOM.latitude, CLASSROOM.longitude + 1 / 60)
    assert distance_m(CLASSROOM, east) == pytest.approx(1853 * 0.8044, abs=2)
    assert distance_m(CLASSROOM, CLASSROOM) == 0


@pytest.mark.parametrize(
    ("wants", "held_at", "flags", "refused"),
    [
        (Wants(), CLASSROOM, (Flag.NO_PLACE,), ""),
        (Wants(wants_place=False), CLASSROOM, (), ""),
        (Wants(), None, (), ""),
        (Wants(refuses_far=True), CLASSROOM, (), "check_in_too_far no_place"),
        # Who is taught on a platform is nowhere (L09).
        (Wants(refuses_far=True), None, (), ""),
    ],
)
def test_who_does_not_say_where_they_are(
    wants: Wants, held_at: Place | None, flags: tuple[Flag, ...], refused: str
) -> None:
    on = sitting(wants=wants, place=held_at)
    assert refusal(lambda: tried(on=on, place=None)) == refused
    if not refused:
        verdict = tried(on=on, place=None)
        assert (verdict.distance_m, verdict.flags) == (None, flags)


@pytest.mark.parametrize(
    ("channel", "flags"), [(Channel.MINI, (Flag.NO_DEVICE,)), (Channel.CHAT, ())]
)
def test_a_mini_program_says_which_phone_it_is_on(
    channel: Channel, flags: tuple[Flag, ...]
) -> None:
    assert tried(channel=channel, has_device=False).flags == flags


def test_a_phone_that_checked_in_somebody_else_is_refused() -> None:
    assert refusal(lambda: tried(on=sitting(device_taken=True))) == "check_in_device_used"


def test_who_leaves_without_having_come_is_flagged() -> None:
    assert tried("11:00", kind=Kind.OUT).flags == (Flag.NO_IN,)


# --- kept while there was no network -----------------------------------------------------------


def test_what_was_kept_offline_waits_for_the_teacher() -> None:
    verdict = tried(offline=True, now=at("14:00"))
    assert (verdict.state, verdict.flags) == (State.PENDING, (Flag.OFFLINE,))
    assert not verdict.late
    assert tried("9:00", offline=True, now=at("14:00")).late


@pytest.mark.parametrize(
    ("hours", "refused"),
    [
        (0, ""),
        (24, ""),
        (24.001, "check_in_window_closed offline"),
        (-0.033, ""),
        (-0.034, "check_in_window_closed clock"),
    ],
)
def test_it_comes_within_a_day_and_not_from_tomorrow(hours: float, refused: str) -> None:
    now = at("8:20") + timedelta(hours=hours)
    assert refusal(lambda: tried(offline=True, now=now)) == refused


def test_its_window_is_that_of_then() -> None:
    assert refusal(lambda: tried("7:59", offline=True, now=at("8:20"))).endswith("early_in")
