"""What an office says of a class when it agrees that it opens; kept with that step's line in the
class's history, which never changes."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.actor import Actor
from domain.audit.rules import Fact
from domain.errors import DomainError
from domain.permissions import Permission, Reach, reach_of
from models.training import TrainingClass

#: Characters of a filing number.
LONGEST_NUMBER = 60


@dataclass(frozen=True, slots=True)
class Given:
    """filing_number: the office's own number of the filing (备案号), "" where it gives none.
    city_run: the city itself organises the project (市直, P32-A2)."""

    filing_number: str = ""
    city_run: bool = False

    @property
    def facts(self) -> Mapping[str, Fact]:
        """As the step's line keeps them: what was not said is left out."""
        number = " ".join(self.filing_number.split())
        return {
            **({"filing_number": number} if number else {}),
            **({"city_run": True} if self.city_run else {}),
        }


def may_run_by_city(actor: Actor, *, is_project: bool) -> bool:
    """Whether `actor` may say of a class that the city organises it: who decides in all counties,
    of a project class (项目制)."""
    return is_project and reach_of(actor, Permission.DECIDE_CLASS) is Reach.ALL


def require_given(actor: Actor, row: TrainingClass, given: Given) -> None:
    """Raises DomainError: no_permission for 市直 of a class that is no project, or by a county;
    class_details_wrong for a number that is too long."""
    if given.city_run and not may_run_by_city(actor, is_project=row.is_project):
        raise DomainError("no_permission")
    if len(given.filing_number.strip()) > LONGEST_NUMBER:
        raise DomainError("class_details_wrong", fields={"filing_number": "too_long"})
