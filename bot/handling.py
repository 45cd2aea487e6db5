"""A message that needs its turn: a dialogue is open, or something is to be written down."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import structlog

from bot.breaker import Breaker
from bot.dispatch import Dispatcher, Plan, read_state, write_state
from bot.inbound import Inbound
from bot.ledger import LEASE_MILLISECONDS, UNKNOWN, Ledger
from bot.replies import Reply, Silence, Text, cut_to_bytes, render_reply
from bot.shared_ledger import REDIS_FAILURES, REDIS_SECONDS, SharedLedger
from domain.calendar import Clock, local_now
from domain.messaging import actions, rules
from domain.messaging.queries import STATE_PLACE, find_dialogue
from domain.messaging.records import InboundRecord
from domain.vault import SealBroken, Vault

log = structlog.get_logger(__name__)

#: One look into PostgreSQL may take this long before the message goes on without it.
_DATABASE_SECONDS = 1.5
_DATABASE_PAUSE_SECONDS = 1.0
#: The person waits for this beyond the deadline: it must stay within WeChat's 5 s.
_PROMISE_SECONDS = 0.3
_POLL_SECONDS = 0.03
_REPLY_PLACE = b"reply"
#: Stands for silence among the kept replies, which are never empty.
_SAID_NOTHING = b"-"
#: What opened the 客服消息 channel, by kind; a message does where nothing else is said.
_TOUCHES = frozenset({"event.click", "event.subscribe", "event.scan"})

_T = TypeVar("_T")


class DatabaseAway(Exception):  # noqa: N818 (a state of the world, as SealBroken is)
    """PostgreSQL does not answer now."""


@dataclass(frozen=True)
class Tools:
    """What handling any message needs."""

    vault: Vault
    dispatcher: Dispatcher
    clock: Clock = local_now
    count_database_away: Callable[[], object] = lambda: None
    _database: Breaker = field(default_factory=lambda: Breaker(_DATABASE_PAUSE_SECONDS))

    def seal_reply(self, rendered: bytes) -> bytes:
        """A rendered reply as the ledger keeps it; never empty."""
        return self.vault.seal(rendered or _SAID_NOTHING, _REPLY_PLACE)

    def open_reply(self, sealed: bytes) -> bytes:
        """Back from the ledger; silence where it was sealed with a key that is gone."""
        try:
            rendered = self.vault.open(sealed, _REPLY_PLACE)
        except SealBroken:
            return b""
        return b"" if rendered == _SAID_NOTHING else rendered

    async def ask_database(self, question: Coroutine[Any, Any, _T]) -> _T:
        """Await something of PostgreSQL, for a bounded time. Raises DatabaseAway."""
        if not self._database.allows():
            question.close()
            raise DatabaseAway
        try:
            async with asyncio.timeout(_DATABASE_SECONDS):
                answer = await question
        except Exception as error:
            self._database.trip()
            self.count_database_away()
            log.warning("database_away", error=type(error).__name__)
            raise DatabaseAway from error
        self._database.mend()
        return answer


@dataclass(frozen=True, slots=True)
class Message:
    """One message with all that was decided from it alone."""

    inbound: Inbound
    key: bytes
    person: bytes
    plan: Plan
    record: InboundRecord


class Handling:
    """Waits for the turn, carries the plan out, and leaves everything as the next one needs it."""

    def __init__(
        self, tools: Tools, message: Message, ledger: Ledger, shared: SharedLedger
    ) -> None:
        self._tools = tools
        self._message = message
        self._ledger = ledger
        self._shared = shared
        #: The reply, once it is known and still in time.
        self.rendered: bytes | None = None
        self._promised = False
        #: Redis failed while this message waited for its turn: it is not asked a second time.
        self._lost_redis = False

    def render(self, reply: Reply) -> bytes:
        """`reply` to this message, as inner XML."""
        return render_reply(reply, self._message.inbound, self._tools.clock().timestamp())

    async def promise(self) -> bytes:
        """Time is up: the person reads that the answer follows; `run` will send it."""
        self._promised = True
        silent = isinstance(self._message.plan.reply, Silence)
        # Somebody who has just left is not told that an answer follows.
        rendered = b"" if silent else self.render(self._tools.dispatcher.say("bot.later"))
        with contextlib.suppress(*REDIS_FAILURES):
            async with asyncio.timeout(_PROMISE_SECONDS):
                await self._ledger.promise(self._message.key, self._tools.seal_reply(rendered))
        return rendered

    async def run(self) -> None:
        """Handle the message to its end, whether or not somebody still waits."""
        async with self._kept_alive():
            try:
                await self._handle()
            except BaseException:
                await self._give_up()
                raise

    async def _handle(self) -> None:
        stored = await self._take_turn()
        now = self._tools.clock()
        stored, seconds = await self._read_stored(stored)
        dialogue = self._open_state(stored)
        plan = self._message.plan
        if dialogue is not None:
            plan = self._tools.dispatcher.resume(plan, dialogue, now)
        left, seconds = await self._carry_out(plan, stored, seconds)
        if self._promised:
            await self._queue_late(plan.reply)
        else:
            self.rendered = self.render(plan.reply)
        await self._finish(plan, left, seconds)

    async def _give_up(self) -> None:
        """Nobody of the same person shall wait for a message whose handling has failed."""
        with contextlib.suppress(*REDIS_FAILURES):
            async with asyncio.timeout(REDIS_SECONDS):
                await self._ledger.give_up(self._message.key, self._message.person)

    async def _take_turn(self) -> bytes:
        while True:
            try:
                async with asyncio.timeout(REDIS_SECONDS):
                    state = await self._ledger.take_turn(self._message.key, self._message.person)
            except REDIS_FAILURES as error:
                self._shared.lose_redis(error)
                self._lost_redis = True
                return UNKNOWN
            if state is not None:
                return state
            await asyncio.sleep(_POLL_SECONDS)

    async def _read_stored(self, stored: bytes) -> tuple[bytes, int]:
        """The sealed state and how long it lasts, from PostgreSQL where Redis cannot say."""
        seconds = int(rules.DIALOGUE_LASTS.total_seconds())
        if stored != UNKNOWN:
            return stored, seconds
        now = self._tools.clock()
        try:
            dialogue = await self._tools.ask_database(find_dialogue(self._message.person, now))
        except DatabaseAway:
            return UNKNOWN, seconds
        if dialogue is None:
            return b"", seconds
        return dialogue.state_sealed, max(1, int((dialogue.expires_at - now).total_seconds()))

    def _open_state(self, stored: bytes) -> Mapping[str, Any] | None:
        if stored in (b"", UNKNOWN):
            return None
        try:
            return read_state(self._tools.vault.open(stored, STATE_PLACE))
        except SealBroken:
            log.error("dialogue_unreadable")
            return None

    async def _carry_out(self, plan: Plan, stored: bytes, seconds: int) -> tuple[bytes, int]:
        """Do what the plan says; answers the state that is left, sealed, and how long it lasts."""
        tools, person = self._tools, self._message.person
        lasts = int(rules.DIALOGUE_LASTS.total_seconds())
        try:
            if plan.action is not None:
                await tools.ask_database(_call(plan.action))
            if plan.forgets:
                return b"", lasts
            if plan.dialogue is not None:
                state = write_state(plan.dialogue)
                saving = actions.save_dialogue(
                    tools.vault,
                    person=person,
                    name=plan.dialogue["dialogue"],
                    state=state,
                    now=tools.clock(),
                )
                return await tools.ask_database(saving), lasts
            if plan.said is not None and stored:
                # Whatever was said, the dialogue has had its turn.
                await tools.ask_database(actions.end_dialogue(person))
                return b"", lasts
        except DatabaseAway:
            # Answers go on. A forgetting is done again behind the record; a choice that was
            # offered lives in Redis alone; whatever else is stored is read again next time.
            if plan.dialogue is not None:
                return tools.vault.seal(write_state(plan.dialogue), STATE_PLACE), lasts
            return (UNKNOWN if stored else b""), lasts
        return stored, seconds

    async def _queue_late(self, reply: Reply) -> None:
        if not isinstance(reply, Text):
            return
        message = self._message
        queueing = actions.queue_late_reply(
            self._tools.vault,
            message_key=message.key,
            person=message.person,
            openid=message.inbound.sender,
            text=cut_to_bytes(reply.content),
            opened_by="touch" if message.inbound.kind in _TOUCHES else "message",
            opened_at=message.record.received_at,
        )
        try:
            await self._tools.ask_database(queueing)
        except DatabaseAway:
            log.error("late_reply_lost")

    async def _finish(self, plan: Plan, state: bytes, seconds: int) -> None:
        record = replace(
            self._message.record, outcome=plan.outcome, topic=plan.topic, score=plan.score
        )
        reply = b"" if self.rendered is None else self._tools.seal_reply(self.rendered)
        key, person = self._message.key, self._message.person
        if not self._lost_redis:
            try:
                async with asyncio.timeout(REDIS_SECONDS):
                    await self._ledger.finish(
                        key, person, reply, record, state=state, state_seconds=seconds
                    )
                return
            except REDIS_FAILURES as error:
                self._shared.lose_redis(error)
        await self._shared.finish_locally(key, person, reply, record)

    @contextlib.asynccontextmanager
    async def _kept_alive(self) -> AsyncIterator[None]:
        """Say that the message is being handled, for as long as it is."""

        async def renew() -> None:
            while True:
                await asyncio.sleep(LEASE_MILLISECONDS / 3000)
                with contextlib.suppress(*REDIS_FAILURES):
                    await self._ledger.keep_alive(self._message.key)

        renewing = asyncio.get_running_loop().create_task(renew())
        try:
            yield
        finally:
            renewing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await renewing


async def _call(action: Callable[[], Any]) -> object:
    """`action` as a coroutine that may also be closed without having begun."""
    return await action()
