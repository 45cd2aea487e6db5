"""A message that needs its turn: a talk is open, or something is to be written down.

In order: the turn (turn.py), what becomes of it (talking.py, or an action of its own), the reply or
what is owed of it (promise.py), and the ledger, as the next message needs it.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import structlog

from bot.dispatch import Plan
from bot.handling.late import LateAnswers
from bot.handling.message import Message, Tools
from bot.handling.outcome import Outcome
from bot.handling.promise import Promise
from bot.handling.talking import Talking
from bot.handling.turn import kept_alive, wait_for_turn
from bot.ledger.contract import CHOOSING, NONE_OPEN, UNKNOWN, Ledger, Turn, hint_of
from bot.ledger.in_redis import REDIS_FAILURES, REDIS_SECONDS
from bot.ledger.shared import SharedLedger
from bot.replies import Reply, Silence, render_reply
from domain.errors import DomainError
from domain.messaging.queries import PRIVATE_TALK
from domain.messaging.records import InboundRecord
from models.availability import DatabaseUnavailable
from models.patience import within

log = structlog.get_logger(__name__)

#: The person waits for this beyond the deadline: it must stay within WeChat's 5 s.
_PROMISE_SECONDS = 0.3
#: What is left to a message that is given up at the end of the process (bot/inbox.py).
_LAST_SECONDS = 0.5


class Handling:
    """Waits for the turn, carries the plan out, and leaves everything as the next one needs it.

    `hint`: what Redis knew of the person's talk when the message came (bot/ledger/contract.py).
    """

    def __init__(
        self,
        tools: Tools,
        message: Message,
        ledger: Ledger,
        shared: SharedLedger,
        hint: bytes = UNKNOWN,
    ) -> None:
        self._tools = tools
        self._message = message
        self._ledger = ledger
        self._shared = shared
        self._hint = hint
        self._database = tools.database.for_one_message()
        self._talking = Talking(tools.vault, tools.dispatcher, tools.count_unexpected)
        self._promise = Promise(message, LateAnswers(tools.vault, self._database))
        #: The reply, once it is known and still in time.
        self.rendered: bytes | None = None
        #: As it is recorded; what was planned, until more is known.
        self.outcome = message.plan.outcome
        #: Nothing of it may be recorded, for all that is known so far.
        self._private = message.plan.action is None
        #: What the person was told before the end, as the ledger keeps it.
        self._said = b""
        #: The person has the answer to the question already, as if no talk were open.
        self._answered_early = False
        #: Redis failed while this message waited for its turn: it is not asked a second time.
        self._lost_redis = False

    def say(self, key: str) -> bytes:
        """A text of content/texts/bot.yaml, as inner XML; b"" to one who is not talking to us.

        Somebody who has just left is not told that an answer follows.
        """
        return b"" if self._is_silent else self._render(self._tools.dispatcher.say(key))

    def say_failed(self) -> bytes:
        """That it cannot be done now, and whether what was said is kept."""
        return b"" if self._is_silent else self._render(self._failure)

    async def promise(self) -> bytes:
        """Time is up: the person reads that the answer follows; `run` will send it.

        The record is put away now, as planned: a process that is killed before the end loses the
        answer, but not what the person wrote. A policy answer is known by now and is not held
        back where no talk was open that the words could be meant for.
        """
        plan = self._message.plan
        if plan.outcome == "policy" and plan.at_once and self._hint in (NONE_OPEN, CHOOSING):
            self._answered_early = True
            self.rendered = self._render(plan.reply)
            return await self._keep_reply(self.rendered, self._record())
        self._promise.made = True
        return await self._keep_reply(self.say("bot.later"), self._record())

    async def refuse(self) -> bytes:
        """Too many of this person's messages wait: this one is not handled, but recorded."""
        self.outcome = "slow_down"
        return await self._keep_reply(self.say("bot.slow_down"), self._record())

    async def _keep_reply(self, rendered: bytes, record: InboundRecord) -> bytes:
        """Say it, whatever follows; a retry gets the same.

        The ledger is told again at the end: this word may never reach it, and a claim without a
        reply, and with nobody at work on it, would let a retry begin anew.
        """
        self._said = sealed = self._tools.seal_reply(rendered, self._message.key)
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
            async with kept_alive(self._ledger, self._message):
                await self._handle()
        except asyncio.CancelledError:
            await self._give_up_at_the_end()
            raise
        except Exception as failure:
            self._tools.count_unexpected()
            log.error("message_failed", exc_info=failure)
            self.outcome = "failed"
            await self._give_up(REDIS_SECONDS)
            if self._promise.made and not self._promise.is_owed and not self._is_silent:
                await self._promise.owe(self._failure, private=self._private)
        # Nobody waits for his turn meanwhile.
        await self._promise.keep_queueing()

    async def _handle(self) -> None:
        turn = await self._take_turn()
        outcome = await self._carry_out(turn)
        self._private = outcome.private
        self.outcome = outcome.plan.outcome
        reply = outcome.plan.reply
        if self._answered_early:
            # A talk was open after all, or has begun meanwhile, and its answer is another.
            if reply != self._message.plan.reply:
                await self._promise.owe(reply, private=outcome.private)
        elif self._promise.made:
            await self._promise.owe(reply, private=outcome.private)
        else:
            self.rendered = self._render(reply)
        await self._finish(outcome)

    async def _take_turn(self) -> Turn:
        """Raises TurnNeverCame."""
        try:
            turn = await wait_for_turn(self._ledger, self._message)
        except REDIS_FAILURES as error:
            self._shared.lose_redis(error)
            self._lost_redis = True
            turn = Turn(UNKNOWN)
        self._hint = hint_of(turn.state)
        begun = self._tools.dispatcher.talks.get(self._message.plan.begins)
        self._private = self._hint in (UNKNOWN, PRIVATE_TALK) or (
            begun is not None and begun.private
        )
        return turn

    async def _carry_out(self, turn: Turn) -> Outcome:
        """Do what the message wants, given the talk that is open."""
        message, talking = self._message, self._talking
        if message.plan.action is not None:
            left = b"" if message.plan.forgets else turn.state
            return Outcome(await self._act(message.plan.action), left, turn.seconds, False)
        if not talking.is_for_a_talk(message, turn.state):
            private = turn.state == PRIVATE_TALK
            return Outcome(message.plan, turn.state, turn.seconds, private, moved=False)
        now = self._tools.clock()
        try:
            outcome = await self._database.ask(talking.take_step(message, turn.state, now))
        except DatabaseUnavailable:
            seconds = turn.seconds
            return await talking.step_without_postgres(message, turn.state, seconds, now)
        action = outcome.plan.action
        return outcome if action is None else await self._forget(outcome, action)

    async def _forget(self, outcome: Outcome, action: Callable[[], Any]) -> Outcome:
        """Forget the person, as a talk has decided. Its step is kept by now, and says that it is
        not done: that is told where it cannot be, and to a retry of a process that died."""
        try:
            reply = await self._database.ask(_call(action))
        except DatabaseUnavailable:
            return outcome
        except DomainError as refusal:
            worded = self._tools.dispatcher.refuse(outcome.plan, refusal)
            if worded is None:
                raise
            return replace(outcome, plan=worded)
        return replace(outcome, plan=replace(outcome.plan, reply=reply))

    async def _act(self, action: Callable[[], Any]) -> Plan:
        """Do what an event sets off; where a rule refuses, the plan is to say so. Where
        PostgreSQL is away it is done behind the record, and the reply goes out: that holds of
        following and of forgetting alone."""
        plan = self._message.plan
        try:
            await self._database.ask(_call(action))
        except DatabaseUnavailable:
            return plan
        except DomainError as refusal:
            worded = self._tools.dispatcher.refuse(plan, refusal)
            if worded is None:
                # Not in the table: a fault of ours (law 2), and told like one.
                raise
            return worded
        return plan

    async def _finish(self, outcome: Outcome) -> None:
        key, sender = self._message.key, self._message.sender
        record = None if self._is_recorded else self._record(outcome)
        reply = self._said
        if not reply and self.rendered is not None:
            reply = self._tools.seal_reply(self.rendered, key)
        # That an answer follows says nothing of a private talk.
        private = outcome.private and not self._promise.made
        if not self._lost_redis:
            try:
                finishing = self._ledger.finish(
                    *(key, sender, reply, record),
                    state=outcome.left,
                    state_seconds=outcome.seconds,
                    private=private,
                    moved=outcome.moved,
                )
                await within(REDIS_SECONDS, finishing)
                return
            except REDIS_FAILURES as error:
                self._shared.lose_redis(error)
        await self._shared.finish_locally(key, sender, reply, record, private=private)

    async def _give_up(self, seconds: float) -> None:
        """Nobody of the same person shall wait for a message whose handling has failed; what they
        wrote is kept, so that saying so is true."""
        key, sender = self._message.key, self._message.sender
        record = None if self._is_recorded else self._record()
        if not self._lost_redis:
            try:
                async with asyncio.timeout(seconds):
                    await self._ledger.give_up(key, sender, record, reply=self._said)
                return
            except REDIS_FAILURES as error:
                self._shared.lose_redis(error)
        await self._shared.give_up_locally(key, sender, record, reply=self._said)

    async def _give_up_at_the_end(self) -> None:
        """The process stops, and the message is not done: whoever was promised an answer gets the
        one that is known, or that there is none."""
        self.outcome = "failed"
        if self._promise.made and not self._promise.is_owed and not self._is_silent:
            self._promise.note(self._failure, private=self._private)
        await asyncio.gather(
            self._give_up(_LAST_SECONDS),
            self._promise.queue(_LAST_SECONDS, also_when_away=True),
        )
        if self._promise.is_owed:
            log.error("late_reply_lost", reason="process_stopped")

    def _record(self, outcome: Outcome | None = None) -> InboundRecord:
        """The record, with what has become of the message; without a word where a private talk
        has to do with it, or nobody knows whether one has."""
        plan = outcome.plan if outcome else self._message.plan
        record = replace(
            self._message.record, outcome=self.outcome, topic=plan.topic, score=plan.score
        )
        if not self._private:
            return record
        return record.without_words(
            self.outcome if self.outcome in ("failed", "slow_down") else "dialogue"
        )

    @property
    def _is_recorded(self) -> bool:
        """Something was said before the end, and the record went with it."""
        return self._promise.made or self._answered_early

    @property
    def _failure(self) -> Reply:
        key = "bot.unavailable_private" if self._private else "bot.unavailable"
        return self._tools.dispatcher.say(key)

    def _render(self, reply: Reply) -> bytes:
        """`reply` to this message, as inner XML."""
        return render_reply(reply, self._message.inbound, self._tools.clock().timestamp())

    @property
    def _is_silent(self) -> bool:
        return isinstance(self._message.plan.reply, Silence)


async def _call(action: Callable[[], Any]) -> Any:
    """`action` as a coroutine that may also be closed without having begun."""
    return await action()
