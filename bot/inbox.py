"""From one decrypted message to one reply: claimed once, in order, in time (laws 5 and 6)."""

import asyncio
from collections.abc import Callable

import structlog

from bot.dispatch import Plan
from bot.handling.handling import Handling
from bot.handling.message import Message, Tools
from bot.ledger.shared import SharedLedger
from bot.replies import render_reply
from bot.wire.inbound import Inbound
from domain.messaging.records import TEXT_PLACE, InboundRecord
from domain.messaging.rules import SENDER_PURPOSE, name_sender

log = structlog.get_logger(__name__)

#: WeChat gives up after 5 s; the answer is on its way by then.
ANSWER_SECONDS = 4.5
#: At the end of the process. web.serving leaves 2.5 s; what is given up then takes half a second
#: (bot/handling/handling.py), and the records the rest.
CLOSE_SECONDS = 1.0
_POLL_SECONDS = 0.05

ObserveMessage = Callable[[str, str], object]


class Inbox:
    """Answers messages for one official account. Tasks that outlive a request are kept here."""

    def __init__(
        self,
        app_id: str,
        tools: Tools,
        ledger: SharedLedger,
        *,
        answer_seconds: float = ANSWER_SECONDS,
        observe: ObserveMessage = lambda _kind, _outcome: None,
        count_late: Callable[[], object] = lambda: None,
    ) -> None:
        self._app_id = app_id
        self._tools = tools
        self._ledger = ledger
        self._answer_seconds = answer_seconds
        self._observe = observe
        self._count_late = count_late
        self._tasks: set[asyncio.Task[None]] = set()

    async def answer(self, inbound: Inbound) -> bytes:
        """The inner XML of the reply; b"" where nothing is to be said."""
        deadline = asyncio.get_running_loop().time() + self._answer_seconds
        message = self._read(inbound)
        plan = message.plan
        rendered = render_reply(plan.reply, inbound, message.record.received_at.timestamp())
        at_once = self._tools.seal_reply(rendered, message.key) if plan.at_once else b""
        while True:
            opened, ledger = await self._ledger.open(
                message.key, message.sender, at_once, message.record, aside=plan.aside
            )
            if opened.verdict == "done":
                self._count(inbound, plan.outcome)
                return rendered
            if opened.verdict == "repeat":
                self._count(inbound, "retry")
                return self._tools.open_reply(opened.reply, message.key)
            if opened.verdict in ("queued", "full"):
                handling = Handling(self._tools, message, ledger, self._ledger, opened.hint)
                if opened.verdict == "full":
                    reply = await handling.refuse()
                else:
                    reply = await self._wait_for(handling, deadline)
                self._count(inbound, handling.outcome)
                return reply
            # Another delivery of the same message is being handled: its reply is ours too.
            if asyncio.get_running_loop().time() >= deadline:
                return b""
            await asyncio.sleep(_POLL_SECONDS)

    async def close(self, seconds: float = CLOSE_SECONDS) -> None:
        """Wait for what was accepted to be finished; what is not by then is given up."""
        if not self._tasks:
            return
        _, unfinished = await asyncio.wait(self._tasks, timeout=seconds)
        for task in unfinished:
            log.error("message_given_up")
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)

    def _count(self, inbound: Inbound, outcome: str) -> None:
        self._observe(inbound.kind, outcome)

    def _read(self, inbound: Inbound) -> Message:
        vault = self._tools.vault
        now = self._tools.clock()
        sender = vault.index(name_sender(self._app_id, inbound.sender), SENDER_PURPOSE)
        plan = self._tools.dispatcher.plan(inbound, sender, now)
        key = vault.index(inbound.identity(), "message")
        record = InboundRecord(
            key=key,
            sender=sender,
            received_at=now,
            kind=inbound.kind,
            outcome=plan.outcome,
            topic=plan.topic,
            score=plan.score,
            text_sealed=self._seal_text(plan, key),
        )
        return Message(inbound, key, sender, plan, record)

    def _seal_text(self, plan: Plan, key: bytes) -> bytes:
        if plan.said is None:
            return plan.keepsake
        said = plan.said.encode("utf-8", "replace")
        return self._tools.vault.seal(said, TEXT_PLACE, key)

    async def _wait_for(self, handling: Handling, deadline: float) -> bytes:
        loop = asyncio.get_running_loop()
        task = loop.create_task(handling.run())
        self._tasks.add(task)
        task.add_done_callback(self._settle)
        await asyncio.wait({task}, timeout=max(0.0, deadline - loop.time()))
        if handling.rendered is not None:
            return handling.rendered
        if task.done():
            # It failed in a way that nobody thought of (it is in the log): say so honestly.
            return handling.say_failed()
        self._count_late()
        return await handling.promise()

    def _settle(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # Even saying that it failed has failed.
            self._tools.count_unexpected()
            log.error("message_failed", exc_info=error)
