"""Waiting until those of the same person before are done, and saying that one is at work."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from bot.handling.message import Message
from bot.ledger.contract import LEASE_MILLISECONDS, Ledger, Turn
from bot.ledger.in_redis import REDIS_FAILURES, REDIS_SECONDS
from models.patience import within

#: A message whose turn does not come in this time has failed.
TURN_SECONDS = 60.0
#: Between two looks at whose turn it is: at first, and at most.
_FIRST_POLL_SECONDS = 0.03
_MOST_POLL_SECONDS = 0.25


class TurnNeverCame(Exception):  # noqa: N818 (says what happened)
    """The messages of the same person before this one took too long."""


async def wait_for_turn(ledger: Ledger, message: Message) -> Turn:
    """Raises TurnNeverCame, and REDIS_FAILURES."""
    clock = asyncio.get_running_loop().time
    deadline = clock() + TURN_SECONDS
    pause = _FIRST_POLL_SECONDS
    while True:
        turn = await within(REDIS_SECONDS, ledger.take_turn(message.key, message.sender))
        if turn is not None:
            return turn
        if clock() >= deadline:
            raise TurnNeverCame
        await asyncio.sleep(pause)
        pause = min(2 * pause, _MOST_POLL_SECONDS)


@contextlib.asynccontextmanager
async def kept_alive(ledger: Ledger, message: Message) -> AsyncIterator[None]:
    """Say that the message is being handled, for as long as it is."""

    async def renew() -> None:
        while True:
            await asyncio.sleep(LEASE_MILLISECONDS / 3000)
            with contextlib.suppress(*REDIS_FAILURES):
                await within(REDIS_SECONDS, ledger.keep_alive(message.key))

    renewing = asyncio.get_running_loop().create_task(renew())
    try:
        yield
    finally:
        renewing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await renewing
