"""A question made ready once, for all signals: slips mended, cut into words, synonyms joined."""

from collections.abc import Iterable, Sequence, Set
from itertools import accumulate
from typing import NamedTuple

from content.schema import Lexicon
from domain.faq.routing.segment import Segmenter
from domain.faq.routing.text import list_grams, normalise


class Question(NamedTuple):
    """What the signals look at.

    text: normalised, frequent slips put right, each synonym replaced by the word of ours.
    words: those of `text` by the segmenter, in order.
    terms: the known words (of rules and synonyms) that occur, each by the word of ours.
    features: what `text` is made of, each once: its characters, its pairs of neighbours, and its
        words of three characters and more.
    """

    text: str
    words: Sequence[str]
    terms: Set[str]
    features: Set[str]


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

    def __init__(self, lexicon: Lexicon, rule_words: Iterable[str]) -> None:
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
        terms = {normalise(word) for word in rule_words} | set(self._ours)
        terms |= set(self._ours.values())
        terms.discard("")
        self._single = frozenset(term for term in terms if len(term) == 1)
        self._finder = TermFinder(term for term in terms if len(term) > 1)
        self._latin_at_end = frozenset(
            term for term in terms if _is_latin(term[0]) or _is_latin(term[-1])
        )

    def find_term(self, word: str) -> str:
        """The word of ours for a word of a rule; "" where nothing readable is in it."""
        normal = normalise(word)
        return self._ours.get(normal, normal)

    def read(self, raw: str) -> Question:
        """The question in `raw`; never raises, whatever the characters."""
        text = normalise(raw)
        grams = list_grams(text)
        slips = self._typo_finder.find(text, grams.pairs)
        if slips:
            text = self._mend_typos(text, slips)
            grams = list_grams(text)
        words = self.segmenter.cut(text, grams)
        ours = self._ours
        terms = {ours.get(word, word) for word in self._single.intersection(words)}
        found = self._finder.find(text, grams.pairs)
        if found:
            swaps = self._accept_terms(text, words, found, terms)
            if swaps:
                text = _swap(text, swaps)
                words = [ours.get(word, word) for word in words]
                grams = list_grams(text)
        long_words = [word for word in words if len(word) > 2]
        return Question(text, words, terms, {*grams.characters, *grams.pairs, *long_words})

    def _accept_terms(
        self, text: str, words: list[str], found: list[tuple[int, str]], terms: set[str]
    ) -> list[tuple[int, str, str]]:
        """Add what truly occurs to `terms`; return the synonyms to swap (start, word, ours).

        会计 in 不会|计算 cuts through a word at both its ends: it is not there. Latin letters and
        digits have to stand alone at both: 500 is not in 1500.
        """
        edges = _find_edges(text, words)
        find_ours = self._ours.get
        latin_at_end = self._latin_at_end
        swaps: list[tuple[int, str, str]] = []
        swapped_until = 0
        for start, term in found:
            end = start + len(term)
            if start not in edges and end not in edges:
                continue
            if term in latin_at_end and not _ends_cleanly(text, start, end):
                continue
            ours = find_ours(term)
            if ours is None:
                terms.add(term)
                continue
            terms.add(ours)
            if start >= swapped_until:
                swaps.append((start, term, ours))
                swapped_until = end
        return swaps

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
