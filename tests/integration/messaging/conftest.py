"""Records as the door writes them, and a drain between Redis and PostgreSQL."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from domain.calendar import LOCAL
from domain.messaging.dialogues import hold_dialogue
from domain.messaging.records import STREAM, InboundRecord
from domain.vault import Vault
from jobs.dead_letters import DEAD_LETTERS
from jobs.drain import Drain

SENDER, OTHER = b"p" * 16, b"q" * 16
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=LOCAL)


def make_record(
    number: int,
    kind: str = "text",
    sender: bytes = SENDER,
    received_at: datetime | None = None,
    outcome: str = "policy",
    topic: str = "some-entry",
) -> InboundRecord:
    """Record `number`; later ones come a second later."""
    return InboundRecord(
        key=number.to_bytes(16),
        sender=sender,
        received_at=received_at or NOON + timedelta(seconds=number),
        kind=kind,
        outcome=outcome,
        topic=topic,
        score=0.5,
        text_sealed=b"" if kind.startswith("event.") else b"sealed %d" % number,
    )


async def keep_dialogue(
    vault: Vault, sender: bytes = SENDER, *, said_at: datetime, now: datetime | None = None
) -> bool:
    """A talk as it stands after what was said then, for half an hour; False where the person has
    left since."""
    now = now or said_at
    lasts = now + timedelta(minutes=30)
    async with hold_dialogue(sender, said_at=said_at, now=now) as held:
        if held.left:
            return False
        await held.keep(
            *(vault, b"k" * 16, "reply"),
            name="clarify",
            state_sealed=b"sealed",
            private=False,
            active_until=lasts,
            expires_at=lasts,
        )
    return True


async def put(redis: Redis, *records: InboundRecord) -> None:
    """As the door puts them."""
    for record in records:
        about, text = record.to_stream()
        await redis.xadd(STREAM, {"m": about, "x": text})


@pytest.fixture
async def drain(database: str, redis: Redis) -> Drain:
    """One that is moved by hand; the group is there."""
    await redis.xgroup_create(STREAM, "postgres", id="0", mkstream=True)
    return Drain(redis)


@contextlib.asynccontextmanager
async def running(drain: Drain) -> AsyncIterator[None]:
    """The drain at work."""
    task = asyncio.create_task(drain.run())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def wait_until_empty(redis: Redis, seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while await redis.xlen(STREAM):
            await asyncio.sleep(0.02)


async def count_pending(redis: Redis) -> int:
    """How many entries a worker has taken and not finished."""
    return int((await redis.xpending(STREAM, "postgres"))["pending"])


async def list_dead(redis: Redis) -> list[dict[bytes, bytes]]:
    """The fields of the dead letters, oldest first."""
    entries: Any = await redis.xrange(DEAD_LETTERS)
    return [fields for _, fields in entries]
