"""What a job does with a notice: it goes out where its identity can be reached."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from domain.actor import System
from domain.messaging.actions import queue_late_reply
from domain.sealed import open_field_or_none
from domain.vault import Vault
from models.notices import IdentityNotice
from models.people import Identity
from models.transactions import transaction


async def tell_notice(
    actor: System,  # noqa: ARG001
    vault: Vault,
    texts: Mapping[str, str],
    *,
    notice: UUID,
    now: datetime,
) -> None:
    """Queue the notice as a customer-service message, which goes out if the person has written
    within 48 hours (domain/messaging); else nothing more can be done in the official account."""
    row = await IdentityNotice.get_or_none(id=notice).prefetch_related("identity")
    if row is None or row.settled_at is not None:
        return
    identity: Identity = row.identity
    openid = open_field_or_none(vault, identity, "openid")
    if identity.sender is not None and openid is not None:
        await queue_late_reply(
            vault,
            message_key=row.id.bytes,
            sender=identity.sender,
            openid=openid,
            text=texts[f"people.notices.{row.kind}"],
            opened_by="message",
            opened_at=now,
            private=True,
        )
    async with transaction() as connection:
        await IdentityNotice.filter(id=row.id).using_db(connection).update(settled_at=now)
