"""One form for what people type: width, case, script, emoji and stray characters made equal."""

import re
import unicodedata
from operator import add
from typing import NamedTuple

from domain.characters import simplify_phrases

#: Of a longer text only both ends are read: people open with what it is about and close with
#: the question, and no more is needed to tell what they want.
MAX_QUESTION_LENGTH = 600

# Characters that are not seen: they may stand inside a word, so they go without a trace.
# Surrogates without a partner come from broken clients, and no codec takes them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff"
    "\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff\ud800-\udfff]+"
)
# Emoji, punctuation and blanks part words in Latin script and numbers only: between Chinese
# characters people set them at will, or not at all when they speak.
_SEPARATORS_AMONG_CHINESE = re.compile(r"(?<![a-z0-9])[\W_]+|[\W_]+(?![a-z0-9])")
_SEPARATORS = re.compile(r"[\W_]+")


def normalise(text: str) -> str:
    """`text` in the one form that all matching works on; "" where nothing readable is left.

    NFKC, lower case, simplified characters, no punctuation, blanks only between two Latin
    letters or digits. At most MAX_QUESTION_LENGTH characters. Never raises.
    """
    text = _cut_middle(text, 4 * MAX_QUESTION_LENGTH)
    if not unicodedata.is_normalized("NFKC", text):
        text = unicodedata.normalize("NFKC", text)
    text = _INVISIBLE.sub("", text.lower())
    if not text.isalnum():
        text = _SEPARATORS_AMONG_CHINESE.sub("", text)
        text = _SEPARATORS.sub(" ", text)
    return simplify_phrases(_cut_middle(text, MAX_QUESTION_LENGTH))


def is_readable(text: str) -> bool:
    """Whether `normalise` leaves anything of `text`: mostly its first character says so."""
    return "一" <= text[:1] <= "鿿" or bool(normalise(text))


class Grams(NamedTuple):
    """The characters of a text, and its neighbours text[0:2], text[1:3], …, in order."""

    characters: list[str]
    pairs: list[str]


def list_grams(text: str) -> Grams:
    """Made once for all that looks them up: a string keeps its hash, a new slice has none yet."""
    characters = list(text)
    return Grams(characters, list(map(add, characters, characters[1:])))


def has_visible_marks(text: str) -> bool:
    """Whether a person sees anything in `text`: emoji and punctuation count, blanks do not."""
    return bool(_INVISIBLE.sub("", _cut_middle(text, 4 * MAX_QUESTION_LENGTH)).strip())


def _cut_middle(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    return text[: limit // 2] + text[len(text) - limit // 2 :]
