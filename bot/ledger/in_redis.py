"""The ledger in Redis, shared by all processes.

A message that can be answered at once costs one round trip: one script claims its id, sees that no
dialogue is open, keeps the reply for the platform's retries and puts the record on the stream. Any
other message takes a place in its person's queue. What is stored is sealed; names of keys are blind
indexes.
"""

import asyncio
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import RedisError, ResponseError

from bot.ledger.contract import (
    BRIEFLY_SECONDS,
    CLAIM_SECONDS,
    LEASE_MILLISECONDS,
    MOST_WAITING,
    UNKNOWN,
    Opened,
    Turn,
)
from bot.ledger.script_batch import ScriptBatch
from domain.messaging.records import STREAM, InboundRecord

#: What a lost Redis can look like from here.
REDIS_FAILURES = (RedisError, OSError, TimeoutError)
#: How long Redis may take over one step of handling before the message goes on without it. What
#: opens a message is bounded by each trip instead (script_batch.py).
REDIS_SECONDS = 1.0

#: "Unknown" must outlive any dialogue, or a missing copy would read as "none is open".
_UNKNOWN_SECONDS = 30 * 86_400

#: Which run of Redis was filled with the talks.
_WARM = "zpt:dialogues-loaded"
#: Forgets that, unless it is this run that was filled: whoever finds it first does, and no other.
_DISTRUST = "if redis.call('GET', KEYS[1]) ~= ARGV[1] then redis.call('DEL', KEYS[1]) end"
_LEASE = "zpt:lease:"

_SCRIPTS = Path(__file__).parent / "lua"
#: Dialogues loaded by one call of the script, so that nobody waits long behind it.
_LOAD_AT_ONCE = 500
#: Keys of any kind looked at by one step through all of them.
_SCAN_AT_ONCE = 1000


class RedisLedger:
    """The ledger that all processes share. Raises what redis-py raises."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._open = ScriptBatch(redis, (_SCRIPTS / "open.lua").read_text())
        self._turn = redis.register_script((_SCRIPTS / "turn.lua").read_text())
        self._finish = redis.register_script((_SCRIPTS / "finish.lua").read_text())
        self._load = redis.register_script((_SCRIPTS / "load.lua").read_text())
        self._distrust = redis.register_script(_DISTRUST)

    async def open(
        self,
        key: bytes,
        sender: bytes,
        reply: bytes,
        record: InboundRecord,
        *,
        aside: bool = False,
        unsure: bool = False,
    ) -> Opened:
        """As the Protocol says. `unsure`: the dialogues are not loaded and shall not be waited
        for; the message is queued, and the state that it finds is UNKNOWN."""
        ticket, who = key.hex(), sender.hex()
        about, text = record.to_stream()
        how = "aside" if aside else "unsure" if unsure else ""
        answer = await self._open.call(
            keys=(f"zpt:claim:{ticket}", *_of_sender(who), _WARM, STREAM, _LEASE + ticket),
            args=(
                *(ticket, reply, how, about, text),
                *(CLAIM_SECONDS, LEASE_MILLISECONDS, _LEASE, MOST_WAITING, _UNKNOWN_SECONDS),
            ),
        )
        verdict = answer[0].decode()
        if len(answer) == 1:
            return Opened(verdict)
        if verdict == "repeat":
            return Opened(verdict, answer[1])
        return Opened(verdict, hint=answer[1])

    async def take_turn(self, key: bytes, sender: bytes) -> Turn | None:
        ticket = key.hex()
        state_key, queue_key = _of_sender(sender.hex())
        answer = await self._turn(
            keys=(queue_key, state_key, _LEASE + ticket),
            args=(ticket, LEASE_MILLISECONDS, _LEASE, _UNKNOWN_SECONDS),
        )
        if answer[0] != b"turn":
            return None
        return Turn(UNKNOWN if answer[1].startswith(UNKNOWN) else answer[1], answer[2])

    async def keep_alive(self, key: bytes) -> None:
        await self._redis.set(_LEASE + key.hex(), b"1", px=LEASE_MILLISECONDS)
        # redis-py waits by asyncio.wait_for, which below Python 3.12 loses a cancellation that
        # meets the end of the wait: whoever renews would go on for ever.
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise asyncio.CancelledError

    async def keep_reply(self, key: bytes, reply: bytes, record: InboundRecord) -> None:
        pipeline = self._redis.pipeline(transaction=True)
        pipeline.set(f"zpt:claim:{key.hex()}", b"R" + reply, ex=CLAIM_SECONDS)
        _put_record(pipeline, record)
        await pipeline.execute()

    async def finish(
        self,
        key: bytes,
        sender: bytes,
        reply: bytes,
        record: InboundRecord | None,
        *,
        state: bytes,
        state_seconds: int,
        private: bool = False,
        moved: bool = True,  # noqa: ARG002 (the copy is written in any case)
    ) -> None:
        ticket = key.hex()
        about, text = record.to_stream() if record else (b"", b"")
        await self._finish(
            keys=(f"zpt:claim:{ticket}", *_of_sender(sender.hex()), STREAM, _LEASE + ticket, _WARM),
            args=(
                *(ticket, reply, CLAIM_SECONDS, state, state_seconds),
                *(about, text, _UNKNOWN_SECONDS, BRIEFLY_SECONDS if private else ""),
            ),
        )

    async def give_up(
        self, key: bytes, sender: bytes, record: InboundRecord | None, *, reply: bytes = b""
    ) -> None:
        ticket = key.hex()
        pipeline = self._redis.pipeline(transaction=True)
        if reply:
            pipeline.set(f"zpt:claim:{ticket}", b"R" + reply, ex=CLAIM_SECONDS)
        pipeline.lrem(_of_sender(sender.hex())[1], 0, ticket)
        pipeline.delete(_LEASE + ticket)
        if record:
            _put_record(pipeline, record)
        await pipeline.execute()

    async def load_dialogues(self, states: Sequence[tuple[bytes, bytes, int]]) -> None:
        """Fill the copy: (sender, what is known, seconds left). What is there already is newer."""
        run = await self._read_run()
        for start in range(0, len(states), _LOAD_AT_ONCE):
            some = states[start : start + _LOAD_AT_ONCE]
            await self._load(
                keys=(_WARM, *(_of_sender(sender.hex())[0] for sender, _, _ in some)),
                args=[word for _, state, seconds in some for word in (state, max(1, seconds))],
            )
        await self._redis.set(_WARM, run)

    async def catch_up(
        self,
        senders: Iterable[bytes],
        ghosts: Iterable[tuple[bytes, bytes]],
        *,
        doubted: bool,
    ) -> None:
        """Redis is back; meanwhile the world has gone on. To be told in batches (missed.py).

        The copies of `senders` are old: PostgreSQL is asked when they write next. `ghosts` are
        messages, by key and sender, that were handled without Redis although it may have taken
        them up, even after it woke: nobody shall wait for their turn to end. `doubted`: it has
        failed, and may have been started anew with its last second missing. If it was, all talks
        are loaded again before the next answer; one that was merely slow has lost nothing.
        """
        pipeline = self._redis.pipeline(transaction=False)
        for sender in senders:
            pipeline.set(_of_sender(sender.hex())[0], UNKNOWN, ex=_UNKNOWN_SECONDS)
        for key, sender in ghosts:
            pipeline.lrem(_of_sender(sender.hex())[1], 0, key.hex())
            pipeline.delete(_LEASE + key.hex())
        await pipeline.execute()
        if doubted:
            await self._distrust(keys=(_WARM,), args=(await self._read_run(),))

    async def distrust_copies(self, cursor: int) -> int:
        """One step through the copies, beginning with 0: PostgreSQL is asked about everybody.

        For when nobody knows any more whose copies are old. The talks that Redis has no copy of
        are loaded again. Answers the next cursor, 0 at the end.
        """
        if cursor == 0:
            await self._redis.delete(_WARM)
        cursor, names = await self._redis.scan(cursor, _of_sender("*")[0], _SCAN_AT_ONCE)
        pipeline = self._redis.pipeline(transaction=False)
        for name in names:
            # Where it has ended meanwhile nothing is old.
            pipeline.set(name, UNKNOWN, ex=_UNKNOWN_SECONDS, xx=True)
        await pipeline.execute()
        return int(cursor)

    async def _read_run(self) -> bytes:
        """The name of this run of Redis, another after each start; a new one where it does not
        tell, which is as good as a start."""
        try:
            about = await self._redis.info("server")
        except ResponseError:
            return os.urandom(16)
        return str(about["run_id"]).encode()

    async def put_records(self, records: Iterable[InboundRecord]) -> None:
        """Put records on the stream that were kept back while Redis was away."""
        pipeline = self._redis.pipeline(transaction=False)
        for record in records:
            _put_record(pipeline, record)
        await pipeline.execute()


def _put_record(pipeline: Pipeline, record: InboundRecord) -> None:
    about, text = record.to_stream()
    pipeline.xadd(STREAM, {b"m": about, b"x": text})


def _of_sender(who: str) -> tuple[str, str]:
    """The names of a sender's state and queue."""
    return f"zpt:dialogue:{who}", f"zpt:queue:{who}"
