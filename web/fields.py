"""Which fields of an input do not fit, from pydantic's own report, told without what was sent.

The report holds the input itself and, in a few kinds of fault, its words: neither may come
back to a log or a page, so only the place, the kind and the limits are kept.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from pydantic import ValidationError

from domain.errors import DomainError
from web.words import fill

#: How aiohttp-pydantic calls the part of a request, and how we do.
_PLACES = {"query string": "query", "headers": "header", "path": "path", "body": "body"}
#: Faults that aiohttp-pydantic names in its own way.
_REASONS = {"type_error.dict": "dict_type"}
_MAX_FIELDS = 50
_MAX_NAME = 100


class Field(TypedDict):
    """One field that does not fit. `reason` is pydantic's name for the fault."""

    field: str
    place: str
    reason: str
    limits: dict[str, int | float]


def fields_of(report: ValidationError | str, place: str) -> list[Field]:
    """The fields that `report` names: a ValidationError or aiohttp-pydantic's JSON list of it."""
    if isinstance(report, ValidationError):
        errors: Sequence[Mapping[str, Any]] = report.errors(include_url=False, include_input=False)
    else:
        errors = json.loads(report)
    return [
        Field(
            field=".".join(str(part) for part in error["loc"] if part != "__root__")[:_MAX_NAME],
            place=_PLACES.get(str(error.get("in", place)), place),
            reason=_REASONS.get(error["type"], str(error["type"])),
            limits={
                name: limit
                for name, limit in error.get("ctx", {}).items()
                if isinstance(limit, int | float)
            },
        )
        for error in errors[:_MAX_FIELDS]
    ]


def refuse_field(
    field: str, reason: str, *, place: str = "body", **limits: int | float
) -> DomainError:
    """The invalid_input for one field that does not fit, to be raised."""
    told = Field(field=field[:_MAX_NAME], place=place, reason=reason, limits=limits)
    return DomainError("invalid_input", fields=[told])


def describe_fields(texts: Mapping[str, str], fields: Sequence[Field]) -> list[dict[str, str]]:
    """Each field as {"field", "in", "reason", "text"}, the text in the person's words."""
    other = texts.get("errors.fields.other", "")
    return [
        {
            "field": field["field"],
            "in": field["place"],
            "reason": field["reason"],
            "text": fill(texts.get(f"errors.fields.{field['reason']}", other), field["limits"]),
        }
        for field in fields
    ]
