"""What looks alike in check-ins (for officers to look at). Pure.

None of it proves anything by itself: a classroom has one address for all, and people who sit side
by side are at one place to a metre. It says where to look.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.attendance.rules import Kind

#: So many in one second, or at one place to a metre, are worth a look.
_MANY = 3
#: Of fewer people one address says nothing.
_MOST_OF_A_CLASS = 5


class Alike(StrEnum):
    """What is alike."""

    #: Several people on one phone, in different sessions of the class or coming and leaving.
    DEVICE = "device"
    SECOND = "second"
    PLACE = "place"
    #: Everybody who came to a session and whose address is known, from one.
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Trace:
    """What one check-in by a phone leaves. device, address, place: keyed digests."""

    person: UUID
    session: UUID
    kind: Kind
    made_at: datetime
    device: bytes | None = None
    address: bytes | None = None
    place: bytes | None = None


@dataclass(frozen=True, slots=True)
class Pattern:
    """People who are alike. session: in which, None for what goes over several. at: the second."""

    alike: Alike
    people: Sequence[UUID]
    session: UUID | None = None
    at: datetime | None = None


def find_patterns(traces: Sequence[Trace]) -> list[Pattern]:
    """All that looks alike in the check-ins of one class; phones first."""
    return [
        *_find_devices(traces),
        *_find_seconds(traces),
        *_find_places(traces),
        *_find_addresses(traces),
    ]


def _find_devices(traces: Sequence[Trace]) -> Iterable[Pattern]:
    users: dict[bytes, dict[UUID, None]] = defaultdict(dict)
    sessions: dict[bytes, set[UUID]] = defaultdict(set)
    for one in traces:
        if one.device is not None:
            users[one.device][one.person] = None
            sessions[one.device].add(one.session)
    for device, people in users.items():
        if len(people) > 1:
            only = next(iter(sessions[device])) if len(sessions[device]) == 1 else None
            yield Pattern(Alike.DEVICE, list(people), only)


def _find_seconds(traces: Sequence[Trace]) -> Iterable[Pattern]:
    groups: dict[tuple[UUID, Kind, datetime], dict[UUID, None]] = defaultdict(dict)
    for one in traces:
        second = one.made_at.replace(microsecond=0)
        groups[one.session, one.kind, second][one.person] = None
    for (session, _, second), people in groups.items():
        if len(people) >= _MANY:
            yield Pattern(Alike.SECOND, list(people), session, second)


def _find_places(traces: Sequence[Trace]) -> Iterable[Pattern]:
    groups: dict[tuple[UUID, bytes], dict[UUID, None]] = defaultdict(dict)
    for one in traces:
        if one.place is not None:
            groups[one.session, one.place][one.person] = None
    for (session, _), people in groups.items():
        if len(people) >= _MANY:
            yield Pattern(Alike.PLACE, list(people), session)


def _find_addresses(traces: Sequence[Trace]) -> Iterable[Pattern]:
    """Of those whose address is known: whoever comes by chat has none, and hides nobody's."""
    addresses: dict[UUID, set[bytes]] = defaultdict(set)
    people: dict[UUID, dict[UUID, None]] = defaultdict(dict)
    for one in traces:
        if one.address is not None:
            addresses[one.session].add(one.address)
            people[one.session][one.person] = None
    for session, known in addresses.items():
        if len(known) == 1 and len(people[session]) >= _MOST_OF_A_CLASS:
            yield Pattern(Alike.ADDRESS, list(people[session]), session)
