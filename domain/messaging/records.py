"""The record of one inbound message on its way through Redis to PostgreSQL."""

import json
from dataclasses import dataclass
from datetime import datetime

from domain.calendar import LOCAL
from domain.vault import INDEX_BYTES

#: The Redis stream that the doors write and jobs.drain reads.
STREAM = "zpt:inbound"
#: Place (domain.vault) of a message's text.
TEXT_PLACE = b"inbound_messages.text"
#: Kinds that mean: forget this person.
FORGETTING_KINDS = frozenset(
    {
        "event.unsubscribe",
        "event.user_authorization_revoke",
        "event.user_authorization_cancellation",
    }
)


@dataclass(frozen=True, slots=True)
class InboundRecord:
    """One message as it is kept. `text_sealed` is b"" where there is no text."""

    key: bytes
    person: bytes
    received_at: datetime
    kind: str
    outcome: str
    topic: str
    score: float | None
    text_sealed: bytes

    def to_stream(self) -> tuple[bytes, bytes]:
        """The two fields of a stream entry: what is about the message, and its sealed text."""
        about = (
            self.key.hex(),
            self.person.hex(),
            self.received_at.timestamp(),
            self.kind,
            self.outcome,
            self.topic,
            self.score,
        )
        return json.dumps(about).encode(), self.text_sealed

    @classmethod
    def from_stream(cls, about: bytes, text_sealed: bytes) -> "InboundRecord":
        """Back from a stream entry. Raises ValueError for one that we did not write."""
        key, person, received, kind, outcome, topic, score = json.loads(about)
        if len(key) != 2 * INDEX_BYTES or len(person) != 2 * INDEX_BYTES:
            # PostgreSQL would refuse it, and the whole batch with it.
            raise ValueError("not a key and a person")
        return cls(
            bytes.fromhex(key),
            bytes.fromhex(person),
            datetime.fromtimestamp(received, LOCAL),
            kind,
            outcome,
            topic,
            score,
            text_sealed,
        )
