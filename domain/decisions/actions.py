"""Opening a request, and deciding on it. One function, one transaction (law 3)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from domain.actor import Actor, Staff, System
from domain.audit.log import record
from domain.audit.sights import has_recorded
from domain.decisions.effects import EFFECTS
from domain.errors import DomainError
from domain.notices.news import News, tell
from domain.permissions import require
from domain.requests.locking import end_request, hold_request
from domain.requests.rules import KINDS, Kind, clean_reason, require_another, require_unchanged
from domain.sealed import open_json, seal_field
from domain.vault import Vault
from models.requests import Request
from models.transactions import transaction

_OPENED = "request.open"


@dataclass(frozen=True, slots=True)
class OpenedRequest:
    """What is asked for, unmasked: for who decides. `payload` has, by kind:
    identity: name, id_number (either may be missing), note. phone: phone, note. binding: name,
    id_number. employer_contact: uscc, name, note. employer_keeper: employer (id), note.
    It is {} where the person has been erased."""

    payload: dict[str, Any]


async def open_request(
    actor: Staff | System, vault: Vault, *, request_id: UUID, now: datetime
) -> OpenedRequest:
    """What is asked for, unmasked, for whoever may decide on it; that they saw it is recorded.

    Raises DomainError not_found, no_permission.
    """
    async with transaction() as connection:
        request = await Request.get_or_none(id=request_id, using_db=connection)
        if request is None:
            raise DomainError("not_found")
        _require_may_decide(actor, request)
        await _record(connection, actor, _OPENED, request, now)
        return OpenedRequest(open_json(vault, request, "payload") or {})


async def approve_request(
    actor: Staff | System, vault: Vault, *, request_id: UUID, version: int, now: datetime
) -> Request:
    """What is asked for is done, in the same transaction. `version` is the one that was seen.

    Raises DomainError not_found, no_permission, request_changed (its facts say how it stands),
    request_of_ones_own, request_unseen (staff who have not opened it), request_outdated and
    whatever else the effect refuses with.
    """
    async with transaction() as connection:
        request = await _hold_to_decide(connection, actor, request_id, version)
        payload = open_json(vault, request, "payload")
        if payload is None:
            raise DomainError("request_outdated")
        await end_request(connection, actor, request, "approved", now)
        effect = EFFECTS[cast(Kind, request.kind)]
        await effect(connection, actor, vault, request, payload, now)
        await _record(connection, actor, "request.approve", request, now)
        await _tell(connection, request, "request.approved", now)
        return request


async def refuse_request(
    actor: Staff | System,
    vault: Vault,
    *,
    request_id: UUID,
    version: int,
    reason: str,
    now: datetime,
) -> Request:
    """Nothing is done, and the asker reads why. `version` is the one that was seen.

    Raises DomainError not_found, no_permission, request_changed, request_of_ones_own,
    request_unseen, reason_required.
    """
    words = clean_reason(reason)
    async with transaction() as connection:
        request = await _hold_to_decide(connection, actor, request_id, version)
        request.reason_sealed = seal_field(vault, Request, "reason", request.id, words)
        await end_request(connection, actor, request, "refused", now)
        await _record(connection, actor, "request.refuse", request, now)
        await _tell(connection, request, "request.refused", now)
        return request


async def _hold_to_decide(
    connection: BaseDBAsyncClient, actor: Staff | System, id: UUID, version: int
) -> Request:
    request = await hold_request(connection, id)
    _require_may_decide(actor, request)
    require_another(request.asked_by, actor.key)
    require_unchanged(request.state, request.version, version)
    await _require_seen(connection, actor, request)
    return request


async def _require_seen(
    connection: BaseDBAsyncClient, actor: Staff | System, request: Request
) -> None:
    """What is asked for never changes, so that having opened it once is enough."""
    if isinstance(actor, System):
        return
    if not await has_recorded(connection, actor, _OPENED, request.id):
        raise DomainError("request_unseen")


def _require_may_decide(actor: Actor, request: Request) -> None:
    require(actor, KINDS[cast(Kind, request.kind)], county=request.county)


async def _record(
    connection: BaseDBAsyncClient, actor: Actor, event: str, request: Request, now: datetime
) -> None:
    facts = {"kind": request.kind, "county": request.county, "about": request.about}
    await record(connection, actor, event, about=("request", request.id), facts=facts, now=now)


async def _tell(connection: BaseDBAsyncClient, request: Request, event: str, now: datetime) -> None:
    await tell(connection, request.asked_by, News(event, ("request", request.id)), now=now)
