"""What a trainee made of the final tests of their classes, for themselves."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.actor import Trainee
from domain.errors import DomainError
from models.enrolments import Enrolment
from models.final_tests import TestResult


@dataclass(frozen=True, slots=True)
class OwnResult:
    """kind, result: models.final_tests. certificate: its number, "" where none was given."""

    kind: str
    held_on: date
    result: str
    certificate: str


async def list_own_results(actor: Trainee, enrolment_id: UUID) -> list[OwnResult]:
    """The actor's results in one class, the first test first. Raises DomainError not_found."""
    if not await Enrolment.exists(id=enrolment_id, person_id=actor.id):
        raise DomainError("not_found")
    return [one for _, one in await find_results([enrolment_id])]


async def find_results(enrolments: Collection[UUID]) -> list[tuple[UUID, OwnResult]]:
    """(enrolment, result), the first test first; the caller has asked whose they are."""
    rows = await TestResult.filter(enrolment_id__in=list(enrolments)).prefetch_related("test")
    found = [
        (
            row.enrolment_id,
            OwnResult(row.test.kind, row.test.held_on, row.result, row.certificate),
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (one[1].held_on, one[1].kind))
