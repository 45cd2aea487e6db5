"""Which standard applies on a day. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

#: What tells standards apart: occupation, kind, level.
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Standard:
    """What is paid for an occupation, kind and level from a day on;
    models.standards.SubsidyStandard has the fields' meaning."""

    occupation: str
    kind: str
    level: str
    hours: int
    amount_fen: int
    valid_from: date
    valid_until: date | None
    document: str
    is_example: bool

    @property
    def key(self) -> Key:
        """What tells it apart from others."""
        return self.occupation, self.kind, self.level


def standard_on(standards: Iterable[Standard], day: date) -> Standard | None:
    """Of standards of one key the one that applies on `day`: the latest that has begun.

    It is not followed by an earlier one when it ends: what has been replaced stays replaced.
    """
    begun = [one for one in standards if one.valid_from <= day]
    if not begun:
        return None
    latest = max(begun, key=lambda one: one.valid_from)
    return latest if latest.valid_until is None or day <= latest.valid_until else None


def standards_on(standards: Iterable[Standard], day: date) -> list[Standard]:
    """Of standards of any key those that apply on `day`, by key."""
    by_key: dict[Key, list[Standard]] = {}
    for one in standards:
        by_key.setdefault(one.key, []).append(one)
    found = (standard_on(own, day) for _, own in sorted(by_key.items()))
    return [one for one in found if one is not None]
