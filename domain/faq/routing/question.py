"""A question made ready once, for all signals: slips mended, cut into words, known words found."""

import re
from collections.abc import Callable, Iterable, Sequence, Set
from itertools import accumulate
from typing import NamedTuple

from content.schema import Lexicon
from domain.faq.routing.pinyin import (
    HomophoneMender,
    PinyinReader,
    Uses,
    count_pairs,
    count_words,
    spell_word,
)
from domain.faq.routing.segment import Segmenter
from domain.faq.routing.text import Grams, list_grams, normalise


class Question(NamedTuple):
    """What the signals look at.

    text: normalised, pinyin in characters, slips put right.
    words: those of `text` by the segmenter, in order.
    terms: the known words (of rules, synonyms and concepts) that occur, each by the word of ours.
    features: what `text` is made of, each once and in order: its characters, its pairs of
        neighbours (after DENIAL_MARK where they are denied), its words of three characters and
        more, and the concepts in it (after CONCEPT_MARK).
    """

    text: str
    words: Sequence[str]
    terms: Set[str]
    features: Sequence[str]


CONCEPT_MARK = "≈"
#: Stands before what is denied: "not a small firm" has nothing of "a small firm".
DENIAL_MARK = "¬"
#: What denies the words after it; 是不是 asks, and 不是说… doubts.
_DENIAL = re.compile("(?<!是)(?:不是|不属于|并非|不算是|够不上|不在)(?![说吗有让要都能])")
#: Characters that a denial reaches.
_DENIED = 6
_HAS_LETTERS = re.compile("[a-z]")
#: Uses that make a word one that people may have meant when they wrote another.
_OFTEN_ENOUGH = 3


class TermFinder:
    """Finds which of many known terms of two characters or more occur in a text."""

    def __init__(self, terms: Iterable[str]) -> None:
        by_head: dict[str, list[str]] = {}
        for term in sorted(set(terms), key=lambda term: (-len(term), term)):
            by_head.setdefault(term[:2], []).append(term)
        self._by_head = by_head
        self._heads = by_head.keys()

    def find(self, text: str, pairs: Sequence[str]) -> list[tuple[int, str]]:
        """Each occurrence as (start, term), the longer first at one start.

        `pairs` are those of `list_grams(text)`: the caller has them already.
        """
        if self._heads.isdisjoint(pairs):
            return []
        heads = self._by_head
        return [
            (start, term)
            for start, pair in enumerate(pairs)
            if pair in heads
            for term in heads[pair]
            if text.startswith(term, start)
        ]


class QuestionReader:
    """Prepares questions and phrasings alike, so that the two can be compared."""

    def __init__(
        self,
        lexicon: Lexicon,
        rule_words: Iterable[str],
        phrasings: Iterable[str] = (),
        *,
        kept_words: Iterable[str] = (),
        keep_uses: Callable[[Callable[[], Uses]], Uses] = lambda count: count(),
        by_sound: bool = True,
        pairs: bool = True,
        concepts: bool = True,
    ) -> None:
        """`phrasings` teach it which words are used here. `kept_words` are never slips of others.
        `keep_uses` may have what counting the phrasings would give, which takes seconds.

        What can be left out: `by_sound` (slips between homophones are mended, pinyin is read),
        `pairs` of neighbours among the features, and `concepts`.
        """
        self._pairs = pairs
        self.segmenter = Segmenter(filter(None, map(_normalise_term, lexicon.words)))
        self._typos = {
            normalise(slip): normalise(right)
            for slip, right in lexicon.typos.items()
            if len(normalise(slip)) > 1
        }
        self._typo_finder = TermFinder(self._typos)
        #: Every synonym, normalised, to the first of its group.
        self._ours: dict[str, str] = {}
        for group in lexicon.synonyms:
            first, *others = (normalise(word) for word in group)
            for word in others:
                # In two groups the first one counts; `zpt content check` reports it.
                if word and word != first:
                    self._ours.setdefault(word, first)
        #: Every known word to the words of ours that it stands for.
        self._names: dict[str, tuple[str, ...]] = {}
        #: The words of ours that are said in several ways: each is a feature of its own.
        self._marked: set[str] = set()
        if concepts:
            for group in (*lexicon.concepts, *lexicon.synonyms):
                name = self.find_term(group[0])
                self._marked.add(name)
                for way in group:
                    self._add_name(normalise(way), name)
        for word in rule_words:
            self._add_name(normalise(word), self.find_term(word))
        self._single = frozenset(term for term in self._names if len(term) == 1)
        self._finder = TermFinder(term for term in self._names if len(term) > 1)
        self._latin_at_end = frozenset(
            term for term in self._names if _is_latin(term[0]) or _is_latin(term[-1])
        )
        kept = sorted(filter(None, map(normalise, kept_words)), key=len, reverse=True)
        self._kept = re.compile("|".join(map(re.escape, kept)) or "(?!)")
        self._pinyin: PinyinReader | None = None
        self._mender: HomophoneMender | None = None
        if by_sound:
            self._learn_sounds(lexicon, keep_uses(lambda: self._count_uses(lexicon, phrasings)))

    def _count_uses(self, lexicon: Lexicon, phrasings: Iterable[str]) -> Uses:
        texts = [normalise(phrasing) for phrasing in phrasings]
        words = count_words(map(self.segmenter.cut, texts))
        heard = {*words, *filter(None, map(_normalise_term, lexicon.words))}
        spellings = {word: spell_word(word) for word in sorted(heard) if not word.isascii()}
        return Uses(words, count_pairs(texts), spellings)

    def _learn_sounds(self, lexicon: Lexicon, uses: Uses) -> None:
        used = dict(uses.words)
        for word in filter(None, map(_normalise_term, lexicon.words)):
            used[word] = used.get(word, 0) + _OFTEN_ENOUGH
        self._pinyin = PinyinReader(used, self.segmenter.language, uses.spellings)
        self._mender = HomophoneMender(
            {
                word: count
                for word, count in used.items()
                if count >= _OFTEN_ENOUGH and len(word) > 1
            },
            uses.pairs,
            uses.spellings,
        )

    def _add_name(self, word: str, name: str) -> None:
        known = self._names.get(word, ())
        if word and name and name not in known:
            self._names[word] = (*known, name)

    def find_term(self, word: str) -> str:
        """The word of ours for a word of a rule; "" where nothing readable is in it."""
        normal = normalise(word)
        return self._ours.get(normal, normal)

    def name_words(self, question: Question) -> str:
        """The text of `question` with each word by the word of ours: equal for 补助 and 补贴."""
        return "".join(self._ours.get(word, word) for word in question.words)

    def is_word(self, word: str, apart_from: str = "") -> bool:
        """Whether `word` is one of ours, or used often in the language; letters only as what they
        spell of ours. So is what is made of such words alone (美容美发). Its uses in the text
        `apart_from` do not count."""
        text = normalise(word)
        if text.isascii():
            read = text if self._pinyin is None else self._pinyin.read(text)
            return self._is_ours(read, apart_from)
        pieces = {text, *self.segmenter.cut(text)}
        common = {one for one in pieces if len(one) > 1 and one in self.segmenter.language}
        common |= {one for one in pieces if len(one) > 1 and self._is_ours(one, apart_from)}
        return text in common or (pieces - {text} <= common and len(pieces) > 1)

    def _is_ours(self, word: str, apart_from: str) -> bool:
        used = 0 if self._mender is None else self._mender.count_uses(word)
        return word in self._names or (
            used >= _OFTEN_ENOUGH and used - apart_from.count(word) >= _OFTEN_ENOUGH
        )

    def read(self, raw: str) -> Question:
        """The question in `raw`; never raises, whatever the characters."""
        text = normalise(raw)
        if self._pinyin is not None and not text.isdigit() and _HAS_LETTERS.search(text):
            text = self._pinyin.read(text)
        grams = list_grams(text)
        slips = self._typo_finder.find(text, grams.pairs)
        if slips:
            text = self._mend_typos(text, slips)
            grams = list_grams(text)
        words = self.segmenter.cut(text, grams)
        if self._mender is not None:
            swaps = self._mender.find(text, words)
            if swaps and (kept := [found.span() for found in self._kept.finditer(text)]):
                swaps = [swap for swap in swaps if not _touches(swap, kept)]
            if swaps:
                text = _swap(text, swaps)
                grams = list_grams(text)
                words = self.segmenter.cut(text, grams)
        denied = _find_denied(text) if "不" in text or "并非" in text else frozenset()
        names = self._find_names(text, words, grams, denied)
        features = set(grams.characters)
        if self._pairs:
            features.update(_mark_denied(grams.pairs, denied) if denied else grams.pairs)
        features.update([word for word in words if len(word) > 2])
        features.update([CONCEPT_MARK + name for name in names if name in self._marked])
        # In order: sums of floats depend on it, and must be the same in every process.
        return Question(text, words, names, sorted(features))

    def _find_names(self, text: str, words: list[str], grams: Grams, denied: Set[int]) -> set[str]:
        """The words of ours for all known words in `text` that are not denied.

        会计 in 不会|计算 cuts through a word at both its ends: it is not there. Latin letters and
        digits have to stand alone at both: 500 is not in 1500.
        """
        find_names = self._names.get
        names = {name for word in self._single.intersection(words) for name in find_names(word, ())}
        found = self._finder.find(text, grams.pairs)
        if not found:
            return names
        edges = _find_edges(text, words)
        latin_at_end = self._latin_at_end
        for start, term in found:
            end = start + len(term)
            if (start not in edges and end not in edges) or start in denied:
                continue
            if term in latin_at_end and not _ends_cleanly(text, start, end):
                continue
            names.update(find_names(term, ()))
        return names

    def _mend_typos(self, text: str, found: list[tuple[int, str]]) -> str:
        swaps: list[tuple[int, str, str]] = []
        mended_until = 0
        for start, slip in found:
            right = self._typos[slip]
            # Where the right form stands there already, the slip is a part of it.
            inner = right.find(slip)
            if start < mended_until or (inner >= 0 and text.startswith(right, start - inner)):
                continue
            swaps.append((start, slip, right))
            mended_until = start + len(slip)
        return _swap(text, swaps)


def _find_denied(text: str) -> frozenset[int]:
    """The places of the characters that a denial reaches."""
    return frozenset(
        place
        for denial in _DENIAL.finditer(text)
        for place in range(denial.end(), min(denial.end() + _DENIED, len(text)))
    )


def _mark_denied(pairs: Sequence[str], denied: Set[int]) -> list[str]:
    return [
        DENIAL_MARK + pair if place in denied and place + 1 in denied else pair
        for place, pair in enumerate(pairs)
    ]


def _normalise_term(word: str) -> str:
    # A blank ends a word for the segmenter, so a term with one inside is never whole.
    normal = normalise(word)
    return "" if " " in normal else normal


def _find_edges(text: str, words: list[str]) -> set[int]:
    """The places in `text` where a word begins or ends."""
    if " " not in text:
        return {0, *accumulate(map(len, words))}
    edges, position = {0}, 0
    for word in words:
        while text[position] == " ":
            position += 1
            edges.add(position)
        position += len(word)
        edges.add(position)
    return edges


def _ends_cleanly(text: str, start: int, end: int) -> bool:
    """Whether no Latin letter or digit is cut off from its like at either end of the term."""
    return not (
        (_is_latin(text[start]) and start > 0 and _is_latin(text[start - 1]))
        or (_is_latin(text[end - 1]) and end < len(text) and _is_latin(text[end]))
    )


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _touches(swap: tuple[int, str, str], spans: Iterable[tuple[int, int]]) -> bool:
    start, slip, _ = swap
    return any(start < end and begin < start + len(slip) for begin, end in spans)


def _swap(text: str, swaps: list[tuple[int, str, str]]) -> str:
    """`text` with each (start, old, new) replaced; the swaps do not overlap, and are in order."""
    pieces: list[str] = []
    position = 0
    for start, old, new in swaps:
        pieces.append(text[position:start])
        pieces.append(new)
        position = start + len(old)
    pieces.append(text[position:])
    return "".join(pieces)
