"""The record of one inbound message on its way through Redis to PostgreSQL."""

import json
import math
from dataclasses import dataclass, replace
from datetime import datetime

from domain.calendar import LOCAL
from domain.vault import INDEX_BYTES
from models.messages import KIND_LENGTH, OUTCOME_LENGTH, TOPIC_LENGTH

#: The Redis stream that the doors write and jobs.drain reads.
STREAM = "zpt:inbound"
#: Place (domain.vault) of a message's text; its row is the message's key.
TEXT_PLACE = b"inbound_messages.text"
#: Kinds that mean: forget this person.
FORGETTING_KINDS = frozenset(
    {
        "event.unsubscribe",
        "event.user_authorization_revoke",
        "event.user_authorization_cancellation",
    }
)
#: The kind that means: remember this person. Its record carries the sealed openid in the place of
#: a text, and the scene as its topic.
FOLLOWING_KIND = "event.subscribe"
#: Longer scenes are cut.
SCENE_LENGTH = TOPIC_LENGTH


@dataclass(frozen=True, slots=True)
class InboundRecord:
    """One message as it is kept. `sender` is the blind index of whoever sent it, `text_sealed` b""
    where there is no text."""

    key: bytes
    sender: bytes
    received_at: datetime
    kind: str
    outcome: str
    topic: str
    score: float | None
    text_sealed: bytes

    def without_words(self, outcome: str = "dialogue") -> "InboundRecord":
        """The same, with nothing of what was said and of what it was about: that of a talk which
        is nobody else's business."""
        return replace(self, outcome=outcome, topic="", score=None, text_sealed=b"")

    def to_stream(self) -> tuple[bytes, bytes]:
        """The two fields of a stream entry: what is about the message, and its sealed text."""
        about = (
            self.key.hex(),
            self.sender.hex(),
            self.received_at.timestamp(),
            self.kind,
            self.outcome,
            self.topic,
            self.score,
        )
        return json.dumps(about).encode(), self.text_sealed

    @classmethod
    def from_stream(cls, about: bytes, text_sealed: bytes) -> "InboundRecord":
        """Back from a stream entry.

        Raises ValueError for one that we did not write: PostgreSQL would refuse it, and with it
        the whole batch.
        """
        try:
            key, sender, received, kind, outcome, topic, score = json.loads(about)
            received_at = datetime.fromtimestamp(received, LOCAL)
        except (TypeError, OverflowError, OSError) as error:
            raise ValueError("not a record") from error
        return cls(
            _read_digest(key),
            _read_digest(sender),
            received_at,
            _read_text(kind, KIND_LENGTH),
            _read_text(outcome, OUTCOME_LENGTH),
            _read_text(topic, TOPIC_LENGTH),
            _read_score(score),
            text_sealed,
        )


def _read_digest(value: object) -> bytes:
    digest = bytes.fromhex(value) if isinstance(value, str) else b""
    if len(digest) != INDEX_BYTES:
        raise ValueError("not a digest")
    return digest


def _read_text(value: object, length: int) -> str:
    if not isinstance(value, str) or len(value) > length or "\0" in value:
        raise ValueError("not a name of ours")
    # A lone surrogate, which JSON can carry and PostgreSQL cannot: UnicodeError is a ValueError.
    value.encode()
    return value


def _read_score(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("not a score")
    try:
        score = float(value)
    except OverflowError as error:
        raise ValueError("not a score") from error
    if not math.isfinite(score):
        raise ValueError("not a score")
    return score
