"""Reads of the subsidy standards."""

from dataclasses import fields
from datetime import date

from tortoise.queryset import QuerySet

from domain.standards import rules
from domain.standards.rules import Standard
from models.standards import SubsidyStandard


async def find_standard(occupation: str, kind: str, level: str, day: date) -> Standard | None:
    """The one that applies on `day`; None where there is none."""
    query = SubsidyStandard.filter(
        occupation=occupation, kind=kind, level=level, valid_from__lte=day
    )
    return rules.standard_on(await _view(query), day)


async def list_standards(day: date, occupation: str = "") -> list[Standard]:
    """All that apply on `day`, by occupation, kind and level; with `occupation` only its own."""
    query = SubsidyStandard.filter(valid_from__lte=day)
    if occupation:
        query = query.filter(occupation=occupation)
    return rules.standards_on(await _view(query), day)


async def _view(query: QuerySet[SubsidyStandard]) -> list[Standard]:
    names = [one.name for one in fields(Standard)]
    return [Standard(**values) for values in await query.values(*names)]
