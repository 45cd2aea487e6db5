"""Reads of the subsidy standards."""

from datetime import date

from domain.standards import rules
from models.standards import SubsidyStandard


async def find_standard(
    occupation: str, kind: str, level: str, day: date
) -> SubsidyStandard | None:
    """The one that applies on `day`; None where there is none."""
    query = SubsidyStandard.filter(
        occupation=occupation, kind=kind, level=level, valid_from__lte=day
    )
    return rules.standard_on(await query, day)


async def list_standards(day: date, occupation: str = "") -> list[SubsidyStandard]:
    """All that apply on `day`, by occupation, kind and level; with `occupation` only its own."""
    query = SubsidyStandard.filter(valid_from__lte=day)
    if occupation:
        query = query.filter(occupation=occupation)
    return rules.standards_on(await query, day)
