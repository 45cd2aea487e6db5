"""Signal: the editors' rules on words (`keywords` of an entry, a service, small talk)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from math import log
from typing import NamedTuple

import numpy as np

from domain.faq.routing.candidates import Candidate
from domain.faq.routing.question import Question, QuestionReader
from domain.faq.routing.signals import Scores

#: How far one word of a rule alone convinces when no other candidate ever uses it.
GROUP_STRENGTH = 0.6
ANY_STRENGTH = 0.25


class _Term(NamedTuple):
    """What one word means to the rules.

    groups: the (candidate, bit of its group) that the word meets.
    doubt_of_group, doubt_of_any: what it leaves of the doubt, as the word of a whole rule and of
        `any`; the rarer the word, the less.
    helps, forbids: the candidates that have it in `any` and in `none`.
    """

    groups: tuple[tuple[int, int], ...]
    doubt_of_group: float
    helps: tuple[int, ...]
    doubt_of_any: float
    forbids: tuple[int, ...]


class KeywordSignal:
    """Rules by word: 0 to 1. A word counts for less the more candidates know it.

    A word of `none` silences its rule; the other signals may still speak for the candidate.
    """

    def __init__(
        self,
        candidates: Sequence[Candidate],
        counted: Sequence[Candidate],
        known: Mapping[str, int],
        reader: QuestionReader,
    ) -> None:
        """`counted`: those of `candidates` whose rules count; `known` as `count_known_terms` gives
        it for them all. `reader` has to know the words of the rules that count."""
        #: By candidate: all bits of the groups of its rule.
        self._full: dict[int, int] = {}
        self._candidates = len(candidates)
        self._counted = frozenset(candidate.number for candidate in counted)
        groups: dict[str, list[tuple[int, int]]] = defaultdict(list)
        helps: dict[str, list[int]] = defaultdict(list)
        forbids: dict[str, list[int]] = defaultdict(list)
        for candidate in counted:
            number, rule = candidate.number, candidate.keywords
            for position, group in enumerate(rule.all):
                for term in _list_terms(group, reader):
                    groups[term].append((number, 1 << position))
            if rule.all:
                self._full[number] = (1 << len(rule.all)) - 1
            for term in _list_terms(rule.any, reader):
                helps[term].append(number)
            for term in _list_terms(rule.none, reader):
                forbids[term].append(number)
        scale = log(len(candidates) + 1)
        self._terms: dict[str, _Term] = {}
        for term in groups.keys() | helps.keys() | forbids.keys():
            knowing = known.get(term, 0)
            rarity = 1.0 - log(knowing) / scale if knowing else 0.0
            self._terms[term] = _Term(
                tuple(groups.get(term, ())),
                1.0 - GROUP_STRENGTH * rarity,
                tuple(helps.get(term, ())),
                1.0 - ANY_STRENGTH * rarity,
                tuple(forbids.get(term, ())),
            )

    def hears(self, question: Question) -> bool:
        """Whether any word of a rule is in the question."""
        return not self._terms.keys().isdisjoint(question.terms)

    def score(self, question: Question) -> Scores:
        find_term = self._terms.get
        doubts: dict[int, float] = {}
        met: dict[int, int] = {}
        least: dict[tuple[int, int], float] = {}
        forbidden: list[int] = []
        for word in question.terms:
            term = find_term(word)
            if term is None:
                continue
            groups, doubt, helps, doubt_of_any, forbids = term
            # Of several words that meet one group the rarest speaks.
            for key in groups:
                if key not in least:
                    least[key] = doubt
                    number, bit = key
                    met[number] = met.get(number, 0) | bit
                elif doubt < least[key]:
                    least[key] = doubt
            for number in helps:
                doubts[number] = doubts.get(number, 1.0) * doubt_of_any
            forbidden += forbids
        full = self._full
        for (number, _), doubt in least.items():
            if met[number] == full[number]:
                doubts[number] = doubts.get(number, 1.0) * doubt
        scores = np.zeros(self._candidates, dtype=np.float32)
        if doubts:
            scores[list(doubts)] = 1.0 - np.fromiter(doubts.values(), np.float32, len(doubts))
        scores[forbidden] = 0.0
        return scores

    def is_met(self, question: Question, candidate: int) -> bool:
        """Whether the whole rule of `candidate` speaks for it."""
        met = 0
        for word in question.terms:
            term = self._terms.get(word)
            if term is None:
                continue
            if candidate in term.forbids:
                return False
            for number, bit in term.groups:
                if number == candidate:
                    met |= bit
        return bool(met) and met == self._full[candidate]

    def explain(self, question: Question, candidate: int) -> list[str]:
        if candidate not in self._counted:
            return ["问法够多，都学过了，关键词规则不再算"]
        lines: list[str] = []
        terms = [
            (word, self._terms[word]) for word in sorted(question.terms) if word in self._terms
        ]
        forbidden = [word for word, term in terms if candidate in term.forbids]
        if forbidden:
            lines.append(f"出现了排除词：{'、'.join(forbidden)}，关键词规则不算")
        groups = [
            (word, group)
            for word, term in terms
            for number, group in term.groups
            if number == candidate
        ]
        if groups:
            met = 0
            for _, group in groups:
                met |= group
            whole = met == self._full[candidate]
            state = "各组都有了" if whole else "还缺别的组，这条规则不算数"
            lines.append(f"命中关键词：{'、'.join(word for word, _ in groups)}（{state}）")
        helpful = [word for word, term in terms if candidate in term.helps]
        if helpful:
            lines.append(f"命中加分词：{'、'.join(helpful)}")
        return lines


def count_known_terms(
    candidates: Sequence[Candidate],
    phrasings: Sequence[Sequence[Question]],
    reader: QuestionReader,
) -> dict[str, int]:
    """How many candidates know each term, by their rules or by their phrasings."""
    counts: dict[str, int] = {}
    for candidate, own in zip(candidates, phrasings, strict=True):
        rule = candidate.keywords
        terms = set(_list_terms((*chain(*rule.all), *rule.any), reader))
        terms.update(*(phrasing.terms for phrasing in own))
        for term in terms:
            counts[term] = counts.get(term, 0) + 1
    return counts


def _list_terms(words: Iterable[str], reader: QuestionReader) -> list[str]:
    return sorted({reader.find_term(word) for word in words} - {""})
