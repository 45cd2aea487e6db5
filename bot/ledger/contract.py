"""What a ledger promises: every message is handled once, one person's messages in order (law 5)."""

from dataclasses import dataclass
from typing import Literal, Protocol

from domain.messaging.queries import PRIVATE_TALK, TALK
from domain.messaging.records import InboundRecord

#: A request is valid for 10 minutes either way: within that a replay meets its claim.
CLAIM_SECONDS = 1260
#: Whoever handles a message says so every third of this; this long without a word and it has died.
#: A retry that comes right after the death must wait for it and still be answered within 4.5 s.
LEASE_MILLISECONDS = 3000
#: Messages of one person that may wait at once, the one being handled included.
MOST_WAITING = 20
#: What is known of a person's talk, where it is not the state of a choice itself or one of
#: domain.messaging.queries.TALK and PRIVATE_TALK: only PostgreSQL knows.
UNKNOWN = b"?"
#: And as hints alone: none is open, or a choice between answers.
NONE_OPEN, CHOOSING = b"n", b"c"
#: The reply to a message of a private talk is kept no longer than this.
BRIEFLY_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Opened:
    """What the ledger says of an arriving message.

    `hint`, beside queued and full: what was known of the person's talk before any message of
    theirs that is being handled: UNKNOWN, NONE_OPEN, CHOOSING, TALK or PRIVATE_TALK.

    done: it is answered. repeat: `reply` was given before. working: another delivery of it is
    being handled. queued: handle it when its turn comes. full: too many of this person's wait,
    this one is not taken up. cold: the ledger has lost the dialogues (`load_dialogues`), ask
    again.
    """

    verdict: Literal["done", "repeat", "working", "queued", "full", "cold"]
    reply: bytes = b""
    hint: bytes = UNKNOWN


@dataclass(frozen=True, slots=True)
class Turn:
    """The message may be handled now.

    `state` is what is known of the person's talk: b"" where none is open, TALK or PRIVATE_TALK
    where PostgreSQL has to be asked, UNKNOWN, or the sealed state of a choice; `seconds` is what
    is left of it, and means something only where one is open.
    """

    state: bytes
    seconds: int = 0


def hint_of(state: bytes) -> bytes:
    """A turn's state as a hint."""
    if state in (UNKNOWN, TALK, PRIVATE_TALK):
        return state
    return CHOOSING if state else NONE_OPEN


class Ledger(Protocol):
    """What the door needs of the ledger, in Redis or, while Redis is away, in this process."""

    async def open(
        self,
        key: bytes,
        sender: bytes,
        reply: bytes,
        record: InboundRecord,
        *,
        aside: bool = False,
    ) -> Opened:
        """A message arrives. `reply` b"": it cannot be answered at once.

        `aside`: dialogues and order do not matter to it.
        """

    async def take_turn(self, key: bytes, sender: bytes) -> Turn | None:
        """None: not yet."""

    async def keep_alive(self, key: bytes) -> None:
        """The message is still being handled."""

    async def keep_reply(self, key: bytes, reply: bytes, record: InboundRecord) -> None:
        """The person is told this now, whatever follows: retries get the same. Recorded at once,
        for nothing may follow."""

    async def finish(
        self,
        key: bytes,
        sender: bytes,
        reply: bytes,
        record: InboundRecord | None,
        *,
        state: bytes,
        state_seconds: int,
        private: bool = False,
        moved: bool = True,
    ) -> None:
        """The message is handled.

        `reply` b"": what was promised stays. `record` None: it is recorded already. `state` b"":
        no dialogue is open. `private`: the reply is kept for ten minutes only; a replay that comes
        later still is told nothing. `moved` False: the talk, if any, surely is where it was before.
        """

    async def give_up(
        self, key: bytes, sender: bytes, record: InboundRecord | None, *, reply: bytes = b""
    ) -> None:
        """Handling it has failed: the person's next message goes on, a retry begins anew, or gets
        `reply`, where something was said already."""
