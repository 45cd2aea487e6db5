"""The ledger while Redis is away: the same promises, kept within this process.

Retries that reach another process are handled a second time; the reply is the same, for a policy
answer depends on the message alone, and a durable action has its own unique constraint.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable

from bot.ledger.contract import BRIEFLY_SECONDS, MOST_WAITING, UNKNOWN, Opened, Turn
from domain.messaging.records import InboundRecord

#: Claims kept; the oldest goes first. Enough for the platform's retries at some 1,000 a second.
_MOST_CLAIMS = 20_000


class LocalLedger:
    """One process's ledger.

    `keep_record` takes the records that Redis cannot, `note_sender` the senders whose dialogue
    may have changed without it: most messages are questions, and change none.
    """

    def __init__(
        self,
        keep_record: Callable[[InboundRecord], object],
        note_sender: Callable[[bytes], object] = lambda _sender: None,
    ) -> None:
        self._keep_record = keep_record
        self._note_sender = note_sender
        #: Reply by message; None while it is being handled.
        self._claims: OrderedDict[bytes, bytes | None] = OrderedDict()
        self._queues: dict[bytes, deque[bytes]] = {}

    def knows(self, key: bytes) -> bool:
        """Whether the message was, or is being, handled here."""
        return key in self._claims

    async def open(
        self,
        key: bytes,
        sender: bytes,
        reply: bytes,
        record: InboundRecord,
        *,
        aside: bool = False,
    ) -> Opened:
        if key in self._claims:
            known = self._claims[key]
            return Opened("working") if known is None else Opened("repeat", known)
        if aside and reply:
            self._claim(key, reply)
            self._keep_record(record)
            return Opened("done")
        # Whether a dialogue is open only PostgreSQL knows now.
        if len(self._queues.get(sender, ())) >= MOST_WAITING:
            return Opened("full")
        self._claim(key, None)
        self._queues.setdefault(sender, deque()).append(key)
        return Opened("queued")

    async def take_turn(self, key: bytes, sender: bytes) -> Turn | None:
        queue = self._queues.setdefault(sender, deque())
        if key not in queue:
            queue.append(key)
        return Turn(UNKNOWN) if queue[0] == key else None

    async def keep_alive(self, key: bytes) -> None:
        """Nothing to do: whoever handles it lives and dies with this ledger."""

    async def keep_reply(self, key: bytes, reply: bytes, record: InboundRecord) -> None:
        self._claim(key, reply)
        self._keep_record(record)

    async def finish(
        self,
        key: bytes,
        sender: bytes,
        reply: bytes,
        record: InboundRecord | None,
        *,
        state: bytes,  # noqa: ARG002 (PostgreSQL has it)
        state_seconds: int,  # noqa: ARG002
        private: bool = False,
        moved: bool = True,
    ) -> None:
        if reply:
            self._claim(key, reply)
            if private:
                asyncio.get_running_loop().call_later(BRIEFLY_SECONDS, self._empty, key)
        self._leave_queue(key, sender)
        if moved:
            self._note_sender(sender)
        if record:
            self._keep_record(record)

    async def give_up(
        self, key: bytes, sender: bytes, record: InboundRecord | None, *, reply: bytes = b""
    ) -> None:
        if reply:
            self._claim(key, reply)
        elif self._claims.get(key) is None:
            self._claims.pop(key, None)
        self._leave_queue(key, sender)
        self._note_sender(sender)
        if record:
            self._keep_record(record)

    def _empty(self, key: bytes) -> None:
        if self._claims.get(key) is not None:
            self._claims[key] = b""

    def _leave_queue(self, key: bytes, sender: bytes) -> None:
        queue = self._queues.get(sender)
        if queue and key in queue:
            queue.remove(key)
        if not queue:
            self._queues.pop(sender, None)

    def _claim(self, key: bytes, reply: bytes | None) -> None:
        self._claims[key] = reply
        self._claims.move_to_end(key)
        while len(self._claims) > _MOST_CLAIMS:
            self._claims.popitem(last=False)
