"""Asking: called by the area that a request is about, inside its own transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.expressions import F, Q

from domain.actor import Actor, Trainee
from domain.requests.rules import Kind, require_may_ask
from domain.sealed import lock_value, seal_columns
from domain.vault import Vault
from models.columns import new_id
from models.requests import Request


async def ask(
    connection: BaseDBAsyncClient,
    actor: Actor,
    vault: Vault,
    *,
    kind: Kind,
    payload: Mapping[str, Any],
    county: str = "",
    about: str = "",
    now: datetime,
) -> Request:
    """The new request. `payload` is what the kind's effect (domain.decisions.effects) reads.

    Raises DomainError request_open, too_many_requests_open.
    """
    # Whoever asks twice at once is served in turn.
    await lock_value(connection, vault, actor.key, "asker")
    waiting = await Request.filter(asked_by=actor.key, state="asked").using_db(connection)
    require_may_ask(any((one.kind, one.about) == (kind, about) for one in waiting), len(waiting))
    id = new_id()
    return await Request.create(
        id=id,
        kind=kind,
        county=county,
        asked_by=actor.key,
        person_id=actor.id if isinstance(actor, Trainee) else None,
        about=about,
        asked_at=now,
        **seal_columns(vault, Request, id, payload=dict(payload)),
        using_db=connection,
    )


async def find_open(
    connection: BaseDBAsyncClient, actor: Actor, kind: Kind, about: str = ""
) -> Request | None:
    """The request of this kind and thing that waits already."""
    return await Request.get_or_none(
        asked_by=actor.key, kind=kind, about=about, state="asked", using_db=connection
    )


async def withdraw_open(
    connection: BaseDBAsyncClient, actor: Actor, kind: Kind, about: str, *, now: datetime
) -> None:
    """What was asked for has come by another way: nobody has to decide on it any more."""
    waiting = Request.filter(asked_by=actor.key, kind=kind, about=about, state="asked")
    await waiting.using_db(connection).update(
        state="withdrawn", ended_at=now, ended_by=actor.key, version=F("version") + 1
    )


async def erase_requests(connection: BaseDBAsyncClient, of_whom: Q, *, now: datetime) -> None:
    """Open ones of these are withdrawn, and of all of them goes by whom and what was asked.

    Called inside the transaction of an erasure.
    """
    rows = Request.filter(of_whom).using_db(connection)
    await rows.filter(state="asked").update(
        state="withdrawn", ended_at=now, version=F("version") + 1
    )
    await rows.update(
        payload_sealed=None, reason_sealed=None, person_id=None, asked_by="", ended_by=""
    )
