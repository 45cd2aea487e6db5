"""Takes one step of a talk: the only place where a talk meets PostgreSQL.

A step is one transaction (domain/messaging/dialogues.py): what it sets off, where the talk stands
then and what was said are kept together, or nothing is. A message that comes again, through this
process or another, is told the same again.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from tortoise.backends.base.client import BaseDBAsyncClient

from bot.dispatch import Dispatcher, Plan
from bot.handling.message import Message
from bot.handling.outcome import Outcome
from bot.handling.stepping import Attempt, Decision, NeedsPostgres, Stepper, layers
from bot.ledger.contract import UNKNOWN
from bot.replies import SILENCE, Text
from bot.talks.contract import Context, State
from bot.talks.hearing import hear
from bot.talks.states import read_state, write_state
from domain.actor import Actor, Trainee, Visitor
from domain.faq.routing.result import Routing
from domain.messaging import rules
from domain.messaging.dialogues import STATE_PLACE, HeldDialogue, hold_dialogue
from domain.messaging.queries import PRIVATE_TALK, TALK, copy_of
from domain.people.queries import find_person_of_sender
from domain.vault import SealBroken, Vault

log = structlog.get_logger(__name__)

#: What may be said though PostgreSQL is away and a talk may be open: an answer to a question, or
#: a choice between answers. Of other words nobody knows whether they were meant for the talk.
_STANDS_ALONE = frozenset({"policy", "clarify", "service", "useful", "useless"})


class Talking:
    """Takes steps for one official account."""

    def __init__(
        self,
        vault: Vault,
        dispatcher: Dispatcher,
        count_unexpected: Callable[[], object] = lambda: None,
    ) -> None:
        self._vault = vault
        self._dispatcher = dispatcher
        self._count_unexpected = count_unexpected

    def is_for_a_talk(self, message: Message, copy: bytes) -> bool:
        """Whether the message has to do with a talk, where `copy` is what Redis knows of one."""
        if message.plan.begins:
            return True
        if not copy or message.inbound.type == "event":
            return False
        # A choice is made in words.
        return message.plan.said is not None or copy in (TALK, PRIVATE_TALK, UNKNOWN)

    async def take_step(self, message: Message, copy: bytes, now: datetime) -> Outcome:
        """One step, all or nothing. To be asked through models.availability; raises what the
        driver raises, and what a durable talk fails with."""
        said_at = message.record.received_at
        async with hold_dialogue(message.sender, said_at=said_at, now=now) as held:
            if held.last_key == message.key:
                return self._repeat(message, held, now)
            state = self._open(message, held.state_sealed)
            active = held.active_until is None or now < held.active_until
            if state is None and copy not in (b"", UNKNOWN, TALK, PRIVATE_TALK):
                # A choice that was offered while PostgreSQL was away.
                state, active = self._open(message, copy), True
            if held.left:
                return Outcome(replace(message.plan, begins=""), b"", 0, True)
            actor = await self._recognise(message, state, held.connection)
            stepper = self._make_stepper(
                *(message, now, held.attempt, actor),
                lambda: self._name_sender(message, held.connection),
            )
            decision = await stepper.decide(state, active=active)
            private = stepper.private
            if decision.touched or (state is None and held.state_sealed):
                return await self._keep(message, held, decision, private, now)
            return self._leave(held, decision, private, copy, now)

    async def step_without_postgres(
        self, message: Message, copy: bytes, seconds: int, now: datetime
    ) -> Outcome:
        """The same while PostgreSQL is away: only a choice goes on, and questions are answered
        where no talk can be meant. Anything else is told to come again, and nothing changes."""
        plan = message.plan
        unsure = copy == UNKNOWN
        if copy in (TALK, PRIVATE_TALK) or (unsure and plan.outcome not in _STANDS_ALONE):
            return self._refuse_without_postgres(message, copy, seconds)
        state = None if copy in (b"", UNKNOWN) else self._open(message, copy)
        stepper = self._make_stepper(message, now, None, Visitor(message.sender))
        try:
            decision = await stepper.decide(state, active=True)
        except NeedsPostgres:
            return self._refuse_without_postgres(message, copy, seconds)
        if decision.state is not None and decision.touched:
            lasts = self._dispatcher.talks[decision.state.talk].kept_for
            sealed = self._seal(message, decision.state)
            return Outcome(decision.plan, sealed, _seconds(lasts), unsure or stepper.private)
        # What PostgreSQL has stored is read again next time.
        left = copy if decision.state is not None else UNKNOWN if copy else b""
        return Outcome(decision.plan, left, seconds, unsure or stepper.private)

    def _refuse_without_postgres(self, message: Message, copy: bytes, seconds: int) -> Outcome:
        begun = self._dispatcher.talks.get(message.plan.begins)
        private = copy in (PRIVATE_TALK, UNKNOWN) or (begun is not None and begun.private)
        key = "bot.unavailable_private" if private else "bot.unavailable"
        if (
            message.plan.comes_first
            and f"{message.plan.begins}.unavailable" in self._dispatcher.texts
        ):
            # What was meant is known, and that it was not done is said in so many words.
            key = f"{message.plan.begins}.unavailable"
        reply = self._dispatcher.say(key)
        return Outcome(Plan(reply, "failed", said=message.plan.said), copy, seconds, private)

    async def _recognise(
        self, message: Message, state: State | None, connection: BaseDBAsyncClient
    ) -> Actor:
        """Who talks, by name where they are bound; asked only where a durable talk may be meant."""
        opened = [message.plan.begins]
        for layer in layers(state):
            options = layer.answers.get("options", ())
            opened += [layer.talk, *(option.removeprefix("intent:") for option in options)]
        known = (self._dispatcher.talks.get(name) for name in opened)
        if any(talk is not None and not talk.offline for talk in known):
            return await self._name_sender(message, connection)
        return Visitor(message.sender)

    async def _name_sender(self, message: Message, connection: BaseDBAsyncClient) -> Actor:
        person = await find_person_of_sender(connection, message.sender)
        return Visitor(message.sender) if person is None else Trainee(person)

    def _make_stepper(
        self,
        message: Message,
        now: datetime,
        attempt: Attempt | None,
        actor: Actor,
        recognise: Callable[[], Awaitable[Actor]] | None = None,
    ) -> Stepper:
        dispatcher, plan = self._dispatcher, message.plan

        def route(words: str) -> Routing:
            known = plan.routing
            return known if known and words == plan.said else dispatcher.route(words, now)

        context = Context(
            actor,
            message.key,
            now,
            dispatcher.texts,
            route,
            vault=self._vault,
            content=dispatcher.content,
            openid=message.inbound.sender,
            contact=dispatcher.contact,
            came_at=min(message.record.received_at, now),
        )
        said = hear(message.inbound, dispatcher.texts)
        return Stepper(dispatcher, plan, said, context, attempt, self._count_unexpected, recognise)

    def _repeat(self, message: Message, held: HeldDialogue, now: datetime) -> Outcome:
        """The step was taken already, by this message."""
        told = held.read_last_reply(self._vault)
        reply = Text(told) if told else SILENCE
        plan = Plan(reply, "dialogue", said=message.plan.said)
        if not held.state_sealed or held.expires_at is None:
            return Outcome(plan, b"", 0, held.private)
        # Nothing more is known of it here than that it is open.
        left = PRIVATE_TALK if held.private else TALK
        return Outcome(plan, left, _seconds(held.expires_at - now), held.private)

    async def _keep(
        self,
        message: Message,
        held: HeldDialogue,
        decision: Decision,
        private: bool,
        now: datetime,
    ) -> Outcome:
        reply, state = decision.plan.reply, decision.state
        told = reply.content if isinstance(reply, Text) else ""
        if state is None:
            await held.end(self._vault, message.key, told, private=private, now=now)
            return Outcome(decision.plan, b"", 0, private)
        talk = self._dispatcher.talks[state.talk]
        expires_at = now + talk.kept_for
        if held.expires_at is not None and state.after is not None:
            expires_at = max(expires_at, held.expires_at)
        if decision.paused and held.expires_at is not None:
            expires_at = held.expires_at
        sealed = self._seal(message, state)
        name = state.talk if state.after is None else TALK.decode()
        await held.keep(
            self._vault,
            message.key,
            told,
            name=name,
            state_sealed=sealed,
            private=private,
            active_until=now if decision.paused else now + talk.active_for,
            expires_at=expires_at,
        )
        left = copy_of(name, private, sealed)
        return Outcome(decision.plan, left, _seconds(expires_at - now), private)

    def _leave(
        self,
        held: HeldDialogue,
        decision: Decision,
        private: bool,
        copy: bytes,
        now: datetime,
    ) -> Outcome:
        """Nothing is written: what is open stays as it is."""
        if decision.state is None or held.expires_at is None or not held.state_sealed:
            left = copy if decision.state is not None else b""
            seconds = _seconds(rules.REPLIES_KEPT)
            return Outcome(decision.plan, left, seconds, private, moved=False)
        state = decision.state
        name = state.talk if state.after is None else TALK.decode()
        left = copy_of(name, held.private, held.state_sealed)
        seconds = _seconds(held.expires_at - now)
        return Outcome(decision.plan, left, seconds, private, moved=False)

    def _seal(self, message: Message, state: State) -> bytes:
        return self._vault.seal(write_state(state), STATE_PLACE, message.sender)

    def _open(self, message: Message, sealed: bytes) -> State | None:
        """The state; None where there is none, or nothing that can be read."""
        if not sealed:
            return None
        try:
            return read_state(self._vault.open(sealed, STATE_PLACE, message.sender))
        except SealBroken:
            log.error("dialogue_unreadable")
            return None


def _seconds(lasts: timedelta) -> int:
    return max(1, int(lasts.total_seconds()))
