"""Distress in Latin letters: only where they spell it, never where they merely look like it.

People who despair write letters (xiang si, 想si了) so as not to be seen. The classifier has heard
few letters in anything else, so that of any other letters (hongxiang, a school) it thinks of
distress first.
"""

import re
from collections.abc import Iterable, Sequence

from domain.faq.routing.pinyin import spell_word
from domain.faq.routing.text import normalise

#: Familiarity from which on letters are taken for what the race says: whole sentences of another
#: language.
LETTERS_FAMILIAR = 0.1
#: Spelled words that are shorter stand in too many others.
_FEWEST_LETTERS = 6
_LETTERS = re.compile("[a-z]+")
_NO_LETTER = re.compile("[^a-z]+")


class SpelledCries:
    """What a candidate's phrasings and rule words are when they are spelled."""

    def __init__(self, phrasings: Iterable[str], groups: Iterable[Sequence[str]]) -> None:
        """`phrasings` count where they are letters themselves, `groups` of its rule in any case."""
        lettered = [text for text in map(normalise, phrasings) if text.isascii()]
        words = [word for group in groups for word in group]
        self._spelled = frozenset(
            spelled
            for spelled in map(spell, (*lettered, *words))
            if len(spelled) >= _FEWEST_LETTERS
        )

    def are_in(self, text: str) -> bool:
        """Whether one of them stands in `text`, in characters, letters, or both mixed."""
        spelled = spell(text)
        return any(cry in spelled for cry in self._spelled)


def spell(text: str) -> str:
    """The sound of `text` in letters alone: 想si了 is xiangsile."""
    return _NO_LETTER.sub("", spell_word(normalise(text)).casefold())


def has_letters(text: str) -> bool:
    """Whether letters are left in `text` that nobody could read."""
    return _LETTERS.search(text) is not None


def drop_letters(text: str) -> str:
    """`text` without them."""
    return _LETTERS.sub(" ", text).strip()
