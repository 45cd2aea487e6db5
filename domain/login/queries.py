"""Reads of sessions, shared by the doors."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.connection import get_connection

from domain.actor import Actor, Trainee, Visitor
from domain.people.queries import list_identities
from models.people import SessionToken


@dataclass(frozen=True, slots=True)
class Session:
    """Who stands behind a token."""

    id: UUID
    identity: UUID
    person: UUID | None

    @property
    def actor(self) -> Visitor | Trainee:
        """As whom they act."""
        return Visitor(self.identity.bytes) if self.person is None else Trainee(self.person)


#: The time of use is written once a minute: a session lasts 12 hours, nobody counts seconds.
_FIND_SESSION = """
    WITH found AS (
        SELECT session_tokens.id, identity_id, person_id, last_used_at
        FROM session_tokens JOIN identities ON identities.id = identity_id
        WHERE token_hash = $1 AND expires_at > $2
    ), touched AS (
        UPDATE session_tokens SET last_used_at = $2, expires_at = $3 FROM found
        WHERE session_tokens.id = found.id AND found.last_used_at < $2 - interval '1 minute'
    )
    SELECT id, identity_id, person_id FROM found
"""


async def find_session(token_hash: bytes, *, now: datetime, until: datetime) -> Session | None:
    """The session of a token, by SHA-256 of it; being asked for it lasts until `until`."""
    rows = await get_connection("default").execute_query_dict(
        _FIND_SESSION, [token_hash, now, until]
    )
    if not rows:
        return None
    return Session(rows[0]["id"], rows[0]["identity_id"], rows[0]["person_id"])


@dataclass(frozen=True, slots=True)
class Device:
    """Where an identity is logged in: the session, and since when, and when it was last used."""

    id: UUID
    created_at: datetime
    last_used_at: datetime


async def list_sessions(actor: Actor, identity: UUID, now: datetime) -> list[Device]:
    """Where the identity is logged in now, the last used first. Raises DomainError not_found."""
    await list_identities(actor, identity)
    rows = SessionToken.filter(identity_id=identity, expires_at__gt=now)
    return [
        Device(row.id, row.created_at, row.last_used_at)
        for row in await rows.order_by("-last_used_at", "id")
    ]
