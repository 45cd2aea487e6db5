"""PostgreSQL as the door sees it: asked for a bounded time, and away without harm."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import asyncpg
import structlog

from web.breaker import Breaker

log = structlog.get_logger(__name__)

#: One look into PostgreSQL may take this long before the message goes on without it.
ASK_SECONDS = 1.5
#: How long nobody asks again after it was found away.
_PAUSE_SECONDS = 1.0

#: What a PostgreSQL that cannot be reached, is full, or is being stopped looks like from here.
#: TimeoutError and Tortoise's DBConnectionError are OSErrors.
_AWAY = (
    OSError,
    asyncpg.PostgresConnectionError,  # class 08
    asyncpg.InsufficientResourcesError,  # class 53
    asyncpg.OperatorInterventionError,  # class 57
    # What the driver says of a connection whose end it has been told of and has not yet seen.
    asyncpg.InternalClientError,
)

_T = TypeVar("_T")


class DatabaseAway(Exception):  # noqa: N818 (a state of the world, as SealBroken is)
    """PostgreSQL does not answer now."""


class Database:
    """All that the door asks of PostgreSQL goes through here, and shares one breaker."""

    def __init__(self, count_away: Callable[[], object] = lambda: None) -> None:
        self._breaker = Breaker(_PAUSE_SECONDS)
        self._count_away = count_away

    @property
    def is_away(self) -> bool:
        """It has failed, and nobody has seen it answer since."""
        return self._breaker.tripped

    async def ask(
        self,
        question: Coroutine[Any, Any, _T],
        *,
        seconds: float = ASK_SECONDS,
        also_when_away: bool = False,
    ) -> _T:
        """Await something of PostgreSQL, for `seconds` at most.

        Raises DatabaseAway where it cannot be reached, at once where it was found away just now
        (unless `also_when_away`, for one who waits between tries by himself). Whatever else the
        question raises is a refusal or a fault of ours, and goes on to the caller.
        """
        if not (also_when_away or self._breaker.allows()):
            question.close()
            raise DatabaseAway
        try:
            async with asyncio.timeout(seconds):
                answer = await question
        except Exception as error:
            if not _says_away(error):
                raise
            self._breaker.trip()
            self._count_away()
            log.warning("database_away", error=type(error).__name__)
            raise DatabaseAway from error
        self._breaker.mend()
        return answer


def _says_away(error: Exception) -> bool:
    if isinstance(error, asyncpg.InterfaceError):
        # The driver's word for its own misuse, and for a connection that was cut between two
        # statements; only the text tells one from the other.
        return "closed" in str(error) or "closing" in str(error)
    return isinstance(error, _AWAY)
