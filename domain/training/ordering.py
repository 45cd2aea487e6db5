"""In which order those see a list of classes who work on it: what waits for them, then what is
current by its first day, then what is over, the latest first."""

from collections.abc import Mapping
from datetime import date

from tortoise.expressions import RawSQL

from domain.actor import Actor
from domain.permissions import Permission, may
from domain.training.life import Status

#: For domain.paging.after, with the columns of `compute_order`.
ORDER = ("rank", "nearness")
#: After what is current, in this order.
_OVER = (Status.ENDED, Status.ARCHIVED, Status.CANCELLED)
#: Behind every day that there is.
_SOME_DAY = 10_000_000


def compute_order(actor: Actor, today: date) -> Mapping[str, RawSQL]:
    """The columns of ORDER. rank: 0 for what waits for `actor`. nearness: days, smallest first."""
    status, starts_on = "training_classes.status", "training_classes.starts_on"
    over = "".join(
        f" WHEN {status} = '{one.value}' THEN {rank}" for rank, one in enumerate(_OVER, 2)
    )
    rank = f"CASE WHEN {_waits_for(actor, today)} THEN 0{over} ELSE 1 END"
    days = f"coalesce({starts_on} - DATE '2000-01-01', {_SOME_DAY})"
    past = ", ".join(f"'{one.value}'" for one in _OVER)
    nearness = f"CASE WHEN {status} IN ({past}) THEN -{days} ELSE {days} END"
    return {"rank": RawSQL(rank), "nearness": RawSQL(nearness)}


def _waits_for(actor: Actor, today: date) -> str:
    """Which classes are `actor`'s to take on: a condition."""
    status = "training_classes.status"
    if may(actor, Permission.DECIDE_CLASS):
        return f"{status} = '{Status.FILED.value}'"
    if may(actor, Permission.FILE_CLASS):
        mine = f"{status} IN ('{Status.DRAFT.value}', '{Status.RETURNED.value}')"
        due = f"training_classes.starts_on <= DATE '{today.isoformat()}'"
        return f"({mine} OR ({status} = '{Status.APPROVED.value}' AND {due}))"
    return "false"
