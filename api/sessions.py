"""Who stands behind a token: the guard of Access.SIGNED_IN, and the copies that make it quick.

PostgreSQL has the sessions (models.people.SessionToken); Redis has copies, sealed and bound to the
token's hash, for 12 hours. A copy is believed for some seconds, then PostgreSQL is asked again:
what is revoked there by whomever, and a binding that has changed, counts soon though nobody told
this process, and a Redis that was lost or emptied costs a question. While PostgreSQL is away
copies are believed as long as they are there; while Redis is away each request asks PostgreSQL.
"""

import asyncio
import hashlib
import json
from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID

import structlog
from aiohttp import hdrs, web
from redis.asyncio import Redis
from redis.exceptions import RedisError

from domain.calendar import Clock
from domain.errors import DomainError
from domain.login.actions import SESSION_LASTS
from domain.login.queries import Session, find_session
from domain.vault import SealBroken, Vault
from models.availability import Database, DatabaseUnavailable
from models.breaker import Breaker
from web.access import ACTOR

log = structlog.get_logger(__name__)

#: What keys in Redis begin with; then comes SHA-256 of the token.
KEY_PREFIX = "zpt:session:"
_PLACE = b"redis.session"
#: So long a copy is believed without asking PostgreSQL.
BELIEVED_SECONDS = 15
#: Seconds in which nobody asks a Redis that was found away.
_PAUSE_SECONDS = 1.0
#: Redis answers in under a millisecond; who is slower than this is taken for away.
_REDIS_SECONDS = 0.5
#: Characters of a token; ours have 43.
_MOST_TOKEN = 128

#: The session that the guard has found; views name its identity to actions.
SESSION: web.RequestKey[Session] = web.RequestKey("session")


class Sessions:
    """Finds sessions by their tokens. `redis` and the database are the caller's."""

    def __init__(
        self,
        vault: Vault,
        redis: Redis,
        database: Database,
        clock: Clock,
        count_fallback: Callable[[], object] = lambda: None,
    ) -> None:
        self._vault = vault
        self._redis = redis
        self._database = database
        self._clock = clock
        self._count_fallback = count_fallback
        self._breaker = Breaker(_PAUSE_SECONDS)

    async def guard(self, request: web.Request) -> None:
        """Let in who has a session. Raises DomainError sign_in_required, DatabaseUnavailable."""
        token = _read_token(request.headers.get(hdrs.AUTHORIZATION, ""))
        session = None if token is None else await self.find(hash_token(token))
        if session is None:
            raise DomainError("sign_in_required")
        request[ACTOR] = session.actor
        request[SESSION] = session

    async def find(self, token_hash: bytes) -> Session | None:
        """The session of a token, by its hash. Raises DatabaseUnavailable where nobody knows."""
        now = self._clock()
        copy, copied_at = await self._read_copy(token_hash)
        if copy is not None and abs(now.timestamp() - copied_at) < BELIEVED_SECONDS:
            return copy
        question = find_session(token_hash, now=now, until=now + SESSION_LASTS)
        try:
            session = await self._database.ask(question)
        except DatabaseUnavailable:
            if copy is None:
                raise
            return copy
        if session is None:
            await self.forget([token_hash])
        else:
            await self._write_copy(token_hash, session, now)
        return session

    async def forget(self, token_hashes: Iterable[bytes]) -> None:
        """Forget the copies; who cannot be told believes them for some seconds more."""
        keys = [_key_of(token_hash) for token_hash in token_hashes]
        if keys and self._breaker.allows():
            await self._ask(self._redis.delete(*keys))

    async def _read_copy(self, token_hash: bytes) -> tuple[Session | None, float]:
        if not self._breaker.allows():
            self._count_fallback()
            return None, 0
        sealed = await self._ask(self._redis.get(_key_of(token_hash)))
        if not isinstance(sealed, bytes):
            return None, 0
        try:
            kept = json.loads(self._vault.open(sealed, _PLACE, token_hash))
            person = None if kept["person"] is None else UUID(kept["person"])
            session = Session(UUID(kept["id"]), UUID(kept["identity"]), person)
            return session, float(kept["at"])
        except (SealBroken, ValueError, KeyError, TypeError):
            return None, 0

    async def _write_copy(self, token_hash: bytes, session: Session, now: datetime) -> None:
        if not self._breaker.allows():
            return
        kept = {
            "id": str(session.id),
            "identity": str(session.identity),
            "person": None if session.person is None else str(session.person),
            "at": now.timestamp(),
        }
        sealed = self._vault.seal(json.dumps(kept).encode(), _PLACE, token_hash)
        await self._ask(self._redis.set(_key_of(token_hash), sealed, ex=SESSION_LASTS))

    async def _ask(self, call: "asyncio.Future[object] | object") -> object:
        """What Redis answers; None where it is away."""
        try:
            async with asyncio.timeout(_REDIS_SECONDS):
                answer: object = await call  # type: ignore[misc]
        except (RedisError, OSError, TimeoutError):
            self._breaker.trip()
            self._count_fallback()
            log.warning("sessions_without_redis")
            return None
        self._breaker.mend()
        return answer


SESSIONS = web.AppKey("sessions", Sessions)


def hash_token(token: str) -> bytes:
    """SHA-256; a token has 256 bits of chance, so nothing slower is needed."""
    return hashlib.sha256(token.encode()).digest()


def _key_of(token_hash: bytes) -> str:
    return KEY_PREFIX + token_hash.hex()


def _read_token(header: str) -> str | None:
    kind, _, token = header.partition(" ")
    token = token.strip()
    if kind.lower() != "bearer" or not token or len(token) > _MOST_TOKEN or not token.isascii():
        return None
    return token
