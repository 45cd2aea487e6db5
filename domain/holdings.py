"""What is held of a person, until when, and what becomes of it when they ask for erasure.

Each area says it of its own records: it writes a Holder (its holdings.py) and adds a line to
domain/privacy/holders.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Protocol
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from content.schema import Content, Retention
from domain.vault import Vault

#: Kinds of records to how long they are kept (content/retention.yaml).
Periods = Mapping[str, Retention]


@dataclass(frozen=True, slots=True)
class Holding:
    """Some records of one kind.

    kind: a key of content/retention.yaml, which names it and says why. until: the day on which
    the last of them goes; None: as long as the person does not ask for erasure. survives: they
    stay until then though the person asks, with the name and ID that make them worth anything.
    """

    kind: str
    count: int
    until: date | None
    survives: bool = False


#: What says whose a record is: they stay as long as the last record that survives an erasure.
_NAMES = frozenset({"person", "consent"})


def keep_names(held: Sequence[Holding], today: date) -> list[Holding]:
    """`held`, where the name, the ID and the consent last as long as what is nothing without
    them."""
    days = [one.until for one in held if one.survives and (one.until is None or one.until >= today)]
    if not days:
        return list(held)
    known = [day for day in days if day is not None]
    until = max(known) if len(known) == len(days) else None
    return [replace(one, until=until, survives=True) if one.kind in _NAMES else one for one in held]


@dataclass(frozen=True, slots=True)
class Whose:
    """Of whom something is held: a person, or an identity that nobody is bound to.

    senders: the official account's blind indexes of them.
    """

    person: UUID | None
    identities: tuple[UUID, ...] = ()
    senders: tuple[bytes, ...] = ()


class Holder(Protocol):
    """An area's records of people; holds no state of its own."""

    async def list_held(self, whose: Whose, periods: Periods, now: datetime) -> list[Holding]:
        """What there is, nothing for what is not there."""

    async def copy(
        self, vault: Vault, whose: Whose
    ) -> Mapping[str, Sequence[Mapping[str, object]]]:
        """The same in clear, for the person alone: plain values under names of the area's own."""

    async def erase(
        self, connection: BaseDBAsyncClient, whose: Whose, periods: Periods, now: datetime
    ) -> None:
        """Delete what need not stay; in the transaction of the erasure."""


def periods_of(content: Content) -> Periods:
    """How long each kind is kept, as it is said at the moment."""
    return {period.kind: period for period in content.retention}


def keep_until(period: Retention | None, since: datetime | date) -> date | None:
    """The last day of something that is kept from `since` on; None: until erasure, or no rule."""
    if period is None or period.keep_days is None:
        return None
    day = since.date() if isinstance(since, datetime) else since
    return day + timedelta(days=period.keep_days)
