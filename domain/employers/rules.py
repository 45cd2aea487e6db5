"""Social credit codes, and who may do what among a firm's contacts. Pure."""

import re
import unicodedata
from collections.abc import Set
from uuid import UUID

from stdnum.cn import uscc as standard

from domain.actor import EmployerContact
from domain.errors import DomainError

#: So many people act for one firm, and for so many firms one person: bookkeepers do for several.
MOST_CONTACTS = 20
MOST_FIRMS = 20
LONGEST_NAME = 120
_SHORTEST_NAME = 4
#: Of all that people may write, so that no rule reads a novel.
_MOST_WRITTEN = 200
#: Also what nobody sees: zero-width characters and the like.
_BETWEEN = re.compile(r"[\s\u200b-\u200f\u2060\ufeff\u00ad\-\u2010-\u2015\u2212_]+")
_CODE = re.compile("[0-9A-Z]{18}")
_NAME_CHARACTERS = re.compile(r"[\w()（）·&.,\-—、《》“”\"' ]+")


def normalise_uscc(written: str) -> str:
    """The 18 characters of a unified social credit code (统一社会信用代码, GB 32100), however
    written: full-width, in small letters, with spaces or dashes.

    Raises DomainError uscc_wrong; its `about` says what to look at: length, characters, checksum.
    """
    code = _BETWEEN.sub("", _plain(written[:_MOST_WRITTEN])).upper()
    if len(code) != 18:
        raise DomainError("uscc_wrong", about="length", length=len(code))
    if not _CODE.fullmatch(code):
        raise DomainError("uscc_wrong", about="characters")
    if not standard.is_valid(code):
        raise DomainError("uscc_wrong", about="checksum")
    return code


def normalise_employer_name(written: str) -> str:
    """A firm's name as on its licence; brackets become full-width ones, as licences have them.

    Raises DomainError employer_name_wrong.
    """
    name = re.sub(r"\s+", " ", _plain(written[: 4 * _MOST_WRITTEN])).strip()
    name = name.replace("(", "（").replace(")", "）")
    if not _SHORTEST_NAME <= len(name) <= LONGEST_NAME or not _NAME_CHARACTERS.fullmatch(name):
        raise DomainError("employer_name_wrong", least=_SHORTEST_NAME, most=LONGEST_NAME)
    return name


def is_known_by_phone(registered: str | None, verified: Set[str]) -> bool:
    """Whether one of the phones that WeChat has verified of a person is the register's.

    What somebody types counts for nothing: the number stands on every invoice.
    """
    return registered is not None and registered in verified


def require_room(contacts: int, firms: int) -> None:
    """For one more contact. Raises DomainError too_many_contacts, too_many_firms."""
    if contacts >= MOST_CONTACTS:
        raise DomainError("too_many_contacts", most=MOST_CONTACTS)
    if firms >= MOST_FIRMS:
        raise DomainError("too_many_firms", most=MOST_FIRMS)


def require_may_remove(
    actor: object, *, is_keeper: bool, person: UUID, removed_is_keeper: bool, others: int
) -> None:
    """Whether a contact may be ended: by the keeper, by an officer, or by themselves.

    `actor` is a contact of the firm (`is_keeper` or not) or somebody of the staff who may manage
    its contacts; `person` is who goes, `others` how many contacts would be left. A keeper goes
    last, or hands the keeping over first, so that a firm with contacts has one; nobody else ends
    a keeper.

    Raises DomainError keeper_hands_over_first, keeper_stays, only_the_keeper.
    """
    goes_by_themselves = isinstance(actor, EmployerContact) and actor.id == person
    if goes_by_themselves:
        if removed_is_keeper and others:
            raise DomainError("keeper_hands_over_first")
        return
    if isinstance(actor, EmployerContact) and not is_keeper:
        raise DomainError("only_the_keeper")
    if removed_is_keeper:
        raise DomainError("keeper_stays")


def require_keeper(is_keeper: bool) -> None:
    """Raises DomainError only_the_keeper."""
    if not is_keeper:
        raise DomainError("only_the_keeper")


def _plain(text: str) -> str:
    """Digits and letters in their usual width, and half a surrogate pair as nothing."""
    return unicodedata.normalize("NFKC", text.encode("utf-8", "ignore").decode())
