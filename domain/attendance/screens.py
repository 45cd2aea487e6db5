"""Links to a session's screen (班级大屏): whoever has one sees the code without signing in."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tortoise.connection import get_connection

from domain.actor import Actor
from domain.attendance.classes import find_attended_class, find_session
from domain.attendance.rules import HELD, Wants
from domain.audit.log import record
from domain.employers.contacts import require_still_acting
from domain.errors import DomainError
from domain.permissions import Permission, may
from models.attendance import ScreenLink
from models.columns import new_id
from models.transactions import transaction

LINK_FOR = timedelta(days=1)
_TOKEN_BYTES = 24
#: Far more than there are classrooms for.
_MOST_LINKS = 20


@dataclass(frozen=True, slots=True)
class LiveLink:
    """A link that is good, without its token. made_by: Actor.key. starts_at: of its session."""

    id: UUID
    session_id: UUID
    starts_at: datetime
    made_by: str
    made_at: datetime
    until: datetime


async def make_screen_link(actor: Actor, session_id: UUID, *, now: datetime) -> str:
    """The token of a new link that shows one session's screen for a day; it is told once.

    Raises DomainError: no_permission, not_found; check_in_window_closed for a class that is not
    held; too_many_links.
    """
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    async with transaction() as connection:
        await require_still_acting(connection, actor)
        session = await find_session(connection, actor, Permission.SHOW_SCREEN, Wants(), session_id)
        if session.sitting.class_status not in HELD:
            raise DomainError("check_in_window_closed", about="class", title=session.sitting.title)
        live = ScreenLink.filter(session_id=session_id, revoked_at__isnull=True, until__gt=now)
        if await live.using_db(connection).count() >= _MOST_LINKS:
            raise DomainError("too_many_links", most=_MOST_LINKS)
        link = await ScreenLink.create(
            id=new_id(),
            session_id=session_id,
            token_hash=_hash(token),
            made_by=actor.key,
            made_at=now,
            until=now + LINK_FOR,
            using_db=connection,
        )
        await record(
            connection,
            actor,
            "screen.link",
            about=("class", session.sitting.class_id),
            facts={"session": str(session_id), "link": str(link.id)},
            now=now,
        )
    return token


async def revoke_screen_link(actor: Actor, link_id: UUID, *, now: datetime) -> None:
    """Take a link back; said again it changes nothing. Raises DomainError: no_permission,
    not_found."""
    if not may(actor, Permission.REVOKE_SCREEN):
        raise DomainError("no_permission")
    async with transaction() as connection:
        await require_still_acting(connection, actor)
        link = await (
            ScreenLink.filter(id=link_id)
            .using_db(connection)
            .select_for_update(no_key=True)
            .get_or_none()
        )
        if link is None:
            raise DomainError("not_found")
        session = await find_session(
            connection, actor, Permission.REVOKE_SCREEN, Wants(), link.session_id
        )
        if link.revoked_at is not None:
            return
        link.revoked_at, link.revoked_by = now, actor.key
        await link.save(using_db=connection)
        await record(
            connection,
            actor,
            "screen.revoke",
            about=("class", session.sitting.class_id),
            facts={"session": str(link.session_id), "link": str(link.id)},
            now=now,
        )


async def require_screen(actor: Actor, session_id: UUID) -> None:
    """Whether `actor` may show the screen of a session, by being signed in. Raises DomainError:
    no_permission, not_found."""
    connection = get_connection("default")
    await find_session(connection, actor, Permission.SHOW_SCREEN, Wants(), session_id)


async def find_linked_session(token: str, *, now: datetime) -> UUID | None:
    """The session that a link shows now; None for one that never was, is over or was revoked."""
    link = await find_good_link(token, now=now)
    return None if link is None else link.session_id


async def find_good_link(token: str, *, now: datetime) -> ScreenLink | None:
    """The link of a token; None as find_linked_session."""
    query = ScreenLink.filter(token_hash=_hash(token), revoked_at__isnull=True, until__gt=now)
    return await query.first()


async def list_good_links(tokens: Collection[str], *, now: datetime) -> frozenset[str]:
    """Those of `tokens` that show a screen now, in one question for all of them."""
    by_hash = {_hash(token): token for token in tokens}
    live = ScreenLink.filter(token_hash__in=list(by_hash), revoked_at__isnull=True, until__gt=now)
    found = await live.values_list("token_hash", flat=True)
    return frozenset(by_hash[bytes(one)] for one in found)


async def list_screen_links(actor: Actor, class_id: UUID, *, now: datetime) -> list[LiveLink]:
    """The links to sessions of a class that are good now, the newest first; their tokens are
    nobody's to see. Raises DomainError: no_permission, not_found."""
    connection = get_connection("default")
    asked = (Permission.REVOKE_SCREEN, Wants(), class_id)
    await find_attended_class(connection, actor, *asked)
    live = ScreenLink.filter(session__training_class_id=class_id, until__gt=now)
    rows = await live.filter(revoked_at__isnull=True).order_by("-id").select_related("session")
    return [
        LiveLink(row.id, row.session_id, row.session.starts_at, row.made_by, row.made_at, row.until)
        for row in rows
    ]


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
