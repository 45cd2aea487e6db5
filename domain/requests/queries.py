"""Reading requests: one's own, and the queue of those that wait for an officer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from tortoise.expressions import Q

from domain.actor import Actor
from domain.errors import DomainError
from domain.paging import Page, Position, after
from domain.permissions import Reach, reach_of
from domain.requests.rules import KINDS, Kind, State
from domain.sealed import open_field_or_none
from domain.vault import Vault
from models.requests import Request


@dataclass(frozen=True, slots=True)
class OwnRequest:
    """A request as its asker sees it; `reason` is why it was refused, None unless it was."""

    id: UUID
    kind: Kind
    about: str
    state: State
    reason: str | None
    asked_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class QueuedRequest:
    """A request as it stands in an officer's list: nothing of the person, who is seen by opening
    it (domain.decisions). `person` is the asker's row, None for who is not known by name;
    `version` is handed on to the decision."""

    id: UUID
    kind: Kind
    county: str
    about: str
    state: State
    person: UUID | None
    asked_at: datetime
    ended_at: datetime | None
    version: int


async def list_own_requests(
    actor: Actor, vault: Vault, position: Position | None, limit: int
) -> Page[OwnRequest]:
    """What `actor` has asked for, the newest first."""
    page = await after(Request.filter(asked_by=actor.key), ("-asked_at",), position, limit)
    return Page([show_own(vault, row) for row in page.rows], page.position)


def show_own(vault: Vault, request: Request) -> OwnRequest:
    """What its asker sees of a request."""
    return OwnRequest(
        *(request.id, cast(Kind, request.kind), request.about, cast(State, request.state)),
        open_field_or_none(vault, request, "reason"),
        *(request.asked_at, request.ended_at),
    )


async def list_queue(
    actor: Actor,
    *,
    kind: Kind | None = None,
    county: str | None = None,
    state: State = "asked",
    position: Position | None = None,
    limit: int = 50,
) -> Page[QueuedRequest]:
    """The requests that `actor` may decide on, the oldest first; by kind, county and state.

    Nothing of what is out of their reach, whatever is asked for.
    """
    within = within_reach(actor, list(KINDS) if kind is None else [kind])
    if within is None:
        return Page([], None)
    query = Request.filter(within, state=state)
    if county is not None:
        query = query.filter(county=county)
    page = await after(query, ("asked_at",), position, limit)
    return Page([_show_queued(row) for row in page.rows], page.position)


async def count_queue(actor: Actor) -> int:
    """How many wait for `actor`'s decision."""
    within = within_reach(actor, list(KINDS))
    return 0 if within is None else await Request.filter(within, state="asked").count()


async def find_queued(actor: Actor, id: UUID) -> QueuedRequest:
    """One of them, in any state. Raises DomainError not_found."""
    within = within_reach(actor, list(KINDS))
    row = None if within is None else await Request.get_or_none(within, id=id)
    if row is None:
        raise DomainError("not_found")
    return _show_queued(row)


def within_reach(actor: Actor, kinds: Sequence[Kind]) -> Q | None:
    """The condition of the requests of these kinds that `actor` may decide on; None: none."""
    everywhere = [kind for kind in kinds if reach_of(actor, KINDS[kind]) is Reach.ALL]
    at_home = [kind for kind in kinds if reach_of(actor, KINDS[kind]) is Reach.COUNTY]
    own_county = getattr(actor, "county", None)
    condition: Q | None = Q(kind__in=everywhere) if everywhere else None
    if at_home and own_county:
        home = Q(kind__in=at_home, county=own_county)
        condition = home if condition is None else condition | home
    return condition


def _show_queued(row: Request) -> QueuedRequest:
    person: UUID | None = row.person_id
    return QueuedRequest(
        *(row.id, cast(Kind, row.kind), row.county, row.about, cast(State, row.state), person),
        *(row.asked_at, row.ended_at, row.version),
    )
