"""Which identities are one user's of WeChat: what a job asks when somebody binds in chat."""

from datetime import datetime
from uuid import UUID

from tortoise.expressions import Q

from clients.wechat.errors import WeChatApiError
from clients.wechat.interface import OfficialAccountApi
from domain.actor import System
from domain.notices.news import leave_notice
from domain.people.identities import (
    hold_own,
    join_by_unionid,
    take_person,
    with_unionid,
)
from domain.sealed import change_columns, lock_value, open_field_or_none
from domain.vault import Vault
from models.people import Identity
from models.transactions import transaction


async def find_unionid(
    actor: System, vault: Vault, wechat: OfficialAccountApi, *, identity: UUID, now: datetime
) -> None:
    """Ask WeChat who the identity of the official account is elsewhere, and join what belongs
    together. Who has bound it meanwhile to a person whose other identity is another user's is let
    go again, and both are told.

    The network call stands before the transaction. Raises WeChatApiError where trying again helps.
    """
    row = await Identity.get_or_none(id=identity)
    openid = open_field_or_none(vault, row, "openid") if row else None
    if row is None or openid is None or row.unionid_sealed is not None:
        return
    try:
        unionid = await wechat.find_unionid(openid)
    except WeChatApiError as error:
        if error.transient:
            raise
        return
    if unionid is None:
        return
    async with transaction() as connection:
        await lock_value(connection, vault, unionid, "unionid")
        beside = with_unionid(vault, unionid)
        if row.person_id is not None:
            beside |= Q(person_id=row.person_id)
        own, held = await hold_own(connection, actor, identity, beside)
        own.update_from_dict(change_columns(vault, own, unionid=unionid))
        await own.save(using_db=connection)
        others = [one for one in held.values() if one.person_id and one.id != own.id]
        stranger = next((one for one in others if _is_stranger(vault, one, own, unionid)), None)
        if stranger is not None:
            await take_person(connection, own)
            await leave_notice(connection, own, "moved_away", now)
            return
        await join_by_unionid(connection, vault, own, now)


def _is_stranger(vault: Vault, other: Identity, own: Identity, unionid: str) -> bool:
    """Whether `other` is of the same person and of another user of WeChat."""
    known = open_field_or_none(vault, other, "unionid")
    return other.person_id == own.person_id and known not in (None, unionid)
