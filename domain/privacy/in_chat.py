"""Erasure (注销) for who has nothing but the chat: what would stay, and the erasure, which is the
same as everywhere (actions.py)."""

from datetime import datetime

from domain.actor import Trainee, Visitor
from domain.errors import DomainError
from domain.holdings import Holding, Periods, Whose
from domain.messaging.actions import forget_sender
from domain.permissions import Permission, require
from domain.privacy.actions import erase_me
from domain.privacy.holders import HOLDERS
from domain.privacy.queries import list_surviving
from domain.vault import Vault
from models.people import Identity


async def list_staying(
    actor: Visitor | Trainee, periods: Periods, now: datetime
) -> tuple[Holding, ...]:
    """What would stay if the actor asked for erasure now."""
    if isinstance(actor, Visitor):
        return ()
    require(actor, Permission.SEE_PERSON, owner=actor.id)
    return await list_surviving(Whose(actor.id), periods, HOLDERS, now)


async def erase_in_chat(
    actor: Visitor | Trainee, vault: Vault, periods: Periods, *, now: datetime
) -> tuple[Holding, ...]:
    """Forget the actor, with all their identities; what stays, and until when. Whom nobody knows
    by name, as if they had unfollowed.

    Not while the sender is held (domain/messaging): forgetting is alone. Copies of sessions are
    believed for some seconds more. Raises DomainError not_found, changed_meanwhile.
    """
    if isinstance(actor, Trainee):
        own = await Identity.filter(person_id=actor.id).order_by("id").first()
        if own is None:
            raise DomainError("not_found")
    else:
        own = await Identity.filter(sender=actor.sender).first()
        if own is None:
            await forget_sender(actor.sender, now)
            return ()
    return (await erase_me(actor, vault, periods, identity=own.id, now=now)).kept
