"""Takes out of a text what leads to a person, before anyone reads it who need not know.

Numbers are found by their form, names by what they are made of (person_names.py): a rare name in
the midst of a sentence can stay, and a word can go with the names. So masked texts are shown to
editors, and to nobody else.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from domain.characters import simplify_characters
from domain.person_names import NameFinder

#: What people put between the digits of a number, in either width.
_PART = "[ 　.．·•・‧_＿—–－-]{0,3}"
#: Groups in which people write the eleven digits of a mobile phone, the whole among them.
_GROUPS = ("344", "443", "335", "434", "353", "56", "65", "32222", "11111111111")


def _write_mobile(groups: str) -> str:
    digits = iter(["[1１]", "[3-9３-９]", *[r"\d"] * 9])
    return _PART.join("".join(next(digits) for _ in range(int(size))) for size in groups)


#: Of citizen IDs of 18 and of the old 15 digits; parted as people type them.
CITIZEN_ID = re.compile(
    rf"(?<![0-9A-Za-z])(?:\d{_PART}){{17}}[\dXxＸｘ](?![0-9A-Za-z])"
    r"|(?<![0-9A-Za-z])\d{15}(?![0-9A-Za-z])"
)
#: Mobile phones, also with the country code or parted.
MOBILE = re.compile(
    rf"(?<!\d)(?:[+＋]?[8８][6６]{_PART})?(?:{'|'.join(map(_write_mobile, _GROUPS))})(?!\d)"
)
#: Landlines with the area code.
LANDLINE = re.compile(rf"(?<!\d)[(（]?[0０]\d{{2,3}}[)）]?{_PART}\d{{3,4}}{_PART}\d{{4}}(?!\d)")
_BANK_CARD = re.compile(rf"(?<!\d)(?:\d{_PART}){{15,18}}\d(?!\d)")
_NUMBERS = (
    (CITIZEN_ID, "〔身份证号〕"),
    (_BANK_CARD, "〔卡号〕"),  # A part of one may look like a phone.
    (MOBILE, "〔电话〕"),
    (LANDLINE, "〔电话〕"),
)
#: Numbers are read out in words too: 幺三八….
_SPOKEN_DIGITS = str.maketrans("〇零一幺二两三四五六七八九", "0011223456789")


class _Masked(NamedTuple):
    start: int
    end: int
    label: str


def mask_person(text: str, names: NameFinder) -> str:
    """`text` with IDs, phones, bank cards and names replaced by 〔…〕; all else as it was written,
    whatever the width and the script."""
    pieces: list[str] = []
    place = 0
    for found in sorted(_find_personal(text, names)):
        pieces += (text[place : found.start], found.label)
        place = found.end
    return "".join((*pieces, text[place:]))


def _find_personal(text: str, names: NameFinder) -> Iterator[_Masked]:
    """The places in `text`, none over another."""
    plain = simplify_characters(text)
    digits = plain.translate(_SPOKEN_DIGITS)
    for pattern, label in _NUMBERS:
        for found in list(pattern.finditer(digits)):
            start, end = found.span()
            yield _Masked(start, end, label)
            # What is found once is nothing else, and no name goes on behind it.
            digits, plain = _cover(digits, start, end), _cover(plain, start, end)
    for name in names.find(plain):
        yield _Masked(name.start, name.end, "〔姓名〕")


def _cover(text: str, start: int, end: int) -> str:
    return text[:start] + ":" * (end - start) + text[end:]
