"""Somebody who talks to the official account, without its transport and its kept state."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from bot.dispatch import Dispatcher
from bot.replies import MOST_TEXT_BYTES, Text
from bot.talks.contract import Context, NotMine, Opens, Said, State, Step
from bot.talks.states import read_state, write_state
from domain.actor import Actor
from domain.vault import Vault
from models.transactions import transaction
from tests.talks.deciding import decide, text_message


class Bind:
    """Stands for the talk that asks who somebody is."""

    name = "bind"
    version = 1
    active_for = timedelta(minutes=30)
    kept_for = timedelta(hours=24)
    private = True
    offline = False
    urgent = False

    async def begin(self, said: Said, context: Context) -> Step | Opens:
        return Step(State("name"), Text("您叫什么？"))

    async def step(self, state: State, said: Said, context: Context) -> Step | Opens | NotMine:
        return Step(None, Text("认好了。"))

    def remind(self, state: State, context: Context) -> str:
        return "名字？"

    def upgrade(self, state: State) -> State | None:
        return None


class Talker:
    """Says one thing after another; `actor` is who they are known to be at the moment."""

    def __init__(self, dispatcher: Dispatcher, vault: Vault, actor: Actor, now: datetime) -> None:
        self._dispatcher = dispatcher
        self._vault = vault
        self.actor = actor
        self.now = now
        self.state: State | None = None

    async def say(self, words: str, tapped: str = "") -> str:
        """What is answered."""
        inbound = text_message(words, bizmsgmenuid=tapped)
        decision, _ = await decide(
            self._dispatcher,
            self._vault,
            self.actor,
            inbound,
            self.state,
            attempt=attempt,
            now=self.now,
        )
        # As it is kept between two messages.
        self.state = decision.state and read_state(write_state(decision.state))
        assert isinstance(decision.plan.reply, Text)
        told = decision.plan.reply.content
        assert len(told.encode()) <= MOST_TEXT_BYTES, told
        return told


async def attempt(action: Callable[[], Awaitable[Any]]) -> Any:
    """As a step does it: in a part of its transaction."""
    async with transaction():
        return await action()
