"""The race: every signal scores every candidate, the rules decide, the outcome gets its words."""

from collections.abc import Iterator
from datetime import date

from content.schema import Content, Entry, Intent, Service
from domain.faq import rules
from domain.faq.routing.candidates import Candidate, Kind, list_candidates
from domain.faq.routing.explain import explain_race
from domain.faq.routing.keywords import KeywordSignal
from domain.faq.routing.phrasings import PhrasingSignal
from domain.faq.routing.question import Question, QuestionReader
from domain.faq.routing.result import Option, Outcome, Ranked, Routing
from domain.faq.routing.signals import Signal, join_evidence
from domain.faq.routing.text import has_visible_marks, normalise

#: As many entries as a result ranks.
RANKED_ENTRIES = 5
#: As many candidates as a race ranks: enough for RANKED_ENTRIES among services and small talk.
RANKED_CANDIDATES = 11
_LEAST_SCORE = 0.0001
#: Of a score from 0 to 1: it has four places.
_SCORE_STEPS = 10_000
#: Worded answers kept; past that the store starts anew (asked with ever new dates).
_MAX_KEPT_ANSWERS = 4096


class Router:
    """Routes questions over one `Content`; knows no word that is not in it.

    Building takes about half a second, nearly all of it jieba's dictionary. Afterwards nothing
    changes but a store of worded answers, so one router serves a whole process. Raises
    ValueError where a text that answers need is missing from the content or cannot be filled,
    and where a service's policy or a topic's offer leads nowhere.
    """

    def __init__(self, content: Content) -> None:
        faults = [*rules.find_text_faults(content.texts), *rules.find_lost_targets(content)]
        if faults:
            raise ValueError("；".join(faults))
        self.content = content
        self.candidates = list_candidates(content)
        self.reader = QuestionReader(content.lexicon, _list_rule_words(self.candidates))
        self.signals = build_signals(self.candidates, self.reader)
        #: Answers what holds no readable character, emoji say: who has such phrasings.
        self.wordless = next(
            (
                candidate
                for candidate in self.candidates
                if not all(map(normalise, candidate.phrasings))
            ),
            None,
        )
        #: Entries are the first in the race, so that a number below their count is an entry's.
        self._entry_names = [entry.id for entry in content.entries]
        self._entries = {entry.id: entry for entry in content.entries}
        self._sources = rules.Sources.of(content)
        self._topics = self._read_topics()
        self._answers: dict[tuple[int, date], str] = {}

    def route(self, q: str, as_of: date) -> Routing:
        """What `q` asks for, and the answer as it reads on `as_of`. Never raises, whatever `q`."""
        question = self.reader.read(q)
        race = self._run_race(question)
        ranked = self._list_ranked_entries(race)
        if not question.text:
            if self.wordless is not None and has_visible_marks(q):
                return self._answer(q, self.wordless, 1.0, as_of, ranked)
            return self._decline(q, 0.0, self.content.texts["faq.none_blank"], ranked)
        offers = self._topics.get(question.text)
        if offers is not None:
            return self._ask_back(q, offers, 1.0, ranked)
        scores = [score for score, _ in race[: rules.MAX_OPTIONS]]
        decision, count = rules.decide_outcome(scores)
        if decision is rules.Decision.ANSWER:
            return self._answer(q, self.candidates[race[0][1]], scores[0], as_of, ranked)
        if decision is rules.Decision.ASK_BACK:
            near = [self.candidates[number] for _, number in race[:count]]
            if near[0].kind is Kind.SMALL_TALK:
                return self._answer(q, near[0], scores[0], as_of, ranked)
            # Nobody means to ask back for a greeting: small talk is no option.
            near = _drop_twins([item for item in near if item.kind is not Kind.SMALL_TALK])
            if len(near) == 1:
                return self._answer(q, near[0], scores[0], as_of, ranked)
            return self._ask_back(q, near, scores[0], ranked)
        best_score = scores[0] if scores else 0.0
        return self._decline(q, best_score, self.content.texts["faq.none"], ranked)

    def answer_entry(self, entry: str, as_of: date) -> Routing | None:
        """The answer of one entry that was picked by its id; None where there is none such."""
        return self._answer_picked(Kind.ENTRY, entry, as_of)

    def open_service(self, intent: str, as_of: date) -> Routing | None:
        """What is said when the service `intent` is picked by name; None where there is none."""
        return self._answer_picked(Kind.SERVICE, intent, as_of)

    def _answer_picked(self, kind: Kind, name: str, as_of: date) -> Routing | None:
        for candidate in self.candidates:
            if candidate.kind is kind and candidate.name == name:
                return self._answer(candidate.title, candidate, 1.0, as_of, ())
        return None

    def rank(self, question: Question) -> list[tuple[Candidate, float]]:
        """The RANKED_CANDIDATES best with their scores, best first; equal ones in content order."""
        return [(self.candidates[number], score) for score, number in self._run_race(question)]

    def _run_race(self, question: Question) -> list[tuple[float, int]]:
        """The RANKED_CANDIDATES best as (score, number), best first; equals in content order."""
        joined = join_evidence([signal.score(question) for signal in self.signals])
        if not joined:
            return []
        least = sorted(joined.values(), reverse=True)[:RANKED_CANDIDATES][-1]
        if least < _LEAST_SCORE:
            least = _LEAST_SCORE
        # Features are summed in the order of a set, which differs between processes in the last
        # digits: rounded, the same question gets the same order and score everywhere.
        order = [
            (-int(score * _SCORE_STEPS + 0.5), number)
            for number, score in joined.items()
            if score >= least
        ]
        order.sort()
        return [(-steps / _SCORE_STEPS, number) for steps, number in order]

    def explain(self, q: str) -> str:
        """Why the winner won, in Chinese, in a few lines for an editor."""
        question = self.reader.read(q)
        return "\n".join(explain_race(question, self.rank(question), self.signals))

    def _list_ranked_entries(self, race: list[tuple[float, int]]) -> tuple[Ranked, ...]:
        names = self._entry_names
        entries = [pair for pair in race if pair[1] < len(names)][:RANKED_ENTRIES]
        return tuple([Ranked(names[number], score) for score, number in entries])

    def _answer(
        self, q: str, winner: Candidate, score: float, as_of: date, ranked: tuple[Ranked, ...]
    ) -> Routing:
        record, policy = winner.record, self._find_policy(winner)
        sources = () if policy is None else policy.sources
        answer = record.answer if policy is None else self._compose(winner, policy, as_of)
        if isinstance(record, Entry):
            return Routing(
                q,
                "policy",
                record.id,
                None,
                sources,
                (),
                score,
                answer,
                record.unstated,
                ranked,
            )
        intent: Intent | None = winner.intent
        kind: Outcome = "none" if intent is None else "service"
        return Routing(q, kind, None, intent, sources, (), score, answer, False, ranked)

    def _ask_back(
        self, q: str, near: list[Candidate], score: float, ranked: tuple[Ranked, ...]
    ) -> Routing:
        options = tuple(self._make_option(candidate) for candidate in near)
        titles = [option.title for option in options]
        answer = rules.compose_question_back(titles, self.content.texts)
        return Routing(q, "clarify", None, None, (), options, score, answer, False, ranked)

    @staticmethod
    def _decline(q: str, score: float, answer: str, ranked: tuple[Ranked, ...]) -> Routing:
        return Routing(q, "none", None, None, (), (), score, answer, False, ranked)

    def _find_policy(self, candidate: Candidate) -> Entry | None:
        """The entry whose answer is a part of the candidate's own."""
        record = candidate.record
        if isinstance(record, Entry):
            return record
        if isinstance(record, Service) and record.policy is not None:
            return self._entries[record.policy]
        return None

    def _make_option(self, candidate: Candidate) -> Option:
        policy = self._find_policy(candidate)
        sources = () if policy is None else policy.sources
        if isinstance(candidate.record, Entry):
            return Option(candidate.title, candidate.name, None, sources)
        return Option(candidate.title, None, candidate.intent, sources)

    def _read_topics(self) -> dict[str, list[Candidate]]:
        """What is offered for each bare word, by the word as a question of it is read."""
        targets = {item.target: item for item in self.candidates}
        return {
            self.reader.read(word).text: [targets[offer] for offer in topic.offers]
            for topic in self.content.topics
            for word in topic.words
        }

    def _compose(self, winner: Candidate, policy: Entry, as_of: date) -> str:
        """An answer that rests on `policy`, worded once for each day that is asked about."""
        key = (winner.number, as_of)
        answer = self._answers.get(key)
        if answer is None:
            if len(self._answers) >= _MAX_KEPT_ANSWERS:
                self._answers.clear()
            record, sources, texts = winner.record, self._sources, self.content.texts
            if isinstance(record, Service):
                answer = rules.compose_service_answer(record, policy, sources, texts, as_of)
            else:
                answer = rules.compose_answer(policy, sources, texts, as_of)
            self._answers[key] = answer
        return answer


def build_signals(candidates: list[Candidate], reader: QuestionReader) -> tuple[Signal, ...]:
    """The signals of the race. A new one is added here, and nowhere else."""
    phrasings = [
        [reader.read(phrasing) for phrasing in candidate.phrasings] for candidate in candidates
    ]
    return (PhrasingSignal(phrasings), KeywordSignal(candidates, phrasings, reader))


def _list_rule_words(candidates: list[Candidate]) -> Iterator[str]:
    for candidate in candidates:
        rule = candidate.keywords
        for group in rule.all:
            yield from group
        yield from rule.any
        yield from rule.none


def _drop_twins(near: list[Candidate]) -> list[Candidate]:
    """One option for each thing on offer: small talk and a service may lead to the same one."""
    seen: dict[tuple[Kind, str], Candidate] = {}
    for candidate in near:
        seen.setdefault((candidate.kind, candidate.name), candidate)
    return list(seen.values())
