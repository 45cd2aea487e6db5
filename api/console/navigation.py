"""The places of the rail: what each is called, and what one must be permitted to see it."""

from collections.abc import Container, Sequence
from dataclasses import dataclass

from domain.actor import Actor
from domain.permissions import Permission, may

#: More are not taken in at a glance; a role that could see more needs places put together.
MOST_PLACES = 8


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the rail. Whoever has one of `permissions` sees it."""

    title: str
    path: str
    permissions: tuple[Permission, ...]


_P = Permission

#: In the order of the rail. A place whose page is not served yet is not shown.
PLACES: Sequence[Place] = (
    Place("首页", "/console/", (_P.USE_CONSOLE,)),
    Place("申请", "/console/requests", (_P.CORRECT_PERSON, _P.MANAGE_CONTACTS)),
    Place("班期", "/console/classes", (_P.FILE_CLASS, _P.DECIDE_CLASS, _P.SEE_ROSTER, _P.ENROL)),
    Place("人员", "/console/people", (_P.SEE_PERSON,)),
    Place("机构", "/console/institutions", (_P.EDIT_DIRECTORY, _P.SUSPEND_INSTITUTION)),
    Place("企业", "/console/employers", (_P.MANAGE_CONTACTS,)),
    Place("补贴标准", "/console/standards", (_P.EDIT_STANDARDS,)),
    Place("账号", "/console/staff", (_P.MANAGE_STAFF, _P.ASK_STAFF_RESET)),
    Place("审计", "/console/audit", (_P.READ_AUDIT,)),
)


def places_for(actor: Actor, served: Container[str]) -> list[Place]:
    """What `actor` finds in the rail; `served` holds the paths that there are."""
    return [
        place
        for place in PLACES
        if place.path in served and any(may(actor, needed) for needed in place.permissions)
    ]


def place_of(path: str, places: Sequence[Place]) -> Place | None:
    """Which of `places` a page at `path` belongs to."""
    within = [
        place
        for place in places
        if path == place.path or path.startswith(place.path.rstrip("/") + "/")
    ]
    return max(within, key=lambda place: len(place.path), default=None)
