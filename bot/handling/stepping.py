"""What becomes of a talk with one message: answered in it, beside it, paused, cancelled, ended.

Decides alone. What is read and done on the way happens in the transaction of the one who asks
(talking.py).
"""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import structlog

from bot.dispatch import Dispatcher, Plan
from bot.replies import Reply, Silence, Text, join
from bot.talks.contract import Context, NotMine, Opens, Said, State, Step, Talk
from domain.actor import Actor
from domain.errors import DomainError

log = structlog.get_logger(__name__)

#: A talk may open another, which opens a third; more are a circle.
_MOST_HOPS = 4

GO_ON = Said(command="go_on")

#: Does an action so that it alone can be undone.
Attempt = Callable[[Callable[[], Awaitable[Any]]], Awaitable[Any]]


class NeedsPostgres(Exception):  # noqa: N818 (a state of the world)
    """The talk cannot be gone on with while PostgreSQL is away."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What is said and recorded, and where the talk stands then.

    state: None where none is open. touched: it is to be written down. paused: words are
    questions until the person says to go on.
    """

    plan: Plan
    state: State | None
    touched: bool
    paused: bool = False


class Stepper:
    """One message, with all that deciding needs. `attempt` None: PostgreSQL is away."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        plan: Plan,
        said: Said,
        context: Context,
        attempt: Attempt | None,
        count_unexpected: Callable[[], object] = lambda: None,
        recognise: Callable[[], Awaitable[Actor]] | None = None,
    ) -> None:
        """`recognise`: who talks, asked anew; None where that cannot change in a step."""
        self._dispatcher = dispatcher
        self._talks = dispatcher.talks
        self._texts = dispatcher.texts
        self._plan = plan
        self._said = said
        self._context = context
        self._attempt = attempt
        self._count_unexpected = count_unexpected
        self._recognise = recognise
        self._hops = 0
        #: A private talk has to do with it.
        self.private = False

    async def decide(self, state: State | None, *, active: bool) -> Decision:
        """The decision, given the talk that is open. Raises NeedsPostgres, and whatever a durable
        talk fails with."""
        self._note(state)
        try:
            decision = await self._decide(state, active)
        except DomainError as refusal:
            decision = Decision(self._word(refusal), state, touched=False, paused=not active)
        self._note(decision.state)
        return decision

    async def _decide(self, state: State | None, active: bool) -> Decision:
        if self._plan.comes_first and (state is None or state.talk != self._plan.begins):
            begun = await self._begin(self._plan, state)
            if begun is not None:
                return begun
            self._plan = self._leave_out(self._plan)
        plan, said = self._plan, self._said
        if state is None:
            return await self._follow(plan, None)
        talk = self._talks.get(state.talk)
        if talk is None:
            # A release has left it out.
            following = await self._follow(plan, None)
            gone = Text(self._texts["bot.talk_gone"])
            told = replace(following.plan, reply=join(gone, following.plan.reply))
            return replace(following, plan=told, touched=True)
        if said.command == "cancel":
            return self._cancel(state, talk)
        if said.command == "go_on" and talk.offline and state.after is not None:
            # What waits below a choice is meant, for that is what the words were offered for.
            return await self._step(state.after, self._talks[state.after.talk], said)
        if said.command is None and (not active or self._is_apart(talk)):
            if said.words is None and plan.begins == state.talk:
                # The menu's line for the very thing that waits, or a code scanned for it.
                return await self._step(state, talk, said if said.scanned else GO_ON)
            return await self._follow(plan, state, paused=not active)
        return await self._step(state, talk, said)

    def _is_apart(self, talk: Talk) -> bool:
        """The message is not for the talk, though it is active: the menu, an opinion, a link."""
        said = self._said
        if said.words is None:
            return said.media is None and said.place is None
        if self._plan.outcome in ("useful", "useless"):
            return True
        return not talk.offline and said.tapped.startswith(("entry:", "intent:"))

    def _cancel(self, state: State, talk: Talk) -> Decision:
        said = Plan(Text(self._texts["bot.cancelled"]), "dialogue", said=self._plan.said)
        if talk.offline and state.after is not None:
            # A choice is called off; what waited below it still waits.
            said = replace(said, reply=self._with_line(said.reply, state.after, paused=True))
            return Decision(said, state.after, touched=True, paused=True)
        return Decision(said, None, touched=True)

    async def _step(self, state: State, talk: Talk, said: Said) -> Decision:
        self._require(talk)
        if state.version > talk.version:
            # A newer process has begun it, and will go on with it.
            reply = self._dispatcher.say("bot.unavailable_private")
            return Decision(Plan(reply, "failed", said=self._plan.said), state, touched=False)
        try:
            if state.version < talk.version:
                upgraded = talk.upgrade(state)
                if upgraded is None:
                    return await self._renew(state, talk)
                state = replace(upgraded, talk=talk.name, version=talk.version, after=state.after)
            if said.command == "restart" and not talk.offline:
                return await self._settle(await talk.begin(said, self._context), talk, state)
            return await self._settle(await talk.step(state, said, self._context), talk, state)
        except DomainError:
            raise
        except Exception as failure:
            if not talk.offline:
                raise
            # Nothing is lost with a choice: it ends, and the words are answered.
            self._count_unexpected()
            log.error("dialogue_failed", exc_info=failure)
            following = await self._follow(self._plan, state.after, paused=True)
            return replace(following, touched=True)

    async def _renew(self, state: State, talk: Talk) -> Decision:
        begun = await talk.begin(Said(command="restart"), self._context)
        decision = await self._settle(begun, talk, replace(state, version=talk.version))
        renewed = Text(self._texts["bot.talk_renewed"])
        told = replace(decision.plan, reply=join(renewed, decision.plan.reply))
        return replace(decision, plan=told)

    async def _follow(
        self, plan: Plan, below: State | None, *, paused: bool = False, handed: bool = False
    ) -> Decision:
        """Answer `plan`, with `below` open beneath it; a talk that `plan` begins may lie upon one
        that is paused if it gives way, and upon one that has opened it (`handed`)."""
        if not plan.begins:
            reply = self._with_line(plan.reply, below, paused=paused)
            return Decision(replace(plan, reply=reply), below, touched=False, paused=paused)
        talk = self._talks[plan.begins]
        self.private |= talk.private
        if below is not None and not handed and not talk.urgent:
            if talk.offline and not paused:
                reply = self._with_line(plan.reply, below, paused=False)
                return Decision(replace(plan, reply=reply, begins=""), below, touched=False)
            if not talk.offline:
                said = Plan(Text(self._texts["bot.talk_open"]), "dialogue", said=plan.said)
                return Decision(said, below, touched=False, paused=paused)
        begun = await self._begin(plan, below)
        if begun is None:
            return await self._follow(self._leave_out(plan), below, paused=paused, handed=handed)
        return begun

    async def _begin(self, plan: Plan, below: State | None) -> Decision | None:
        """Begin the talk of `plan` upon `below`; None where it says that it was not meant."""
        talk = self._talks[plan.begins]
        self._hop()
        self._require(talk)
        if talk.urgent:
            below = self._make_way(talk, below)
        begun = await talk.begin(self._said, self._context)
        if isinstance(begun, NotMine):
            return None
        self.private |= talk.private
        new = State("", talk=talk.name, version=talk.version, after=below)
        return await self._settle(begun, talk, new, replace(plan, begins=""))

    def _make_way(self, talk: Talk, below: State | None) -> State | None:
        """What stays below an urgent talk: no choice, for whoever says something else has moved
        on; and nothing that was begun for the same, and waited for."""
        same = next((one for one in layers(below) if one.talk == talk.name), None)
        if same is not None:
            below = same.after
        while below is not None and below.talk in self._talks and self._talks[below.talk].offline:
            below = below.after
        return below

    def _leave_out(self, plan: Plan) -> Plan:
        """`plan` without the talk that it would begin."""
        return plan.otherwise or replace(plan, begins="", comes_first=False)

    async def _settle(
        self, result: Step | Opens | NotMine, talk: Talk, state: State, plan: Plan | None = None
    ) -> Decision:
        """What a talk that stands at `state` has answered; `plan`: it begins so."""
        if isinstance(result, Step):
            return await self._run(result, talk, state, plan)
        if isinstance(result, Opens):
            self._hop()
            now, after = self._context.now, result.after
            opened = self._dispatcher.plan_target(result.target, now, self._plan.said)
            if after is not None:
                after = self._sign(after, talk, state.after)
                following = await self._follow(opened, after, handed=True)
                if result.lead:
                    both = join(Text(result.lead), following.plan.reply)
                    following = replace(following, plan=replace(following.plan, reply=both))
            else:
                following = await self._follow(opened, state.after, paused=True)
            return replace(following, touched=True)
        if result is NotMine.ENDS:
            following = await self._follow(self._plan, state.after, paused=True)
            return replace(following, touched=True)
        reply = self._with_line(self._plan.reply, state, paused=False)
        aside = replace(self._plan, reply=reply, begins="")
        return Decision(aside, state, touched=not talk.offline)

    async def _run(self, step: Step, talk: Talk, state: State, plan: Plan | None) -> Decision:
        topic = "" if talk.private else talk.name
        outcome = plan or Plan(step.reply, "dialogue", topic=topic, said=self._plan.said)
        if step.forgets is not None:
            if self._attempt is None:
                raise NeedsPostgres
            forgetting = replace(
                outcome, reply=step.reply, action=lambda: _forget(step), forgets=True
            )
            return Decision(forgetting, None, touched=True)
        if step.action is not None:
            if self._attempt is None:
                raise NeedsPostgres
            try:
                answer = await self._attempt(step.action)
            except DomainError as refusal:
                told = step.refused(refusal) if step.refused else None
                if told is None:
                    stays = None if plan else state
                    return Decision(self._word(refusal), stays or state.after, touched=True)
                step = told
                outcome = Plan(step.reply, "refused", topic=refusal.code, said=self._plan.said)
            else:
                step = step.done(answer) if step.done else step
        outcome = replace(outcome, reply=step.reply)
        if step.state is not None:
            signed = self._sign(step.state, talk, state.after)
            return Decision(outcome, signed, touched=True)
        if state.after is None:
            return Decision(outcome, None, touched=True)
        if talk.offline or talk.urgent:
            reply = self._with_line(step.reply, state.after, paused=True)
            return Decision(replace(outcome, reply=reply), state.after, touched=True, paused=True)
        # What opened this talk goes on, and says so below, or is where one has gone back to. It
        # may have waited for nothing else than to know who talks.
        self._hop()
        if self._recognise is not None:
            self._context = replace(self._context, actor=await self._recognise())
        going_on = await self._step(
            state.after,
            self._talks[state.after.talk],
            Said(command="back" if self._said.command == "back" else "go_on"),
        )
        told_both = replace(outcome, reply=join(step.reply, going_on.plan.reply))
        return replace(going_on, plan=told_both, touched=True)

    def _sign(self, state: State, talk: Talk, after: State | None) -> State:
        return replace(state, talk=talk.name, version=talk.version, after=after)

    def _with_line(self, reply: Reply, below: State | None, *, paused: bool) -> Reply:
        """`reply`, and in one line what waits below it; without it where there is no room."""
        if below is None or isinstance(reply, Silence):
            return reply
        talk = self._talks.get(below.talk)
        if talk is None:
            return reply
        line = self._texts["bot.talk_waits"] if paused else talk.remind(below, self._context)
        return join(reply, Text(line), cut=False) if line else reply

    def _word(self, refusal: DomainError) -> Plan:
        """What the person reads. Raises the refusal where no table knows it (law 2)."""
        worded = self._dispatcher.refuse(self._plan, refusal)
        if worded is None:
            raise refusal
        return worded

    def _require(self, talk: Talk) -> None:
        if self._attempt is None and not talk.offline:
            raise NeedsPostgres

    def _hop(self) -> None:
        self._hops += 1
        if self._hops > _MOST_HOPS:
            raise RuntimeError("talks open one another in a circle")

    def _note(self, state: State | None) -> None:
        known = (self._talks.get(one.talk) for one in layers(state))
        self.private |= any(talk is not None and talk.private for talk in known)


async def _forget(step: Step) -> Reply:
    """What is said when it is done."""
    assert step.forgets is not None
    answer = await step.forgets()
    return step.done(answer).reply if step.done else step.reply


def layers(state: State | None) -> Iterator[State]:
    """The talk on top and all that wait below."""
    while state is not None:
        yield state
        state = state.after
