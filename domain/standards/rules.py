"""Which standard applies on a day. Pure."""

from collections.abc import Iterable
from datetime import date
from typing import Protocol, TypeVar

#: What tells standards apart: occupation, kind, level.
Key = tuple[str, str, str]


class Standard(Protocol):
    """What is read of a standard (models.standards.SubsidyStandard)."""

    @property
    def occupation(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def level(self) -> str: ...
    @property
    def valid_from(self) -> date: ...
    @property
    def valid_until(self) -> date | None: ...


_S = TypeVar("_S", bound=Standard)


def key_of(standard: Standard) -> Key:
    """Occupation, kind and level."""
    return standard.occupation, standard.kind, standard.level


def standard_on(standards: Iterable[_S], day: date) -> _S | None:
    """Of standards of one key the one that applies on `day`: the latest that has begun.

    It is not followed by an earlier one when it ends: what has been replaced stays replaced.
    """
    begun = [one for one in standards if one.valid_from <= day]
    if not begun:
        return None
    latest = max(begun, key=lambda one: one.valid_from)
    return latest if latest.valid_until is None or day <= latest.valid_until else None


def standards_on(standards: Iterable[_S], day: date) -> list[_S]:
    """Of standards of any key those that apply on `day`, by key."""
    by_key: dict[Key, list[_S]] = {}
    for one in standards:
        by_key.setdefault(key_of(one), []).append(one)
    found = (standard_on(own, day) for _, own in sorted(by_key.items()))
    return [one for one in found if one is not None]
