"""The answer after the promise: a row and the job that sends it, tried again for a minute."""

import asyncio

import structlog

from bot.replies import cut_to_bytes
from bot.wire.inbound import Inbound
from domain.messaging import actions, rules
from domain.messaging.records import InboundRecord
from domain.vault import Vault
from models.availability import ASK_SECONDS, Database, DatabaseUnavailable

log = structlog.get_logger(__name__)

#: Seconds between the tries while PostgreSQL is away: a minute in all.
PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)


class LateAnswers:
    """Queues what the callback could not wait for. One late answer at most for one message."""

    def __init__(self, vault: Vault, database: Database) -> None:
        self._vault = vault
        self._database = database

    async def queue(
        self,
        inbound: Inbound,
        record: InboundRecord,
        text: str,
        *,
        private: bool = False,
        seconds: float = ASK_SECONDS,
        also_when_away: bool = False,
    ) -> None:
        """Try once. Raises DatabaseUnavailable."""
        queueing = actions.queue_late_reply(
            self._vault,
            message_key=record.key,
            sender=record.sender,
            openid=inbound.sender,
            text=cut_to_bytes(text),
            opened_by="touch" if record.kind in rules.TOUCH_KINDS else "message",
            opened_at=record.received_at,
            private=private,
        )
        await self._database.ask(queueing, seconds=seconds, also_when_away=also_when_away)

    async def keep_queueing(
        self, inbound: Inbound, record: InboundRecord, text: str, *, private: bool = False
    ) -> None:
        """Try until PostgreSQL takes it, for a minute; what it never takes is lost, and logged."""
        try:
            for pause in PAUSES:
                await asyncio.sleep(pause)
                try:
                    await self.queue(inbound, record, text, private=private, also_when_away=True)
                except DatabaseUnavailable:
                    continue
                return
        except asyncio.CancelledError:
            log.error("late_reply_lost", reason="process_stopped")
            raise
        log.error("late_reply_lost", reason="database_away")
