"""Whether PostgreSQL can be reached: what failures say of it, and asking it with a time limit."""

import asyncio
import contextlib
import copy
import re
import traceback
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any, TypeVar

import asyncpg
import structlog
from tortoise.exceptions import DBConnectionError

from models.breaker import Breaker
from models.patience import wait_for_answer
from models.transactions import transaction

log = structlog.get_logger(__name__)

#: One question may take this long before its asker goes on without PostgreSQL.
ASK_SECONDS = 1.5
#: How long nobody asks again after it was found away.
_PAUSE_SECONDS = 1.0
#: A PostgreSQL that is there answers within this time, however slow one question is.
_REACH_SECONDS = 0.3
#: So many questions at once: all of a process's connections (models/database.py) but one, so that
#: whether PostgreSQL can be reached is not asked behind the questions that are slow.
_AT_ONCE = 4
#: The others wait in a row, for so long at most. It is no sign that PostgreSQL is away.
_ROW_SECONDS = 2.0

_T = TypeVar("_T")


class DatabaseUnavailable(Exception):  # noqa: N818 (a state of the world, as SealBroken is)
    """PostgreSQL gave no answer in time: whoever can goes on without it."""


class DatabaseAway(DatabaseUnavailable):
    """It cannot be reached now, by anybody."""


class DatabaseSlow(DatabaseUnavailable):
    """It is there, and one question took too long, behind a lock perhaps. Others need not care."""


_AWAY = (
    DatabaseAway,
    DBConnectionError,
    asyncpg.PostgresConnectionError,  # class 08
    asyncpg.InsufficientResourcesError,  # class 53
    asyncpg.OperatorInterventionError,  # class 57
)
#: What the driver raises of a connection that is gone, and also of its own misuse: only the text
#: tells one from the other. The last is about one whose end it was told of and has not yet seen.
_GONE = re.compile(r"\b(connection|pool) (is|was) clos(ed|ing)\b")
_CUT = re.compile("cannot switch to state .* another operation .* is in progress")


def says_away(error: BaseException) -> bool:
    """True where `error`, or what caused it, says that PostgreSQL cannot be reached, is full, or
    is being stopped. A time-out says nothing alone: `means_away` asks then."""
    return any(map(_says_away, _causes_of(error)))


async def means_away(error: BaseException) -> bool:
    """The same, and where `error` is a time-out of the driver, whether PostgreSQL is away now."""
    return says_away(error) or (_says_slow(error) and not await can_reach_database())


async def can_reach_database() -> bool:
    """Whether PostgreSQL answers at once, on another connection than those that are waited for."""
    trip = asyncio.create_task(_make_trip())
    await wait_for_answer(trip, _REACH_SECONDS)
    return trip.done() and not trip.cancelled() and trip.exception() is None


class Database:
    """Asks PostgreSQL for one who has a way on without it. All that one asks shares a breaker."""

    def __init__(
        self,
        count_unavailable: Callable[[], object] = lambda: None,
        can_reach: Callable[[], Coroutine[Any, Any, bool]] = can_reach_database,
        *,
        at_once: int = _AT_ONCE,
        row_seconds: float = _ROW_SECONDS,
    ) -> None:
        self._breaker = Breaker(_PAUSE_SECONDS)
        self._places = asyncio.Semaphore(at_once)
        self._row_seconds = row_seconds
        self._count_unavailable = count_unavailable
        self._can_reach = can_reach
        #: Whether it asks again after a question that was slow.
        self._patient = True
        self._was_slow = False

    def for_one_message(self) -> "Database":
        """The same for one message or request, which waits for one slow question at most: the
        next is DatabaseSlow at once (unless `also_when_away`)."""
        one = copy.copy(self)
        one._patient, one._was_slow = False, False
        return one

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
        """Await something of PostgreSQL, for `seconds` at most and a moment to see why it is late.

        Many who ask at once are let in one after the other; that wait is not counted.

        Raises DatabaseAway where it cannot be reached, at once where it was found away just now
        (unless `also_when_away`, for one who waits between tries by himself), and DatabaseSlow
        where this question alone takes too long. Whatever else the question raises is a refusal
        or a fault of ours, and goes on to the caller.
        """
        if not (also_when_away or self._breaker.allows()):
            question.close()
            raise DatabaseAway
        if self._was_slow and not (also_when_away or self._patient):
            question.close()
            raise DatabaseSlow
        async with self._place(question, also_when_away=also_when_away):
            asking = asyncio.create_task(question)
            await wait_for_answer(asking, seconds)
            if not asking.done():
                raise await self._name_failure(TimeoutError())
            try:
                answer = asking.result()
            except Exception as error:
                if says_away(error) or _says_slow(error):
                    raise await self._name_failure(error) from error
                raise
        self._breaker.mend()
        return answer

    @contextlib.asynccontextmanager
    async def _place(
        self, question: Coroutine[Any, Any, Any], *, also_when_away: bool
    ) -> AsyncIterator[None]:
        """A place among those who ask; `question` is closed where there is none. Raises
        DatabaseSlow, and DatabaseAway where it was found away meanwhile."""
        trips = self._breaker.trips
        try:
            async with asyncio.timeout(self._row_seconds):
                await self._places.acquire()
        except TimeoutError:
            question.close()
            self._count_unavailable()
            raise DatabaseSlow from None
        except BaseException:
            question.close()
            raise
        try:
            if self._breaker.trips != trips and not also_when_away:
                question.close()
                raise DatabaseAway
            yield
        finally:
            self._places.release()

    async def _name_failure(self, error: Exception) -> DatabaseUnavailable:
        """Away or slow; `error` is a time-out, or says away by itself."""
        self._count_unavailable()
        if not says_away(error) and await self._can_reach():
            log.warning("database_slow", error=type(error).__name__)
            self._breaker.mend()
            self._was_slow = True
            return DatabaseSlow()
        self._breaker.trip()
        log.warning("database_away", error=type(error).__name__)
        return DatabaseAway()


def _causes_of(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__


def _says_away(error: BaseException) -> bool:
    if isinstance(error, asyncpg.QueryCanceledError | TimeoutError):
        return False
    if isinstance(error, asyncpg.InterfaceError):
        return _GONE.search(str(error)) is not None
    if isinstance(error, asyncpg.InternalClientError):
        return _CUT.search(str(error)) is not None
    # The driver passes on what the system says: refused, reset, no such host, no route, no such
    # socket. The same said of a file or of another service is no business of PostgreSQL's.
    return isinstance(error, _AWAY) or (isinstance(error, OSError) and _is_the_drivers(error))


def _says_slow(error: BaseException) -> bool:
    """True for a time-out of the driver, in connecting or in a statement."""
    return any(
        isinstance(cause, asyncpg.QueryCanceledError)
        or (isinstance(cause, TimeoutError) and _is_the_drivers(cause))
        for cause in _causes_of(error)
    )


def _is_the_drivers(error: BaseException) -> bool:
    """Whether the driver raised `error`, or let it pass on its way up."""
    frames = traceback.walk_tb(error.__traceback__)
    return any(frame.f_globals.get("__name__", "").startswith("asyncpg.") for frame, _ in frames)


async def _make_trip() -> None:
    async with transaction() as connection:
        await connection.execute_query("SELECT 1")
