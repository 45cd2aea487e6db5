"""Citizen IDs, phones and names: read as people write them, checked, masked. Pure.

The ID check is our own (GB 11643, ISO 7064 mod 11-2): libraries compare the region code with lists
that lack codes which real cards carry, 371502 on those of people born before that code existed.
Here the region is at most something to look at again (`is_usual_region`), never a refusal.
"""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Literal

from domain.actor import Actor, Trainee
from domain.errors import DomainError
from domain.person_names import LONG_SURNAMES

#: Of all that people may write, so that no rule reads a novel.
MOST_WRITTEN = 100
LONGEST_NAME = 50

_ID_LENGTH = 18
_OLD_LENGTH = 15
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"
#: Nobody who trains was born before.
_EARLIEST_BIRTH = date(1900, 1, 1)
#: The first two digits of region codes of mainland provinces (GB/T 2260).
_PROVINCES = frozenset(
    str(code)
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65))
    for code in range(first, last + 1)
)
#: Residence permits of people of Hong Kong, Macao, Taiwan (港澳台居民居住证).
_RESIDENTS = frozenset({"81", "82", "83"})
#: What people put between the groups of a number; dashes of every length.
_BETWEEN = re.compile(r"[\s\u200b-\u200f\u2060\ufeff\u00ad\-\u2010-\u2015\u2212\u30fc_]+")
#: What is typed, or recognised, for the X at the end.
_LIKE_X = str.maketrans("xх×✕✖", "XXXXX")
_DIGITS = re.compile("[0-9]*")

#: Where an identity is: the mini-program or the official account.
Account = Literal["mini", "official"]
IdKind = Literal["citizen", "resident", "foreigner"]
Sex = Literal["female", "male"]


def normalise_id_number(written: str, today: date) -> str:
    """The 18 characters of a citizen ID, a residence permit (81, 82, 83) or a permanent
    residence card of foreigners (9), however written: ３７１５…ｘ, "3715 0219 …", "3715-…".

    Raises DomainError id_number_wrong; its `about` says what to look at: old (15 characters, no
    longer in use), length, characters, birth_date, checksum. No fact holds the number.
    """
    number = _BETWEEN.sub("", _plain(written[:MOST_WRITTEN]).translate(_LIKE_X)).upper()
    if re.fullmatch("[0-9]{15}|[A-Z]{3}[0-9]{12}", number):
        raise DomainError("id_number_wrong", about="old")
    if not re.fullmatch("[0-9]*X?", number):
        raise DomainError("id_number_wrong", about="characters")
    if len(number) != _ID_LENGTH:
        raise DomainError("id_number_wrong", about="length", length=len(number))
    try:
        born = birth_date_of(number)
    except ValueError:
        born = None
    if born is None or not _EARLIEST_BIRTH <= born <= today:
        raise DomainError("id_number_wrong", about="birth_date")
    if complete_id_number(number[:-1]) != number:
        raise DomainError("id_number_wrong", about="checksum")
    return number


def complete_id_number(first_17: str) -> str:
    """The ID that begins with these 17 digits (ISO 7064 mod 11-2)."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, first_17, strict=True))
    return first_17 + _CHECK_CHARACTERS[total % 11]


def kind_of(id_number: str) -> IdKind:
    """What document a normalised number is of."""
    if id_number[0] == "9":
        return "foreigner"
    return "resident" if id_number[:2] in _RESIDENTS else "citizen"


def is_usual_region(id_number: str) -> bool:
    """Whether the region is one that cards have. A warning at most: codes come and go, and cards
    keep them."""
    return kind_of(id_number) != "citizen" or id_number[:2] in _PROVINCES


def county_of(id_number: str, counties: Collection[str]) -> str:
    """Where the ID says that somebody is from, if that is one of the city's `counties` (codes);
    "" for elsewhere, and for a code of former days."""
    return id_number[:6] if id_number[:6] in counties else ""


def birth_date_of(id_number: str) -> date:
    """The birth date in a normalised number. Raises ValueError for a day that does not exist."""
    return date(int(id_number[6:10]), int(id_number[10:12]), int(id_number[12:14]))


def age_on(id_number: str, day: date) -> int:
    """Full years (周岁): one more from the birthday on; who was born on 29 February is older on
    1 March where there is no 29th."""
    born = birth_date_of(id_number)
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def sex_of(id_number: str) -> Sex:
    """The sex in a normalised number: of the three digits of the order the last is odd for men."""
    return "male" if int(id_number[16]) % 2 else "female"


# --- phones -----------------------------------------------------------------------------------

_AROUND_PHONE = re.compile(r"[()（）.·•/]")
_MAINLAND = re.compile(r"(?:\+86|0086|86)(?=1[3-9][0-9]{9}$)")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE = re.compile(r"0(?:10|2[0-9]|[3-9][0-9]{2})[2-8][0-9]{6,7}")
_FOREIGN = re.compile(r"\+(?!86)[1-9][0-9]{6,14}")


def normalise_phone(written: str) -> str:
    """A mobile of 11 digits, a landline with its area code (06358221234), or one of elsewhere as
    "+85291234567"; however written: "+86 138-0013-8000", "１３８…".

    Raises DomainError phone_wrong.
    """
    number = _AROUND_PHONE.sub("", _BETWEEN.sub("", _plain(written[:MOST_WRITTEN])))
    number = _MAINLAND.sub("", number)
    if number.startswith("00"):
        number = "+" + number[2:]
    for form in (_MOBILE, _LANDLINE, _FOREIGN):
        if form.fullmatch(number):
            return number
    raise DomainError("phone_wrong")


def is_mobile(phone: str) -> bool:
    """Whether a normalised phone is a mainland mobile."""
    return _MOBILE.fullmatch(phone) is not None


# --- names ------------------------------------------------------------------------------------

#: Chinese characters as names have them, rare ones and 〇 too. Traditional ones are others, and
#: stay: the card has the name as it is.
_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af"
_DOTS = re.compile(r"\s*[·•・‧⋅∙●]\s*")
#: A full stop between characters is meant for the dot; in J. Smith it is one.
_STOP_FOR_DOT = re.compile(rf"(?<=[{_HAN}])\s*[.。]\s*(?=[{_HAN}])")
_SPACE_WITHIN = re.compile(rf"(?<=[{_HAN}])\s+(?=[{_HAN}])")
_NAME = re.compile(rf"[{_HAN}]+(?:·[{_HAN}]+)*|[A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ .'\-·]*")
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")


def normalise_name(written: str) -> str:
    """A name as on the card: 张三, 買買提·艾山, JOHN SMITH; forgiven are spaces within (张　三),
    other dots (买买提•艾山) and the width and case of letters.

    Raises DomainError name_wrong; its `about` says why: short, long, characters.
    """
    name = _INVISIBLE.sub("", _plain(written[: 4 * MOST_WRITTEN]))
    name = _STOP_FOR_DOT.sub("·", _DOTS.sub("·", name)).strip().strip("·,.;:，。；：、").strip()
    name = re.sub(r"\s+", " ", _SPACE_WITHIN.sub("", name)).upper()
    name = re.sub("·+", "·", name)
    if len(name) < 2:
        raise DomainError("name_wrong", about="short")
    if len(name) > LONGEST_NAME:
        raise DomainError("name_wrong", about="long", most=LONGEST_NAME)
    if not _NAME.fullmatch(name):
        raise DomainError("name_wrong", about="characters")
    return name


# --- masks ------------------------------------------------------------------------------------


def mask_id_number(id_number: str) -> str:
    """3715**********1234: where, and the last four; not the birth date."""
    return f"{id_number[:4]}{'*' * 10}{id_number[-4:]}"


def mask_phone(phone: str) -> str:
    """138****5678; of any other length the last four stay too."""
    return f"{phone[:3]}****{phone[-4:]}"


def mask_name(name: str) -> str:
    """The surname and one star, however many characters follow: 张*, 欧阳*. A surname of two
    characters (the list of domain/person_names.py) stays whole where a given name follows: 欧*
    would name another family. Of names with a dot, and of foreign ones, the first stays."""
    surname = 2 if len(name) > 2 and name[:2] in LONG_SURNAMES else 1
    return name[:surname] + "*"


def mask_given_name(name: str) -> str:
    """The first and the last character of three or more: 王*兰; of two as mask_name: 王*.

    For a class screen, where whoever sits before it looks for themselves, and knows the others by
    sight: with the surname alone eight of thirty are 王*. And for a class's holder, who has the
    roster, while entering who stands before them: there the last four digits stand beside it.
    Nowhere else beside a number or a phone, with which it would lead further than to the room.
    """
    return f"{name[0]}*{name[-1]}" if len(name) > 2 else mask_name(name)


def _plain(text: str) -> str:
    """Digits and letters in their usual width, and half a surrogate pair as nothing."""
    return unicodedata.normalize("NFKC", text.encode("utf-8", "ignore").decode())


# --- binding ----------------------------------------------------------------------------------

#: Of models.people.Person.phone_origin: those by whose phone somebody can show who they are. What
#: a school, a firm or the hotline typed is how to reach somebody.
PROOFS = frozenset({"wechat", "officer"})


@dataclass(frozen=True, slots=True)
class Claimed:
    """The person whose ID somebody names, as we know them.

    phones: those that are proofs, for WeChat has checked them or an officer has decided. taken:
    another identity of the same account is theirs. unionid: of their identity in the other account.
    """

    name: str | None
    phones: frozenset[str]
    taken: bool
    unionid: str | None


def judge_claim(claimed: Claimed, *, name: str, phone: str | None, unionid: str | None) -> None:
    """Whether an identity with this checked `phone` and this `unionid` may become the person's;
    who is `taken` has then to be let go.

    Raises DomainError: identity_name_differs, whoever the person is, so that nothing is told of
    them; identity_taken where somebody else holds them and the phone does not prove who this is,
    `about` phone (check it first) or officer (the way that is left).
    """
    if claimed.name is not None and claimed.name != name:
        raise DomainError("identity_name_differs")
    # Two users of WeChat: the platform says so itself.
    stranger = None not in (unionid, claimed.unionid) and unionid != claimed.unionid
    if not (claimed.taken or stranger):
        return
    if phone is not None and phone in claimed.phones:
        return
    way = "phone" if phone is None and claimed.phones else "officer"
    raise DomainError("identity_taken", about=way)


def require_bound(actor: Actor) -> Trainee:
    """The person who acts. Raises DomainError binding_required where nobody knows their name."""
    if isinstance(actor, Trainee):
        return actor
    raise DomainError("binding_required")
