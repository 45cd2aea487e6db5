"""Signal: the editors' rules on words (`keywords` of an entry, a service, small talk)."""

from collections.abc import Mapping
from math import log

from domain.faq.routing.candidates import Candidate
from domain.faq.routing.question import Question, QuestionReader
from domain.faq.routing.signals import RULED_OUT

#: How far one word of a rule alone convinces when no other candidate ever uses it.
GROUP_STRENGTH = 0.6
ANY_STRENGTH = 0.25


class KeywordSignal:
    """Rules by word. A word counts for less the more candidates know it."""

    def __init__(
        self, candidates: list[Candidate], phrasings: list[list[Question]], reader: QuestionReader
    ) -> None:
        self._full: dict[int, int] = {}
        self._groups: dict[str, list[tuple[int, int]]] = {}
        self._any: dict[str, list[int]] = {}
        self._none: dict[str, list[int]] = {}
        known_by: dict[str, set[int]] = {}
        for candidate in candidates:
            number, rule = candidate.number, candidate.keywords
            for position, group in enumerate(rule.all):
                for term in {reader.find_term(word) for word in group} - {""}:
                    self._groups.setdefault(term, []).append((number, 1 << position))
                    known_by.setdefault(term, set()).add(number)
            if rule.all:
                self._full[number] = (1 << len(rule.all)) - 1
            for term in {reader.find_term(word) for word in rule.any} - {""}:
                self._any.setdefault(term, []).append(number)
                known_by.setdefault(term, set()).add(number)
            for term in {reader.find_term(word) for word in rule.none} - {""}:
                self._none.setdefault(term, []).append(number)
            for phrasing in phrasings[number]:
                for term in phrasing.terms:
                    known_by.setdefault(term, set()).add(number)
        scale = log(len(candidates) + 1)
        self._rarity = {term: 1.0 - log(len(numbers)) / scale for term, numbers in known_by.items()}

    def score(self, question: Question) -> Mapping[int, float]:
        seen: dict[int, int] = {}
        doubt: dict[int, float] = {}
        strongest: dict[tuple[int, int], float] = {}
        scores: dict[int, float] = {}
        for term in question.terms:
            rarity = self._rarity.get(term, 0.0)
            for key in self._groups.get(term, ()):
                number, group = key
                seen[number] = seen.get(number, 0) | group
                if rarity > strongest.get(key, -1.0):
                    strongest[key] = rarity
            for number in self._any.get(term, ()):
                doubt[number] = doubt.get(number, 1.0) * (1.0 - ANY_STRENGTH * rarity)
        for (number, _), rarity in strongest.items():
            if seen[number] == self._full[number]:
                doubt[number] = doubt.get(number, 1.0) * (1.0 - GROUP_STRENGTH * rarity)
        for number, value in doubt.items():
            scores[number] = 1.0 - value
        if not self._none.keys().isdisjoint(question.terms):
            for term in question.terms:
                for number in self._none.get(term, ()):
                    scores[number] = RULED_OUT
        return scores

    def explain(self, question: Question, candidate: int) -> list[str]:
        lines: list[str] = []
        terms = sorted(question.terms)
        forbidden = [term for term in terms if candidate in self._none.get(term, ())]
        if forbidden:
            lines.append(f"出现了排除词：{'、'.join(forbidden)}")
        groups = [
            (term, group)
            for term in terms
            for number, group in self._groups.get(term, ())
            if number == candidate
        ]
        if groups:
            met = 0
            for _, group in groups:
                met |= group
            whole = met == self._full[candidate]
            state = "各组都有了" if whole else "还缺别的组，这条规则不算数"
            lines.append(f"命中关键词：{'、'.join(term for term, _ in groups)}（{state}）")
        helpful = [term for term in terms if candidate in self._any.get(term, ())]
        if helpful:
            lines.append(f"命中加分词：{'、'.join(helpful)}")
        return lines
