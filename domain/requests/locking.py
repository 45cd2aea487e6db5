"""A request held until the transaction ends, and brought to its end."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from domain.actor import Actor
from domain.errors import DomainError
from models.requests import Request


async def hold_request(connection: BaseDBAsyncClient, id: UUID) -> Request:
    """The request, held. Raises DomainError not_found."""
    request = (
        await Request.filter(id=id).using_db(connection).select_for_update(no_key=True).first()
    )
    if request is None:
        raise DomainError("not_found")
    return request


async def end_request(
    connection: BaseDBAsyncClient,
    actor: Actor,
    request: Request,
    state: Literal["approved", "refused", "withdrawn"],
    now: datetime,
) -> None:
    """Write how the request, which is held, ended and by whom."""
    request.state, request.ended_at, request.ended_by = state, now, actor.key
    request.version += 1
    await request.save(using_db=connection)
