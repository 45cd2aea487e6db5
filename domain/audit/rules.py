"""What an entry of the audit log may hold, and the digest that it is known by. Pure."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from domain.personal_data import CITIZEN_ID, LANDLINE, MOBILE

#: The Cybersecurity Law (网络安全法, article 21) asks for six months. Nothing deletes an entry at
#: all as yet; whatever once does must not touch what is younger.
KEEP_AT_LEAST = timedelta(days=184)

Fact = str | int | bool | None | list["Fact"]
Facts = Mapping[str, Fact]

#: Characters of one fact; what is longer is cut.
MOST_CHARACTERS = 500
#: What the first link is chained to.
NO_HASH = bytes(32)

_EVENT = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
#: Digests and ids of ours, in which eleven digits may stand side by side by chance.
_DIGEST = re.compile(r"[0-9a-f-]{32,}")
_MASKS = ((CITIZEN_ID, "〔身份证号〕"), (MOBILE, "〔电话〕"), (LANDLINE, "〔电话〕"))


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as its digest sees it."""

    id: UUID
    at: datetime
    actor: str
    role: str
    event: str
    about: tuple[str, UUID] | None
    facts: Facts


def check_event(event: str, about: tuple[str, UUID] | None) -> None:
    """Raises ValueError for names that are none: a fault of ours."""
    if not _EVENT.fullmatch(event):
        raise ValueError(f"{event!r} is no event: write noun.verb")
    if about is not None and not _NAME.fullmatch(about[0]):
        raise ValueError(f"{about[0]!r} names no kind of thing")


def clean_facts(facts: Facts) -> dict[str, Fact]:
    """`facts` as they are kept: plain values, without what leads to a person.

    Callers put no personal data in; numbers that look like an ID or a phone are masked
    nonetheless, for a reason that somebody typed is a fact too. Raises ValueError for a name or
    a value that is none, a fault of ours.
    """
    for name in facts:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} names no fact")
    return {name: _clean(value) for name, value in facts.items()}


def _clean(value: object) -> Fact:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return _clean_text(value)
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [_clean(item) for item in value]
    raise ValueError(f"{type(value).__name__} is no fact of the audit log")


def _clean_text(text: str) -> str:
    # Half a surrogate pair and NUL cannot be kept in PostgreSQL's jsonb.
    text = text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")
    if not _DIGEST.fullmatch(text):
        for pattern, label in _MASKS:
            text = pattern.sub(label, text)
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…"


def digest_of(entry: Entry) -> bytes:
    """32 bytes that change with each of the fields.

    SHA-256 over JSON of one form: sorted names, no spaces, ASCII, the time in UTC.
    """
    kind, about_id = ("", None) if entry.about is None else (entry.about[0], str(entry.about[1]))
    form = json.dumps(
        [
            *(1, str(entry.id), entry.at.astimezone(UTC).isoformat(timespec="microseconds")),
            *(entry.actor, entry.role, entry.event, kind, about_id, entry.facts),
        ],
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=True,
    )
    return hashlib.sha256(form.encode("ascii")).digest()


def chain(previous: bytes, digest: bytes) -> bytes:
    """The hash of a link behind `previous`; PostgreSQL computes the same."""
    return hashlib.sha256(previous + digest).digest()
