"""What a talk of several turns is: values in, a step out. One file for each talk, beside this one.

A talk decides, and words what it says with the texts of content/. It stores nothing and sends
nothing: bot/handling/talking.py takes its steps, one at a time for one person, each in one
transaction with what it sets off. docs/decisions/0012 says why.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Literal, Protocol

from bot.replies import Reply
from content.schema import Content
from domain.actor import Actor
from domain.errors import DomainError
from domain.faq.routing.result import Routing
from domain.faq.wording import Contact
from domain.vault import Vault

#: What is said by the same words in every talk (content/texts/bot.yaml). "cancel" never reaches a
#: talk, and "restart" reaches its `begin`. "back" also reaches a talk that has opened another, when
#: that one ends at it: one has gone back beyond its first question.
Command = Literal["cancel", "back", "restart", "go_on"]


@dataclass(frozen=True, slots=True)
class State:
    """Where a talk stands; all of it is kept sealed.

    talk, version: who wrote it; the executor fills them in.
    at: what was asked last, in the talk's own words.
    answers: what was said so far, as JSON can hold it.
    after: the talk that goes on when this one is over; the executor's.
    """

    at: str
    answers: Mapping[str, Any] = field(default_factory=dict)
    talk: str = ""
    version: int = 0
    after: "State | None" = None


@dataclass(frozen=True, slots=True)
class Media:
    """A picture, voice, video or file; `media_id` fetches it from WeChat for three days."""

    kind: str
    media_id: str


@dataclass(frozen=True, slots=True)
class Place:
    """A place that was sent: degrees as WeChat's maps give them (GCJ-02), and its name."""

    latitude: float
    longitude: float
    label: str


@dataclass(frozen=True, slots=True)
class Said:
    """What a person has said, shown or tapped.

    words: typed, or heard of a voice message; None where there are none.
    tapped: the id of the link or of the menu's line, "" where nothing was tapped.
    scanned: what the code says that was scanned from the menu.
    """

    words: str | None = None
    tapped: str = ""
    media: Media | None = None
    place: Place | None = None
    command: Command | None = None
    scanned: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """What a step may look at.

    actor: who talks, a Trainee where they are bound; nothing in it leads back to an openid.
    key: of this message and no other; a durable action carries it to its unique constraint.
    route: what the words would mean as a question.
    vault, content: for queries and actions; what is said at the moment.
    openid: for the one action that keeps it, sealed (domain/people/binding.py); never in a state.
    contact: whom people may ask, and where they complain; None where nobody has said.
    came_at: when the message reached us, which may be a while before `now`; None: just now.
    """

    actor: Actor
    key: bytes
    now: datetime
    texts: Mapping[str, str]
    route: Callable[[str], Routing]
    vault: Vault
    content: Content
    openid: str = field(default="", repr=False)
    contact: Contact | None = None
    came_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """Where the talk stands next, and what is said.

    state: None ends it.
    action: one action of the domain, done in the transaction of this step. Where it raises a
        DomainError it alone is undone. It forgets nobody (domain/messaging/forgetting.py).
    forgets: an action that forgets the person, and all that waits below the talk with them; done
        once the step is kept, for it needs the person to itself. `reply` holds until it is done.
    done: the step that is taken in place of this one with what the action answered.
    refused: the same with what it refused; None, or without it, the door's own words are said
        (bot/refusals.py) and the talk stands where it stood.
    """

    state: State | None
    reply: Reply
    action: Callable[[], Awaitable[Any]] | None = None
    done: "Callable[[Any], Step] | None" = None
    refused: "Callable[[DomainError], Step | None] | None" = None
    forgets: Callable[[], Awaitable[Any]] | None = None


@dataclass(frozen=True, slots=True)
class Opens:
    """The talk is over, and something else is opened as if it had been tapped: "entry:ID" or
    "intent:NAME". With `after`, the talk goes on from there when that is over. `lead` stands above
    what it says first: why it is opened."""

    target: str
    after: State | None = None
    lead: str = ""


class NotMine(Enum):
    """The words are no answer to what was asked; they are answered as a question."""

    #: The talk stands where it stood, and `remind` is said below.
    STAYS = "stays"
    #: It has had its turn, and is over.
    ENDS = "ends"


class Talk(Protocol):
    """One talk. It holds no state of a person."""

    #: As it is stored, at most 32 characters; the intent that begins it, where one does.
    name: str
    #: Of what stands in `State.at` and `State.answers`; one more whenever their meaning changes.
    version: int
    #: So long after the last step words are taken for an answer. Later ones are a new question,
    #: until the person says to go on.
    active_for: timedelta
    #: So long it can be gone on with.
    kept_for: timedelta
    #: What is said in it is kept out of the records of messages; replies are kept ten minutes.
    private: bool
    #: It reads nothing of PostgreSQL and does nothing, so that it goes on while that is away. It
    #: gives way to any other talk.
    offline: bool
    #: It cannot wait until something else is done: it lies upon whatever is open, which is paused
    #: when this is over.
    urgent: bool

    async def begin(self, said: Said, context: Context) -> Step | Opens | NotMine:
        """The first step. `said` is what opened it; its command is "restart" where it begins anew.
        NotMine: it was not meant after all, and the message is answered as if this talk were not.

        May read through queries, and raise a DomainError, as `step`.
        """

    async def step(self, state: State, said: Said, context: Context) -> Step | Opens | NotMine:
        """The next step. Command "go_on": what was asked last is asked again, in full."""

    def remind(self, state: State, context: Context) -> str:
        """What was asked last, in one line, below the answer to a question in between."""

    def upgrade(self, state: State) -> State | None:
        """A state of an earlier version as this one would have written it; None: not possible,
        the person is told so and begins anew."""
