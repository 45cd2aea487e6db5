"""The life of a class: what may follow what, and by whom, in one table."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum

from domain.errors import DomainError


class Status(StrEnum):
    """Where a class stands; models.training.STATUSES."""

    DRAFT = "draft"
    RECRUITING = "recruiting"
    FILED = "filed"
    APPROVED = "approved"
    RETURNED = "returned"
    OPEN = "open"
    ENDED = "ended"
    ARCHIVED = "archived"
    CANCELLED = "cancelled"


class Step(StrEnum):
    """What moves a class on."""

    #: 开始招生
    RECRUIT = "recruit"
    #: 交备案
    FILE = "file"
    #: 同意开班
    APPROVE = "approve"
    #: 退回修改
    RETURN = "return"
    #: 开班
    OPEN = "open"
    #: 结业
    END = "end"
    #: 归档
    ARCHIVE = "archive"
    #: 取消
    CANCEL = "cancel"


class Side(Enum):
    """On which side of the counter somebody stands towards a class."""

    #: The institution or firm that holds it.
    HOLDER = "holder"
    #: The office that it is filed with.
    OFFICER = "officer"


#: A line a status, a column a step: `after/by`, by h the holder, o an officer, b either.
#: Enrol before training, file before opening (L11): nothing leads to `open` but `approved`, and
#: nothing to `approved` but `filed`. What people are being taught in only an officer stops; what
#: has ended stays, for money was spent on it.
_LIFE = """
            recruit       file     approve     return      open    end      archive     cancel
draft       recruiting/h  -        -           -           -       -        -           cancelled/h
recruiting  -             filed/h  -           -           -       -        -           cancelled/b
filed       -             -        approved/o  returned/o  -       -        -           cancelled/h
returned    -             filed/h  -           -           -       -        -           cancelled/b
approved    -             -        -           -           open/h  -        -           cancelled/b
open        -             -        -           -           -       ended/h  -           cancelled/o
ended       -             -        -           -           -       -        archived/o  -
archived    -             -        -           -           -       -        -           -
cancelled   -             -        -           -           -       -        -           -
"""

_SIDES = {
    "h": frozenset({Side.HOLDER}),
    "o": frozenset({Side.OFFICER}),
    "b": frozenset({Side.HOLDER, Side.OFFICER}),
}

#: Steps that need a reason, which the other side reads.
NEED_REASON = frozenset({Step.RETURN, Step.CANCEL})


@dataclass(frozen=True, slots=True)
class Way:
    """Where a step leads to, and who may take it."""

    after: Status
    by: frozenset[Side]


def _read(table: str) -> Iterator[tuple[Status, dict[Step, Way]]]:
    head, *lines = (line.split() for line in table.strip().splitlines())
    for before, *cells in lines:
        ways = {}
        for step, cell in zip(head, cells, strict=True):
            if cell != "-":
                after, by = cell.split("/")
                ways[Step(step)] = Way(Status(after), _SIDES[by])
        yield Status(before), ways


WAYS: Mapping[Status, Mapping[Step, Way]] = dict(_read(_LIFE))


def steps_from(status: Status, sides: frozenset[Side]) -> list[Step]:
    """The steps that somebody on these sides may take from here, in the table's order."""
    return [step for step, way in WAYS[status].items() if way.by & sides]


def take_step(status: Status, step: Step, sides: frozenset[Side], reason: str = "") -> Status:
    """Where `step` leads from `status`.

    Raises DomainError: class_step_refused where it leads nowhere from here, no_permission where
    it is the other side's, class_reason_needed.
    """
    way = WAYS[status].get(step)
    if way is None:
        raise DomainError("class_step_refused", step=step.value, status=status.value)
    if not way.by & sides:
        raise DomainError("no_permission")
    if step in NEED_REASON and not reason.strip():
        raise DomainError("class_reason_needed", step=step.value)
    return way.after


#: The roster has frozen: joining and leaving are amendments that name who allowed them.
FROZEN = frozenset({Status.FILED, Status.APPROVED, Status.OPEN, Status.ENDED, Status.ARCHIVED})
#: A suspension of the institution flags these (L12).
RUNNING = frozenset({Status.APPROVED, Status.OPEN})
#: Sessions may be moved and the teacher replaced, with a reason.
HELD = frozenset({Status.APPROVED, Status.OPEN})
#: All that is written of a class may be changed, but for what people have enrolled for.
EDITABLE = frozenset({Status.DRAFT, Status.RECRUITING, Status.RETURNED})
#: The videos and tests of these are taken.
TAKES_PROOF = frozenset({Status.OPEN, Status.ENDED})

#: What people have enrolled for, and were told the rules of (L12).
_ENROLLED_FOR = frozenset({"programme", "occupation", "level", "county"})
#: Which office decides: once filed, a class goes to no other.
_FILED_WITH = frozenset({"county"})
#: What may change while a class is held.
_REPLACEABLE = frozenset({"teacher"})


def require_changeable(status: Status, fields: frozenset[str], *, people: int = 0) -> None:
    """`people`: who has a place in the class. Raises DomainError class_unchangeable, which names
    those of `fields` that are fixed."""
    if status is Status.DRAFT:
        fixed: frozenset[str] = frozenset()
    elif status is Status.RECRUITING:
        fixed = fields & _ENROLLED_FOR
    elif status is Status.RETURNED:
        fixed = fields & (_ENROLLED_FOR if people else _FILED_WITH)
    elif status in HELD:
        fixed = fields - _REPLACEABLE
    else:
        fixed = fields
    if fixed:
        raise DomainError("class_unchangeable", status=status.value, fields=sorted(fixed))
