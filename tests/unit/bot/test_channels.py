"""How often the service may write unasked, and for how long (客服消息, protocol.md section 3)."""

from datetime import datetime, timedelta

import pytest

from domain.calendar import LOCAL
from domain.messaging.rules import Contact, customer_service_messages_left

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=LOCAL)
SECOND = timedelta(seconds=1)
TWO_DAYS = 48 * 3600


def left(contacts: list[tuple[str, int]], sent: list[int], seconds: int) -> int | None:
    """Contacts and sendings in seconds after noon."""
    return customer_service_messages_left(
        [Contact(opened_by, NOON + at * SECOND) for opened_by, at in contacts],
        [NOON + at * SECOND for at in sent],
        NOON + seconds * SECOND,
    )


@pytest.mark.parametrize(
    ("opened_by", "sent", "seconds", "expected"),
    [
        ("message", 0, 0, 5),
        ("message", 4, TWO_DAYS - 6, 1),
        ("message", 5, 10, 0),
        ("message", 9, 10, 0),
        ("message", 0, TWO_DAYS - 4, None),
        ("message", 0, -4, 5),
        ("message", 0, -6, None),
        ("touch", 0, 54, 3),
        ("touch", 3, 4, 0),
        ("touch", 0, 56, None),
    ],
)
def test_one_contact(opened_by: str, sent: int, seconds: int, expected: int | None) -> None:
    assert left([(opened_by, 0)], [*range(sent)], seconds) == expected


def test_what_went_out_before_a_contact_does_not_count() -> None:
    assert left([("message", 100)], [1, 2, 3, 4, 5], 200) == 5
    assert left([("message", 100)], [1, 2, 3, 100, 101], 200) == 3


def test_the_better_of_two_channels_counts() -> None:
    assert left([("message", 0), ("touch", 1000)], [10, 20, 30, 40, 50], 1010) == 3
    assert left([("message", 0), ("touch", 1000)], [10], 1010) == 4
    assert left([("message", 0), ("touch", 1000)], [10], 1100) == 4, "the touch is over"
    assert left([("message", 0), ("touch", 1000)], [1001, 1002, 1003, 1004, 1005], 1010) == 0


def test_without_a_contact_nobody_is_written_to() -> None:
    assert left([], [], 0) is None
