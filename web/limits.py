"""How often one may ask: a view says so, and who asks more is told when to come back.

`@limited(Limit(…))` marks a function, a view class or one method of it (the method's mark counts
before its class's, as with `@allow`). The middleware stands behind the access guard and counts
by address or by who is signed in; what only the door itself knows, say a login name that was
typed in, the door counts with `limiter_of(request).require(limit, name)`.

The windows lie in Redis, for all processes together, and expire there. While Redis is away each
process counts for itself: nobody is refused for it, and nobody is without a limit.
"""

import ipaddress
import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from limits import RateLimitItem, RateLimitItemPerSecond
from limits.aio.storage import RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from redis.asyncio import Redis
from redis.exceptions import RedisError

from domain.errors import DomainError
from domain.vault import Vault
from models.breaker import Breaker
from settings import IPNetwork
from web.access import ACTOR
from web.clients_address import client_address

log = structlog.get_logger("web.limits")

_MARK = "__limits__"
#: What the keys in Redis begin with; then come the limit's name and a blind index of who.
KEY_PREFIX = "zpt:limit"
#: Seconds in which nobody asks a Redis that was found away.
_PAUSE_SECONDS = 1.0
#: Windows that one process keeps while Redis is away; the least used go first.
MOST_OWN_WINDOWS = 10_000
#: A household, or a hosting customer, holds a network of this size and changes addresses in it.
_IPV6_NETWORK = 64

Marked = TypeVar("Marked", bound=Callable[..., Any])


class By(Enum):
    """Whose calls are counted together."""

    #: The client's address; of IPv6 its /64.
    ADDRESS = "address"
    #: Who is signed in, as the access guard says (web.access.ACTOR); the address of others.
    ACTOR = "actor"
    #: What the request is about; the door itself counts it (Limiter.require).
    SUBJECT = "subject"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `calls` within any `seconds`. Routes that share a Limit share its windows."""

    name: str
    calls: int
    seconds: int
    by: By


def limited(*limits: Limit) -> Callable[[Marked], Marked]:
    """Mark a view with its limits. Those by SUBJECT are only told here; the door counts them."""

    def mark(handler: Marked) -> Marked:
        setattr(handler, _MARK, limits)
        return handler

    return mark


def limits_of(handler: object, method: str) -> tuple[Limit, ...]:
    """The limits of `handler` for an HTTP method such as "GET"; () where it has none."""
    own = getattr(handler, method.lower(), None) if isinstance(handler, type) else None
    limits: tuple[Limit, ...] | None = getattr(own, _MARK, None)
    return limits if limits is not None else getattr(handler, _MARK, ())


class Limiter:
    """Counts calls. Without `redis`, or while it is away, in this process alone.

    `count_fallback` is called for each call that was counted without the Redis that there is.
    Give it a client of its own: a flood of calls must not take the callback's connections.
    """

    def __init__(
        self,
        vault: Vault,
        redis: Redis | None,
        *,
        trusted_proxies: Sequence[IPNetwork] = (),
        count_fallback: Callable[[], object] = lambda: None,
    ) -> None:
        self._vault = vault
        self._trusted_proxies = trusted_proxies
        self._count_fallback = count_fallback
        self._own = OwnWindows()
        self._breaker = Breaker(_PAUSE_SECONDS)
        self._shared = None if redis is None else _share_windows(redis)

    async def require(self, limit: Limit, who: str) -> None:
        """Count one call of `who`. Raises DomainError slow_down once there are too many.

        What was refused does not count, so waiting for `retry_after` seconds always helps.
        """
        index = self._vault.index(who, f"limit {limit.name}").hex()
        seconds = await self._take(limit, index)
        if seconds > 0:
            raise DomainError("slow_down", retry_after=max(1, math.ceil(seconds)))

    async def require_for(self, request: web.Request, limit: Limit) -> None:
        """The same for who sends `request`; `limit` counts by address or actor."""
        await self.require(limit, self._name_sender(request, limit.by))

    def _name_sender(self, request: web.Request, by: By) -> str:
        actor = request.get(ACTOR) if by is By.ACTOR else None
        if actor is not None:
            return f"actor {actor.key}"
        return f"address {self.address_of(request)}"

    def address_of(self, request: web.Request) -> str:
        """Whence `request` comes, as calls are counted by it: of IPv6 its /64."""
        address = client_address(request, self._trusted_proxies)
        if isinstance(address, ipaddress.IPv6Address):
            return str(ipaddress.ip_network((address, _IPV6_NETWORK), strict=False))
        return str(address)

    async def _take(self, limit: Limit, index: str) -> float:
        """Seconds until `index` may call again; 0 where this call was counted."""
        if self._shared is not None:
            if self._breaker.allows():
                try:
                    seconds = await _take_shared(self._shared, _item_of(limit), index)
                except (RedisError, OSError) as error:
                    self._breaker.trip()
                    log.warning("limits_without_redis", error=type(error).__qualname__)
                else:
                    self._breaker.mend()
                    return seconds
            self._count_fallback()
        return self._own.take(limit, index)


LIMITER = web.AppKey("limiter", Limiter)


def limiter_of(request: web.Request) -> Limiter:
    """The limiter of the application, for limits by SUBJECT."""
    limiter: Limiter = request.config_dict[LIMITER]
    return limiter


def enforce_limits(limiter: Limiter) -> Middleware:
    """Middleware: no view runs more often than its marks say. Raises DomainError slow_down."""

    @web.middleware
    async def enforce(request: web.Request, handler: Handler) -> web.StreamResponse:
        match = request.match_info
        if match.http_exception is None:
            for limit in limits_of(match.handler, request.method):
                if limit.by is not By.SUBJECT:
                    await limiter.require_for(request, limit)
        return await handler(request)

    return enforce


class OwnWindows:
    """The windows of one process.

    The library's own storage in memory starts a task and a thread for each call, to clean up;
    what is out of date is dropped here when its turn comes.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        #: When each call of (limit, who) was counted; last used last.
        self._windows: OrderedDict[tuple[Limit, str], deque[float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._windows)

    def take(self, limit: Limit, who: str) -> float:
        """Seconds until `who` may call again; 0 where this call was counted."""
        now = self._clock()
        calls = self._windows.setdefault((limit, who), deque())
        self._windows.move_to_end((limit, who))
        while calls and calls[0] <= now - limit.seconds:
            calls.popleft()
        if len(calls) >= limit.calls:
            return calls[0] + limit.seconds - now
        calls.append(now)
        if len(self._windows) > MOST_OWN_WINDOWS:
            self._windows.popitem(last=False)
        return 0.0


def _share_windows(redis: Redis) -> MovingWindowRateLimiter:
    # The address is not used: the client's own pool is, with its time-outs.
    storage = RedisStorage(
        "async+redis://",
        implementation="redispy",
        key_prefix=KEY_PREFIX,
        connection_pool=redis.connection_pool,  # type: ignore[arg-type]
    )
    return MovingWindowRateLimiter(storage)


async def _take_shared(windows: MovingWindowRateLimiter, item: RateLimitItem, index: str) -> float:
    if await windows.hit(item, index):
        return 0.0
    reset, _ = await windows.get_window_stats(item, index)
    # A call may become free between the two questions; it was refused nonetheless.
    return max(reset - time.time(), 0.001)


def _item_of(limit: Limit) -> RateLimitItem:
    return RateLimitItemPerSecond(limit.calls, limit.seconds, namespace=limit.name)
