"""What staff only looked at: on record once in a while, and asked for before they decide on it."""

from datetime import datetime, timedelta
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from domain.actor import Actor, Staff
from domain.audit.log import record
from models.audit import AuditEntry

#: Whoever turns pages or goes back and forth has looked at a thing once.
ONE_LOOK = timedelta(minutes=30)


async def record_sight(
    connection: BaseDBAsyncClient, actor: Actor, event: str, about: tuple[str, UUID], now: datetime
) -> None:
    """Write down that `actor`, of the console, looked at a thing: once in half an hour."""
    if not isinstance(actor, Staff):
        return
    if not await has_recorded(connection, actor, event, about[1], since=now - ONE_LOOK):
        await record(connection, actor, event, about=about, now=now)


async def has_recorded(
    connection: BaseDBAsyncClient,
    actor: Actor,
    event: str,
    about_id: UUID,
    *,
    since: datetime | None = None,
) -> bool:
    """Whether `event` of `actor` about this row is on record, at `since` or later."""
    rows = AuditEntry.filter(about_id=about_id, event=event, actor=actor.key)
    if since is not None:
        rows = rows.filter(at__gte=since)
    return await rows.using_db(connection).exists()
