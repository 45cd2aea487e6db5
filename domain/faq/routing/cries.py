"""Distress in Latin letters: only where they spell it, never where they merely look like it.

People who despair write letters (xiang si, 想si了) so as not to be seen. The classifier has heard
few letters in anything else, so that of any other letters (hongxiang, a school) it thinks of
distress first.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from domain.faq.routing.pinyin import list_readings, spell_word
from domain.faq.routing.text import normalise

#: Familiarity from which on letters are taken for what the race says: whole sentences of another
#: language.
LETTERS_FAMILIAR = 0.1
#: Spelled words that are shorter stand in too many others.
_FEWEST_LETTERS = 6
_LETTERS = re.compile("[a-z]+")
_NO_LETTER = re.compile("[^a-z]+")
#: Letters in one, or a character that is none.
_TOKEN = re.compile("[a-z]+|[^a-z ]")
#: Characters of a word that is heard wherever it stands. Of a shorter one too little is left once
#: a character of it is letters (想si机 is no cry): it must be all that is said.
_LONG_ENOUGH = 3
#: What may stand around it even so.
_BEFORE = frozenset("我俺咱真好就只都很想要去又还老总也")
_AFTER = frozenset("了啊呀吧的啦呢哦唉嘛") | {"le", "a", "la", "ya"}


class SpelledCries:
    """What a candidate's phrasings and rule words are when they are spelled."""

    def __init__(self, phrasings: Iterable[str], groups: Iterable[Sequence[str]]) -> None:
        """`phrasings` count where they are letters themselves, `groups` of its rule in any case."""
        words = [normalise(word) for group in groups for word in group]
        lettered = [text for text in map(normalise, phrasings) if text.isascii()]
        #: Spelled, and whether it is short.
        self._spelled = {
            spell(cry): _count_syllables(cry) < _LONG_ENOUGH
            for cry in (*lettered, *words)
            if len(spell(cry)) >= _FEWEST_LETTERS
        }
        self._words = sorted(
            {word for word in words if not has_letters(word) and len(word) > 1},
            key=lambda word: (-len(word), word),
        )
        self._sounds: Mapping[str, frozenset[str]] = {
            character: list_readings(character) for word in self._words for character in word
        }

    def write_out(self, text: str) -> str:
        """`text` with the letters that stand for a character of a cry in characters: 不想huo了 is
        不想活了. Only where they are a whole syllable, and every other character of the cry is
        written as it is."""
        tokens = _TOKEN.findall(text)
        if not has_letters(text) or all(map(has_letters, tokens)):
            return text
        for word in self._words:
            place = self._find_place(word, tokens)
            if place is not None:
                tokens[place : place + len(word)] = word
                return "".join(tokens)
        return text

    def _find_place(self, word: str, tokens: Sequence[str]) -> int | None:
        """Where `word` stands in `tokens`, some of it by its sound."""
        size = len(word)
        for start in range(len(tokens) - size + 1):
            said = tokens[start : start + size]
            if not any(map(has_letters, said)) or all(map(has_letters, said)):
                continue
            if not all(map(self._is_said, word, said)):
                continue
            around = _BEFORE.issuperset(tokens[:start]) and _AFTER.issuperset(
                tokens[start + size :]
            )
            if size >= _LONG_ENOUGH or around:
                return start
        return None

    def _is_said(self, character: str, token: str) -> bool:
        return token == character or token in self._sounds[character]

    def are_in(self, text: str) -> bool:
        """Whether one of them stands in `text`, in characters, letters, or both mixed; of two
        syllables within letters alone, or as `write_out` takes it."""
        spelled, runs = spell(text), _LETTERS.findall(text.replace(" ", ""))
        return self.write_out(text) != text or any(
            any(cry in run for run in runs) if short else cry in spelled
            for cry, short in self._spelled.items()
        )


def spell(text: str) -> str:
    """The sound of `text` in letters alone: 想si了 is xiangsile."""
    return _NO_LETTER.sub("", spell_word(normalise(text)).casefold())


def _count_syllables(cry: str) -> int:
    """Of characters and of letters with blanks; what is one word of letters counts as long."""
    if not has_letters(cry):
        return len(cry)
    return cry.count(" ") + 1 if " " in cry else _LONG_ENOUGH


def has_letters(text: str) -> bool:
    """Whether letters are left in `text` that nobody could read."""
    return _LETTERS.search(text) is not None


def drop_letters(text: str) -> str:
    """`text` without them."""
    return _LETTERS.sub(" ", text).strip()
