"""Telling somebody what has happened to a thing of theirs: called in the action's transaction.

A notice is left for each of their identities: they read it in the mini-program, and in the
official account a job sends it.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.expressions import Q

from domain.followup import defer_job
from models.notices import IdentityNotice
from models.people import Identity

#: The task that tells a notice in the official account; jobs/ registers it under this name.
TELL_NOTICE = "people.tell_notice"


@dataclass(frozen=True, slots=True)
class News:
    """`event` is "noun.verb", a key of notices in content/texts/people.yaml and 16 characters at
    most; `about` the kind of a thing and its id. Nothing personal lies in either."""

    event: str
    about: tuple[str, UUID]


async def tell(connection: BaseDBAsyncClient, to: str, news: News, *, now: datetime) -> None:
    """Have `to`, the key of a person or a visitor (domain.actor), told `news`. Staff look at
    their lists."""
    kind, _, key = to.partition(" ")
    if kind == "person":
        whose = Q(person_id=UUID(key))
    elif kind == "visitor":
        whose = Q(id=UUID(hex=key)) | Q(sender=bytes.fromhex(key))
    else:
        return
    for identity in await Identity.filter(whose).using_db(connection).order_by("id"):
        await leave_notice(connection, identity, news.event, now)


async def leave_notice(
    connection: BaseDBAsyncClient, identity: Identity, kind: str, now: datetime
) -> None:
    """Whoever holds `identity` is to be told; in the official account a job tries to."""
    notice = await IdentityNotice.create(
        identity_id=identity.id, kind=kind, created_at=now, using_db=connection
    )
    if identity.account == "official":
        await defer_job(connection, TELL_NOTICE, notice_id=notice.id)
