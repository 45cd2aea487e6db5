"""How the service talks to Redis: quick to give up, for no person waits for it."""

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

#: More callers wait for a connection rather than open another.
_MOST_CONNECTIONS = 32
_CALL_SECONDS = 1.0
#: By the clock, for callers with a limit of their own that does not count the time in which this
#: process was busy (models/patience.py): theirs is reached first.
_PATIENT_SECONDS = 4.0
_CONNECT_SECONDS = 0.3


def connect_redis(url: str, *, patient: bool = False) -> Redis:
    """A client that never retries by itself: its callers have a way on without it."""
    call_seconds = _PATIENT_SECONDS if patient else _CALL_SECONDS
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=_MOST_CONNECTIONS,
        timeout=call_seconds,
        socket_timeout=call_seconds,
        socket_connect_timeout=call_seconds if patient else _CONNECT_SECONDS,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
    )
    return Redis.from_pool(pool)


def connect_redis_for_worker(url: str) -> Redis:
    """A client for the worker, which reads the stream and may wait for it."""
    return Redis.from_url(url, socket_timeout=10, socket_connect_timeout=2, protocol=2)
