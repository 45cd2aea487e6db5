"""One message to the talks, without the official account's transport and without kept state."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from bot.dispatch import Dispatcher
from bot.handling.stepping import Decision, Stepper
from bot.talks.contract import Context, State
from bot.talks.hearing import hear
from bot.wire.inbound import Inbound
from domain.actor import Actor
from domain.vault import Vault

#: How a talk's action is run: bot.handling runs it in a transaction.
Attempt = Callable[[Callable[[], Awaitable[Any]]], Awaitable[Any]]


def text_message(words: str, **fields: str) -> Inbound:
    """What somebody wrote, as the platform brings it."""
    base = {"ToUserName": "gh", "FromUserName": "o", "CreateTime": "1", "MsgType": "text"}
    return Inbound({**base, "Content": words, "MsgId": "1", **fields})


async def decide(
    dispatcher: Dispatcher,
    vault: Vault,
    actor: Actor,
    inbound: Inbound,
    state: State | None,
    *,
    attempt: Attempt | None,
    active: bool = True,
    now: datetime,
    key: bytes = b"k" * 16,
) -> tuple[Decision, bool]:
    """What becomes of the message, and whether it is private. attempt: None where PostgreSQL is
    away. key: of this message and no other."""
    plan = dispatcher.plan(inbound, b"p" * 16, now)
    context = Context(
        actor,
        key,
        now,
        dispatcher.texts,
        lambda text: dispatcher.route(text, now),
        vault=vault,
        content=dispatcher.content,
        contact=dispatcher.contact,
    )
    stepper = Stepper(dispatcher, plan, hear(inbound, dispatcher.texts), context, attempt)
    decision = await stepper.decide(state, active=active)
    return decision, stepper.private
