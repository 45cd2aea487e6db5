"""What makes two requests the same one, and how long that is remembered."""

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from domain.errors import DomainError

#: For so long the first answer is given again.
KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: what it does ("POST /api/v1/…"), the key that the client gave it, its body."""

    what: str
    key: str
    body: bytes

    def identify(self, who: str) -> UUID:
        """The same for one key of one actor for one thing, and for nothing else.

        There is nothing secret in it: keys are the client's, actors' keys are ids of ours.
        """
        parts = json.dumps([who, self.what, self.key]).encode()
        return UUID(bytes=hashlib.sha256(parts).digest()[:16])


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: an HTTP status and JSON."""

    status: int
    body: str

    @property
    def is_kept(self) -> bool:
        """A refusal is none: what was wrong with it can be put right under the same key."""
        return 200 <= self.status < 300


def write_answer(asked: Asked, answer: Answer) -> str:
    """`answer` for the record. What was asked is in it by a digest: it is sealed with the rest,
    for who knows the form of a body could find out its contents by trying."""
    return json.dumps([answer.status, answer.body, _digest(asked)])


def read_answer(asked: Asked, written: str) -> Answer:
    """The answer that was written down. Raises DomainError idempotency_key_reused where something
    else was asked under the key."""
    status, body, digest = json.loads(written)
    if digest != _digest(asked):
        raise DomainError("idempotency_key_reused")
    return Answer(status, body)


def _digest(asked: Asked) -> str:
    return hashlib.sha256(asked.body).hexdigest()
