"""What an office says of a class when it agrees that it opens; kept with that step's line in the
class's history, which never changes. What was wrong in it a later line puts right (correcting.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.actor import Actor
from domain.audit.rules import Fact
from domain.errors import DomainError
from domain.permissions import Permission, Reach, reach_of
from domain.training.life import Step
from models.training import TrainingClass

#: The kind of the line that puts it right.
CORRECT = "correct"
#: Of lines in a class's history: the last one of these says what holds.
SAYS = frozenset({Step.APPROVE.value, CORRECT})
#: Characters of a filing number.
LONGEST_NUMBER = 60


@dataclass(frozen=True, slots=True)
class Given:
    """filing_number: the office's own number of the filing (备案号), "" where it gives none.
    city_run: the city itself organises the project (市直, P32-A2)."""

    filing_number: str = ""
    city_run: bool = False

    @property
    def number(self) -> str:
        """The filing number without blanks around, on one line."""
        return " ".join(self.filing_number.split())

    @property
    def facts(self) -> Mapping[str, Fact]:
        """As the step's line keeps them: what was not said is left out."""
        return {
            **({"filing_number": self.number} if self.number else {}),
            **({"city_run": True} if self.city_run else {}),
        }


def given_in(lines: Sequence[tuple[str, Mapping[str, object]]]) -> Given:
    """What holds by a class's history: (kind, facts) of its lines, the oldest first."""
    said = [facts for kind, facts in lines if kind in SAYS]
    last = said[-1] if said else {}
    return Given(str(last.get("filing_number") or ""), bool(last.get("city_run")))


def may_run_by_city(actor: Actor, *, is_project: bool) -> bool:
    """Whether `actor` may say of a class that the city organises it: who decides in all counties,
    of a project class (项目制)."""
    return is_project and reach_of(actor, Permission.DECIDE_CLASS) is Reach.ALL


def require_given(actor: Actor, row: TrainingClass, given: Given) -> None:
    """Raises DomainError: no_permission for 市直 of a class that is no project, or by a county;
    class_details_wrong for a number that is too long."""
    if given.city_run and not may_run_by_city(actor, is_project=row.is_project):
        raise DomainError("no_permission")
    require_number(given)


def require_number(given: Given) -> None:
    """Raises DomainError class_details_wrong for a number that is too long."""
    if len(given.number) > LONGEST_NUMBER:
        raise DomainError("class_details_wrong", fields={"filing_number": "too_long"})
