"""The life of a request, and who decides on which kind. Pure."""

from collections.abc import Mapping
from typing import Literal, get_args

from domain.errors import DomainError
from domain.permissions import Permission

Kind = Literal["identity", "phone", "binding", "employer_contact", "employer_keeper"]
State = Literal["asked", "approved", "refused", "withdrawn"]

#: What each kind asks for, and whoever may do that decides on it, within their reach. Kinds of the
#: areas above stand here, written out, though this one knows none of them: the list of what an
#: officer has to decide, the API's document and PostgreSQL's rows name all kinds, and must not
#: depend on which areas were imported. What a kind does is its area's (domain/decisions/effects.py
#: fails at import where one is missing).
#: identity: another name or citizen ID. phone: another phone. binding: a citizen ID that is
#: bound elsewhere. employer_contact: to act for a firm. employer_keeper: to be its keeper.
KINDS: Mapping[Kind, Permission] = {
    "identity": Permission.CORRECT_PERSON,
    "phone": Permission.CORRECT_PERSON,
    "binding": Permission.CORRECT_PERSON,
    "employer_contact": Permission.MANAGE_CONTACTS,
    "employer_keeper": Permission.MANAGE_CONTACTS,
}
assert set(KINDS) == set(get_args(Kind))

#: So many of one person may wait at once, of all kinds together.
MOST_OPEN = 5
#: Characters of a note, and of the reason of a refusal.
MOST_NOTE = 300
_LEAST_REASON = 2


def require_may_ask(open_about_the_same: bool, open_of_all: int) -> None:
    """Raises DomainError request_open or too_many_requests_open."""
    if open_about_the_same:
        raise DomainError("request_open")
    if open_of_all >= MOST_OPEN:
        raise DomainError("too_many_requests_open", most=MOST_OPEN)


def require_unchanged(state: str, version: int, seen: int) -> None:
    """Nobody decides on what is no longer as they saw it.

    Raises DomainError request_changed, with the state that it is in now.
    """
    if state != "asked" or version != seen:
        raise DomainError("request_changed", about=state, state=state, version=version)


def require_another(asked_by: str, decided_by: str) -> None:
    """Who asked, for themselves or for somebody, does not decide. Raises DomainError."""
    if asked_by == decided_by:
        raise DomainError("request_of_ones_own")


def clean_note(written: str) -> str:
    """What the asker adds for who decides, no longer than it may be."""
    return _plain(written)[:MOST_NOTE]


def clean_reason(written: str) -> str:
    """The reason of a refusal, which the asker reads. Raises DomainError reason_required."""
    reason = _plain(written)
    if not _LEAST_REASON <= len(reason) <= MOST_NOTE:
        raise DomainError("reason_required", least=_LEAST_REASON, most=MOST_NOTE)
    return reason


def _plain(text: str) -> str:
    """Without half a surrogate pair and NUL, which cannot be shown."""
    return text.encode("utf-8", "ignore").decode().replace("\0", "").strip()
