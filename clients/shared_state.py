"""How the service talks to Redis: quick to give up, for no person waits for it."""

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

#: More callers wait for a connection rather than open another.
_MOST_CONNECTIONS = 32
_CALL_SECONDS = 1.0
_CONNECT_SECONDS = 0.3


def connect_redis(url: str) -> Redis:
    """A client that never retries by itself: its callers have a way on without it."""
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=_MOST_CONNECTIONS,
        timeout=_CALL_SECONDS,
        socket_timeout=_CALL_SECONDS,
        socket_connect_timeout=_CONNECT_SECONDS,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
    )
    return Redis.from_pool(pool)


def connect_redis_for_worker(url: str) -> Redis:
    """A client for the worker, which reads the stream and may wait for it."""
    return Redis.from_url(url, socket_timeout=10, socket_connect_timeout=2, protocol=2)
