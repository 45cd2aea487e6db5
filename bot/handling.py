"""A message that needs its turn: a dialogue is open, or something is to be written down."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from typing import Any

import structlog

from bot.dispatch import Dispatcher, Plan, read_state, write_state
from bot.inbound import Inbound
from bot.late import LateAnswers
from bot.ledger import LEASE_MILLISECONDS, UNKNOWN, Ledger, Turn
from bot.replies import Reply, Silence, Text, render_reply
from bot.shared_ledger import REDIS_FAILURES, REDIS_SECONDS, SharedLedger
from domain.calendar import Clock, local_now
from domain.errors import DomainError
from domain.messaging import actions, rules
from domain.messaging.queries import STATE_PLACE, find_dialogue
from domain.messaging.records import InboundRecord
from domain.vault import SealBroken, Vault
from models.availability import ASK_SECONDS, Database, DatabaseUnavailable

log = structlog.get_logger(__name__)

#: The person waits for this beyond the deadline: it must stay within WeChat's 5 s.
_PROMISE_SECONDS = 0.3
#: What is left to a message that is given up at the end of the process (bot/inbox.py).
_LAST_SECONDS = 0.5
#: A message whose turn does not come in this time has failed.
TURN_SECONDS = 60.0
#: Between two looks at whose turn it is: at first, and at most.
_FIRST_POLL_SECONDS = 0.03
_MOST_POLL_SECONDS = 0.25
_REPLY_PLACE = b"reply"
#: Stands for silence among the kept replies, which are never empty.
_SAID_NOTHING = b"-"
_DIALOGUE_SECONDS = int(rules.DIALOGUE_LASTS.total_seconds())


class TurnNeverCame(Exception):  # noqa: N818 (says what happened)
    """The messages of the same person before this one took too long."""


@dataclass(frozen=True)
class Tools:
    """What handling any message needs."""

    vault: Vault
    dispatcher: Dispatcher
    database: Database
    clock: Clock = local_now
    #: Called for each failure that nobody thought of: the alarm.
    count_unexpected: Callable[[], object] = lambda: None

    def seal_reply(self, rendered: bytes, key: bytes) -> bytes:
        """A rendered reply as the ledger keeps it under the message's `key`; never empty."""
        return self.vault.seal(rendered or _SAID_NOTHING, _REPLY_PLACE, key)

    def open_reply(self, sealed: bytes, key: bytes) -> bytes:
        """Back from the ledger; silence where it was sealed with a key that is gone."""
        try:
            rendered = self.vault.open(sealed, _REPLY_PLACE, key)
        except SealBroken:
            return b""
        return b"" if rendered == _SAID_NOTHING else rendered


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
        self._database = tools.database.for_one_message()
        #: Where the answer goes that comes after a promise.
        self._late = LateAnswers(tools.vault, self._database)
        #: The reply, once it is known and still in time.
        self.rendered: bytes | None = None
        #: As it is recorded; what was planned, until more is known.
        self.outcome = message.plan.outcome
        self._promised = False
        #: What the promise still owes the person; None where nothing does.
        self._owed: str | None = None
        #: Redis failed while this message waited for its turn: it is not asked a second time.
        self._lost_redis = False

    def say(self, key: str) -> bytes:
        """A text of content/texts/bot.yaml, as inner XML; b"" to one who is not talking to us.

        Somebody who has just left is not told that an answer follows.
        """
        return b"" if self._is_silent else self._render(self._tools.dispatcher.say(key))

    async def promise(self) -> bytes:
        """Time is up: the person reads that the answer follows; `run` will send it.

        The record is put away now, as planned: a process that is killed before the end loses the
        answer, but not what the person wrote. A policy answer is known by now and is not held
        back for a dialogue that nobody can look up.
        """
        plan = self._message.plan
        if plan.outcome == "policy" and plan.at_once:
            self.rendered = self._render(plan.reply)
            return await self._keep_reply(self.rendered, self._message.record)
        self._promised = True
        return await self.reply_at_once("bot.later", self._message.record)

    async def refuse(self) -> bytes:
        """Too many of this person's messages wait: this one is not handled, but recorded."""
        self.outcome = "slow_down"
        return await self.reply_at_once("bot.slow_down", self._record())

    async def reply_at_once(self, key: str, record: InboundRecord) -> bytes:
        """Say a text, whatever follows; a retry gets the same."""
        return await self._keep_reply(self.say(key), record)

    async def _keep_reply(self, rendered: bytes, record: InboundRecord) -> bytes:
        sealed = self._tools.seal_reply(rendered, self._message.key)
        try:
            async with asyncio.timeout(_PROMISE_SECONDS):
                await self._ledger.keep_reply(self._message.key, sealed, record)
        except REDIS_FAILURES:
            await self._shared.keep_reply_locally(self._message.key, sealed, record)
        return rendered

    async def run(self) -> None:
        """Handle the message to its end, whether or not somebody still waits.

        A failure is logged, counted, and told to the person; it is not raised.
        """
        try:
            async with self._kept_alive():
                await self._handle()
        except asyncio.CancelledError:
            await self._give_up_at_the_end()
            raise
        except Exception as failure:
            self._tools.count_unexpected()
            log.error("message_failed", exc_info=failure)
            self.outcome = "failed"
            await self._give_up(REDIS_SECONDS)
            if self._promised and self._owed is None and not self._is_silent:
                self._owed = self._tools.dispatcher.say("bot.unavailable").content
                await self._queue_owed()
        if self._owed is not None:
            # Nobody waits for his turn meanwhile.
            message = self._message
            await self._late.keep_queueing(message.inbound, message.record, self._owed)

    async def _handle(self) -> None:
        turn = await self._take_turn()
        stored, seconds = await self._read_stored(turn)
        plan = self._resume(stored)
        try:
            plan = await self._act(plan)
            left, seconds = await self._keep_dialogue(plan, stored, seconds)
        except DatabaseUnavailable:
            left, seconds = self._keep_without_postgres(plan, stored)
        self.outcome = plan.outcome
        if self.rendered is not None:
            # Time was up, and the person has the answer already.
            pass
        elif not self._promised:
            self.rendered = self._render(plan.reply)
        elif isinstance(plan.reply, Text):
            self._owed = plan.reply.content
            await self._queue_owed()
        await self._finish(plan, left, seconds)

    async def _take_turn(self) -> Turn:
        """Wait until those before are done. Raises TurnNeverCame."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + TURN_SECONDS
        pause = _FIRST_POLL_SECONDS
        while True:
            try:
                async with asyncio.timeout(REDIS_SECONDS):
                    turn = await self._ledger.take_turn(self._message.key, self._message.person)
            except REDIS_FAILURES as error:
                self._shared.lose_redis(error)
                self._lost_redis = True
                return Turn(UNKNOWN)
            if turn is not None:
                return turn
            if clock() >= deadline:
                raise TurnNeverCame
            await asyncio.sleep(pause)
            pause = min(2 * pause, _MOST_POLL_SECONDS)

    async def _read_stored(self, turn: Turn) -> tuple[bytes, int]:
        """The sealed state and how long it lasts, from PostgreSQL where Redis cannot say."""
        if turn.state != UNKNOWN:
            return turn.state, turn.seconds
        now = self._tools.clock()
        try:
            dialogue = await self._database.ask(find_dialogue(self._message.person, now))
        except DatabaseUnavailable:
            return UNKNOWN, _DIALOGUE_SECONDS
        if dialogue is None:
            return b"", _DIALOGUE_SECONDS
        return dialogue.state_sealed, max(1, int((dialogue.expires_at - now).total_seconds()))

    def _resume(self, stored: bytes) -> Plan:
        """The plan, given the dialogue that is open.

        A dialogue that cannot be gone on with is none: the person gets the answer to what they
        wrote, and the dialogue ends as with any other words.
        """
        plan = self._message.plan
        if stored in (b"", UNKNOWN):
            return plan
        try:
            state = read_state(self._tools.vault.open(stored, STATE_PLACE, self._message.person))
            if state is None:
                return plan
            return self._tools.dispatcher.resume(plan, state, self._tools.clock())
        except SealBroken:
            log.error("dialogue_unreadable")
        except Exception as failure:
            self._tools.count_unexpected()
            log.error("dialogue_failed", exc_info=failure)
        return plan

    async def _act(self, plan: Plan) -> Plan:
        """Do what the plan sets off; where a rule refuses, the plan is to say so."""
        if plan.action is None:
            return plan
        try:
            await self._database.ask(_call(plan.action))
        except DomainError as refusal:
            worded = self._tools.dispatcher.refuse(plan, refusal)
            if worded is None:
                # Not in the table: a fault of ours (law 2), and told like one.
                raise
            return worded
        return plan

    async def _keep_dialogue(self, plan: Plan, stored: bytes, seconds: int) -> tuple[bytes, int]:
        """Write down where the talk stands; answers the state that is left, sealed, and how long
        it lasts."""
        tools, person = self._tools, self._message.person
        if plan.forgets:
            return b"", _DIALOGUE_SECONDS
        if plan.dialogue is not None:
            saving = actions.save_dialogue(
                tools.vault,
                person=person,
                name=plan.dialogue["dialogue"],
                state=write_state(plan.dialogue),
                said_at=self._message.record.received_at,
                now=tools.clock(),
            )
            return await self._database.ask(saving), _DIALOGUE_SECONDS
        if plan.said is not None and stored:
            # Whatever was said, the dialogue has had its turn.
            await self._database.ask(actions.end_dialogue(person))
            return b"", _DIALOGUE_SECONDS
        return stored, seconds

    def _keep_without_postgres(self, plan: Plan, stored: bytes) -> tuple[bytes, int]:
        """Answers go on. A forgetting is done again behind the record, and the dialogue is over
        already; a choice that was offered lives in Redis alone; whatever else is stored is read
        again next time."""
        if plan.forgets:
            return b"", _DIALOGUE_SECONDS
        if plan.dialogue is not None:
            state = write_state(plan.dialogue)
            sealed = self._tools.vault.seal(state, STATE_PLACE, self._message.person)
            return sealed, _DIALOGUE_SECONDS
        return (UNKNOWN if stored else b""), _DIALOGUE_SECONDS

    async def _queue_owed(
        self, seconds: float = ASK_SECONDS, *, also_when_away: bool = False
    ) -> None:
        """Try once to put what is owed on its way; it stays owed where PostgreSQL takes nothing."""
        if self._owed is None:
            return
        message = self._message
        with contextlib.suppress(DatabaseUnavailable):
            await self._late.queue(
                message.inbound,
                message.record,
                self._owed,
                seconds=seconds,
                also_when_away=also_when_away,
            )
            self._owed = None

    async def _finish(self, plan: Plan, state: bytes, seconds: int) -> None:
        key, person = self._message.key, self._message.person
        record = None if self._promised else self._record(plan)
        reply = b"" if self.rendered is None else self._tools.seal_reply(self.rendered, key)
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

    async def _give_up(self, seconds: float) -> None:
        """Nobody of the same person shall wait for a message whose handling has failed; what they
        wrote is kept, so that saying so is true."""
        key, person = self._message.key, self._message.person
        record = None if self._promised else self._record()
        if not self._lost_redis:
            try:
                async with asyncio.timeout(seconds):
                    await self._ledger.give_up(key, person, record)
                return
            except REDIS_FAILURES as error:
                self._shared.lose_redis(error)
        await self._shared.give_up_locally(key, person, record)

    async def _give_up_at_the_end(self) -> None:
        """The process stops, and the message is not done: whoever was promised an answer gets the
        one that is known, or that there is none."""
        self.outcome = "failed"
        if self._promised and self._owed is None and not self._is_silent:
            self._owed = self._tools.dispatcher.say("bot.unavailable").content
        await asyncio.gather(
            self._give_up(_LAST_SECONDS), self._queue_owed(_LAST_SECONDS, also_when_away=True)
        )
        if self._owed is not None:
            log.error("late_reply_lost", reason="process_stopped")

    def _record(self, plan: Plan | None = None) -> InboundRecord:
        """The record, with what has become of the message."""
        plan = plan or self._message.plan
        return replace(
            self._message.record, outcome=self.outcome, topic=plan.topic, score=plan.score
        )

    def _render(self, reply: Reply) -> bytes:
        """`reply` to this message, as inner XML."""
        return render_reply(reply, self._message.inbound, self._tools.clock().timestamp())

    @property
    def _is_silent(self) -> bool:
        return isinstance(self._message.plan.reply, Silence)

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
