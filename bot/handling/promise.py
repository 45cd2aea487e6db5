"""What the person is told before the message is done, and what is owed to them since."""

import contextlib

import structlog

from bot.handling.late import LateAnswers
from bot.handling.message import Message
from bot.replies import Reply, Text
from models.availability import ASK_SECONDS, DatabaseUnavailable

log = structlog.get_logger(__name__)


class Promise:
    """The promise of one message. Most messages are done in time and never make one."""

    def __init__(self, message: Message, late: LateAnswers) -> None:
        self._message = message
        self._late = late
        #: The person has read that the answer follows.
        self.made = False
        #: What follows, once it is known; None where nothing is owed.
        self._owed: str | None = None
        #: It belongs to a private talk.
        self._private = True

    @property
    def is_owed(self) -> bool:
        """Whether something has still to be put on its way."""
        return self._owed is not None

    async def owe(self, reply: Reply, *, private: bool) -> None:
        """This has to follow: put it on its way, or keep it where PostgreSQL takes nothing."""
        self.note(reply, private=private)
        await self.queue()

    def note(self, reply: Reply, *, private: bool) -> None:
        """This has to follow."""
        if isinstance(reply, Text):
            self._owed, self._private = reply.content, private

    async def queue(self, seconds: float = ASK_SECONDS, *, also_when_away: bool = False) -> None:
        """Try once."""
        if self._owed is None:
            return
        message = self._message
        with contextlib.suppress(DatabaseUnavailable):
            await self._late.queue(
                message.inbound,
                message.record,
                self._owed,
                private=self._private,
                seconds=seconds,
                also_when_away=also_when_away,
            )
            self._owed = None

    async def keep_queueing(self) -> None:
        """Try for a minute."""
        if self._owed is not None:
            message = self._message
            await self._late.keep_queueing(
                message.inbound, message.record, self._owed, private=self._private
            )
            self._owed = None
