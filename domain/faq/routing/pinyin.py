"""How characters sound: slips between homophones are mended, and questions in pinyin are read.

People choose the wrong character of the right sound (补帖, 陪训), and voice input does it for
them. A word that the content knows and that sounds the same is then what was meant. Looking up
how a whole sentence is read costs more than all the rest of the routing, so here each character
has one sound, its most frequent; the words of the content are filed under that and under how they
are really read.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from math import log
from types import MappingProxyType
from typing import NamedTuple

from pypinyin import lazy_pinyin
from pypinyin.constants import PINYIN_DICT

#: Sounds that dialects and keyboards run together.
_FOLDS = (("zh", "z"), ("ch", "c"), ("sh", "s"))
_TONES = str.maketrans("āáǎàēéěèêếềīíǐìōóǒòūúǔùüǖǘǚǜńňǹḿ", "aaaaeeeeeeeiiiioooouuuuvvvvvnnnm")
_COMBINING = re.compile("[\u0300-\u036f]")
#: A tone written as a digit behind its syllable (bu3 tie1); 0 and 5 are the light one.
_TONE_DIGIT = re.compile("(?<=[a-z])[0-5](?![0-9])")
#: With fewer letters to each digit than this the digits are tones, else they count something.
_LONGEST_SYLLABLE = 6
#: A text without a character of another script.
_LETTERS_AND_DIGITS = re.compile("[a-z0-9 ]*")
#: A run of words in letters only.
_LETTERS = re.compile(r"[a-z]+(?: [a-z]+)*")

#: Words of the content are at most so long, in characters, to be looked for by their sound.
_LONGEST_WORD = 7
#: A word of two characters that the dictionary has is left alone: it is what was meant more often
#: than not. From this length on the sound convinces against the dictionary.
_LONG_ENOUGH = 3
#: A slip is so many times rarer than the right form, at least.
_RARER = 8
#: Of letters that are read as pinyin the words of the content must cover this share.
_COVERED = 0.3
_FEWEST_LETTERS = 4
#: What the log chance of a word loses that the content never uses.
_STRANGE = -4.0
_NONE: Mapping[str, str] = MappingProxyType({})


def spell_word(word: str) -> str:
    """How `word` is read, without tones: its syllables, with ' between them."""
    return "'".join(lazy_pinyin(word))


@cache
def sound_of(character: str) -> str:
    """The folded sound of one character without its tone, "" where it has none."""
    return _fold(_spell_character(character))


def list_sounds(text: str) -> list[str]:
    """The sound of each character of `text`, "" for what has none."""
    return list(map(sound_of, text))


def list_readings(character: str) -> frozenset[str]:
    """All syllables that `character` may be read as, without tones and not folded."""
    readings = PINYIN_DICT.get(ord(character), "")
    return frozenset(_strip_tone(one) for one in readings.split(",") if one)


@cache
def _spell_character(character: str) -> str:
    readings = PINYIN_DICT.get(ord(character))
    return _strip_tone(readings.split(",")[0]) if readings else ""


def _strip_tone(reading: str) -> str:
    return _COMBINING.sub("", reading.translate(_TONES))


def _fold(syllable: str) -> str:
    """`syllable` with the sounds that people mix up made one: zhang and zan are both zan."""
    for long, short in _FOLDS:
        if syllable.startswith(long):
            syllable = short + syllable[len(long) :]
            break
    return syllable[:-1] if syllable.endswith("ng") else syllable


class HomophoneMender:
    """Puts the content's own words where something else of the same sound stands."""

    def __init__(
        self,
        vocabulary: Mapping[str, int],
        pairs: Mapping[str, int],
        spellings: Mapping[str, str] = _NONE,
    ) -> None:
        """`vocabulary`: the content's words of two characters and more, with how often each is
        used. Of two that sound the same the more frequent one is meant. `pairs`: how often two
        characters stand side by side in the content, whatever they are. `spellings`: what
        `spell_word` gives, of those words for which that is known already."""
        self._uses = vocabulary
        self._pairs = pairs
        self._words = frozenset(vocabulary)
        self._by_sound: dict[str, str] = {}
        for word in sorted(vocabulary, key=lambda word: (-vocabulary[word], word)):
            if 2 <= len(word) <= _LONGEST_WORD and not word.isascii():
                for sounds in _read_both_ways(word, spellings.get(word) or spell_word(word)):
                    self._by_sound.setdefault(sounds, word)
        self._lengths = sorted({len(word) for word in self._by_sound.values()}, reverse=True)

    def count_uses(self, word: str) -> int:
        """How often the content uses a word of the vocabulary, 0 for any other."""
        return self._uses.get(word, 0)

    def find(self, text: str, words: Sequence[str]) -> list[tuple[int, str, str]]:
        """The slips of `text` as (start, slip, right form), in order, none over another.

        `words` are those of `text` by the segmenter. Its words of the content stay as they are;
        another word of the dictionary gives way to a longer one only.
        """
        by_sound, known = self._by_sound, self._words
        length = len(text)
        #: By character: 2 in a word of the content, 1 in another word, 0 alone.
        held = bytearray(length)
        position = 0
        for word in words:
            while text[position] == " ":
                position += 1
            size = len(word)
            if size > 1:
                held[position : position + size] = (b"\2" if word in known else b"\1") * size
            position += size
        if held.count(2) == length:
            return []
        sounds = list_sounds(text)
        swaps: list[tuple[int, str, str]] = []
        for size in self._lengths:
            most = 1 if size >= _LONG_ENOUGH else 0
            for start in range(length - size + 1):
                # Most windows end here: two looks are cheaper than one at all of it.
                if held[start] > most or held[start + size - 1] > most:
                    continue
                end = start + size
                if max(held[start:end]) > most:
                    continue
                right = by_sound.get("'".join(sounds[start:end]))
                if right is None or len(right) != size:
                    continue
                slip = text[start:end]
                if slip != right:
                    if not self._is_slip(slip, right):
                        continue
                    swaps.append((start, slip, right))
                held[start:end] = b"\2" * size
        swaps.sort()
        return swaps

    def _is_slip(self, slip: str, right: str) -> bool:
        """Whether `slip` is far rarer than what it may stand for: 管饭 is no slip of 官方."""
        seen = min(self._pairs.get(slip[place : place + 2], 0) for place in range(len(slip) - 1))
        return seen * _RARER <= self._uses[right]


def _read_both_ways(word: str, spelling: str) -> set[str]:
    really = [_fold(syllable) for syllable in spelling.split("'")]
    return {"'".join(really), "'".join(list_sounds(word))}


class _Reading(NamedTuple):
    """The likeliest way to read the letters up to one place."""

    chance: float
    start: int
    word: str
    covered: int


class PinyinReader:
    """Turns letters that spell pinyin into the words that they most likely mean."""

    def __init__(
        self,
        vocabulary: Mapping[str, int],
        language: Mapping[str, float],
        spellings: Mapping[str, str] = _NONE,
    ) -> None:
        """`vocabulary`: words and single characters with how often the content uses them.
        `language`: the log chance of those that the language has beside them. `spellings`: as
        for the HomophoneMender."""
        total = sum(vocabulary.values()) or 1
        self._words: dict[str, tuple[float, str]] = {}
        for word, chance in language.items():
            self._file("".join(map(_spell_character, word)), chance + _STRANGE, word)
        for word, count in vocabulary.items():
            if not word.isascii():
                spelling = spellings.get(word) or spell_word(word)
                self._file(spelling.replace("'", ""), log(count / total), word)
        self._longest = max(map(len, self._words), default=0)

    def _file(self, spelling: str, chance: float, word: str) -> None:
        if spelling.isascii() and spelling.isalpha():
            known = self._words.get(spelling)
            if known is None or chance > known[0]:
                self._words[spelling] = (chance, word)

    def read(self, text: str) -> str:
        """`text` with each run of letters that reads as pinyin in characters.

        English and whatever else is no pinyin stays as it is. Tones, as marks or as digits, go
        where all of the text is pinyin.
        """
        plain = _strip_tone(text)
        if len(_TONE_DIGIT.findall(plain)) * _LONGEST_SYLLABLE >= sum(map(str.isalpha, plain)):
            plain = _TONE_DIGIT.sub("", plain)
        if plain != text and _LETTERS_AND_DIGITS.fullmatch(plain):
            read = self._read_runs(plain)
            if read != plain:
                return read
        return self._read_runs(text)

    def _read_runs(self, text: str) -> str:
        return _LETTERS.sub(lambda run: self._read_run(run[0]), text)

    def _read_run(self, run: str) -> str:
        letters = run.replace(" ", "")
        length = len(letters)
        if length < _FEWEST_LETTERS:
            return run
        best: list[_Reading | None] = [_Reading(0.0, 0, "", 0)]
        best += [None] * length
        for start in range(length):
            here = best[start]
            if here is None:
                continue
            for end in range(start + 1, min(start + self._longest, length) + 1):
                found = self._words.get(letters[start:end])
                if found is None:
                    continue
                chance = here.chance + found[0]
                known = best[end]
                if known is None or chance > known.chance:
                    covered = here.covered + (end - start if len(found[1]) > 1 else 0)
                    best[end] = _Reading(chance, start, found[1], covered)
        last = best[length]
        if last is None or last.covered < _COVERED * length:
            return run
        words: list[str] = []
        while last is not None and last.word:
            words.append(last.word)
            last = best[last.start]
        return "".join(reversed(words))


class Uses(NamedTuple):
    """What the content's texts are made of: how often each word (and character) occurs, how often
    two characters stand side by side, and how each word that is not Latin is read (`spell_word`).
    """

    words: Mapping[str, int]
    pairs: Mapping[str, int]
    spellings: Mapping[str, str]


def count_pairs(texts: Iterable[str]) -> dict[str, int]:
    """How often two characters stand side by side."""
    counts: dict[str, int] = {}
    for text in texts:
        for place in range(len(text) - 1):
            pair = text[place : place + 2]
            counts[pair] = counts.get(pair, 0) + 1
    return counts


def count_words(texts: Iterable[Sequence[str]]) -> dict[str, int]:
    """How often each word, and each character, occurs in texts that are cut into words."""
    counts: dict[str, int] = {}
    for words in texts:
        for word in words:
            counts[word] = counts.get(word, 0) + 1
            if len(word) > 1:
                for character in word:
                    counts[character] = counts.get(character, 0) + 1
    return counts
