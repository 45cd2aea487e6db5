"""One message with all that was decided from it alone, and what handling any message needs."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.dispatch import Dispatcher, Plan
from bot.wire.inbound import Inbound
from domain.calendar import Clock, local_now
from domain.messaging.records import InboundRecord
from domain.vault import SealBroken, Vault
from models.availability import Database

_REPLY_PLACE = b"reply"
#: Stands for silence among the kept replies, which are never empty.
_SAID_NOTHING = b"-"


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
        """Back from the ledger; silence where it was sealed with a key that is gone, or is no
        longer kept."""
        try:
            rendered = self.vault.open(sealed, _REPLY_PLACE, key)
        except SealBroken:
            return b""
        return b"" if rendered == _SAID_NOTHING else rendered


@dataclass(frozen=True, slots=True)
class Message:
    """One message with all that was decided from it alone. `sender`: the blind index of theirs."""

    inbound: Inbound
    key: bytes
    sender: bytes
    plan: Plan
    record: InboundRecord
