"""A lease is renewed for as long as its message is handled, and not a moment longer."""

import asyncio
import contextlib

from redis.asyncio import Redis

from bot.ledger.in_redis import RedisLedger
from clients.shared_state import connect_redis


async def test_who_renews_a_lease_stops_when_told_to_at_whatever_moment(redis_url: str) -> None:
    """Below Python 3.12 a cancellation that meets the end of a wait of redis-py is lost in it:
    the lease was renewed for ever, and the person's next messages waited for it."""
    redis: Redis = connect_redis(redis_url)
    ledger = RedisLedger(redis)

    async def renew() -> None:
        while True:
            await ledger.keep_alive(b"a message")

    for moment in range(300):
        renewing = asyncio.create_task(renew())
        for _ in range(moment):
            await asyncio.sleep(0)
        renewing.cancel()
        await asyncio.wait({renewing}, timeout=1)
        went_on = not renewing.done()
        while not renewing.done():
            renewing.cancel()
            await asyncio.wait({renewing}, timeout=0.1)
        with contextlib.suppress(asyncio.CancelledError):
            renewing.result()
        assert not went_on, moment
    await redis.aclose()
