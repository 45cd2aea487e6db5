"""A session as the rules are given it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from domain.attendance.rules import (
    Attempt,
    Channel,
    Kind,
    Known,
    Place,
    Sitting,
    State,
    Verdict,
    judge,
)
from domain.calendar import LOCAL
from domain.errors import DomainError

STARTS = datetime(2026, 12, 7, 8, 30, tzinfo=LOCAL)
#: Three hours: half time is 10:00.
ENDS = datetime(2026, 12, 7, 11, 30, tzinfo=LOCAL)
CLASSROOM = Place(36.4535, 115.9883)
#: Metres of a degree of latitude.
DEGREE_M = 6_371_000 * 3.141592653589793 / 180


def at(clock: str) -> datetime:
    """A time of the day of the session: "8:30" or "8:30:01"."""
    hour, minute, *second = (int(part) for part in clock.split(":"))
    return STARTS.replace(hour=hour, minute=minute, second=second[0] if second else 0)


def sitting(**changed: Any) -> Sitting:
    given: dict[str, Any] = {
        "id": UUID(int=1),
        "class_id": UUID(int=2),
        "title": "养老护理员第1期",
        "class_status": "open",
        "starts_at": STARTS,
        "ends_at": ENDS,
        "place": CLASSROOM,
        "enrolment": "confirmed",
    }
    return Sitting(**(given | changed))


def attempt(clock: str = "8:20", **changed: Any) -> Attempt:
    given: dict[str, Any] = {
        "kind": Kind.IN,
        "channel": Channel.MINI,
        "moment": at(clock),
        "place": CLASSROOM,
        "accuracy_m": 20,
    }
    return Attempt(**(given | changed))


def north(metres: float) -> Place:
    """So far north of the classroom."""
    return Place(CLASSROOM.latitude + metres / DEGREE_M, CLASSROOM.longitude)


def known(state: State = State.COUNTED, channel: Channel = Channel.MINI, hours: float = 0) -> Known:
    """A record of 8:05 that was written so many hours before it."""
    made = at("8:05") - timedelta(hours=hours)
    return Known(UUID(int=9), at("8:05"), made, channel, state)


def refusal(call: Callable[[], object]) -> str:
    """The code and the case of a refusal; "" where there is none."""
    try:
        call()
    except DomainError as error:
        return f"{error.code} {error.facts.get('about', '')}".strip()
    return ""


def tried(
    clock: str = "8:20",
    *,
    on: Sitting | None = None,
    code_right: bool = True,
    now: datetime | None = None,
    **how: Any,
) -> Verdict:
    one = attempt(clock, **how)
    return judge(on or sitting(), one, code_right=code_right, now=now or one.moment)
