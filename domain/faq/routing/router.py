"""From a question to what is said: the race is run, the rules decide, the words follow."""

from collections.abc import Callable, Iterable, Set
from datetime import date

from content.schema import Content, Entry, Intent, Service
from domain.faq import rules, wording
from domain.faq.routing.candidates import Candidate, Kind
from domain.faq.routing.cries import (
    LETTERS_FAMILIAR,
    SpelledCries,
    drop_letters,
    has_letters,
)
from domain.faq.routing.dismissal import drop_dismissed
from domain.faq.routing.explain import Reason, explain_race, word_outcome
from domain.faq.routing.question import Question
from domain.faq.routing.questions import split_questions
from domain.faq.routing.race import Part, Race
from domain.faq.routing.result import Option, Outcome, Ranked, Routing
from domain.faq.routing.text import has_visible_marks, is_readable, normalise
from domain.faq.routing.training import ModelStore
from domain.faq.rules import Ranking
from domain.faq.wording import Contact, Sources, Wording

#: As many entries as a result ranks.
RANKED_ENTRIES = 5
#: Worded answers kept; past that the store starts anew (asked with ever new dates).
_MAX_KEPT_ANSWERS = 4096


class Router:
    """Routes questions over one `Content`; knows no word that is not in it.

    Building takes about three seconds where `models` keeps the trained classifier, and the time
    of training where it does not. Afterwards nothing changes but a store of worded answers, so
    one router serves a whole process. `contact` is named under the answers. Raises ValueError
    where a text that answers need is missing from the content or cannot be filled, and where a
    service's policy or a topic's offer leads nowhere.
    """

    def __init__(
        self,
        content: Content,
        *,
        contact: Contact | None = None,
        models: ModelStore | None = None,
        without: Set[Part] = frozenset(),
    ) -> None:
        faults = [*wording.find_text_faults(content.texts), *wording.find_lost_targets(content)]
        if faults:
            raise ValueError("；".join(faults))
        self.content = content
        #: Whom people may ask, and where they complain.
        self.contact = contact
        self.race = Race(content, models, without)
        self.candidates = self.race.candidates
        self.reader = self.race.reader
        #: Answers what holds no readable character, emoji say: who has such phrasings.
        self.wordless = next(
            (
                candidate
                for candidate in self.candidates
                if not all(map(is_readable, candidate.phrasings))
            ),
            None,
        )
        #: Entries are the first in the race, so that a number below their count is an entry's.
        self._entry_names = [entry.id for entry in content.entries]
        self._entries = {entry.id: entry for entry in content.entries}
        self._sources = Sources.of(content)
        self._wording = Wording(self._sources, content.texts, contact)
        self._topics = self._read_topics()
        #: Synonyms differ in length, by two characters at most as a rule.
        self._longest_topic = max(map(len, self._topics), default=0) + 2
        self._cries = {
            item.number: SpelledCries(item.phrasings, item.keywords.all)
            for item in self.candidates
            if item.is_urgent
        }
        self._answers: dict[tuple[int, date], str] = {}

    def route(self, q: str, as_of: date) -> Routing:
        """What `q` asks for, and the answer as it reads on `as_of`. Never raises, whatever `q`."""
        meant = self._drop_dismissed(q)
        question, race = self._run(meant)
        return self._decide(q, meant, question, race, as_of)[0]

    def _run(self, meant: str) -> tuple[Question, Ranking]:
        """`meant` and its race; without the letters that nobody can read where they alone would
        have won it for distress (hongxiang has much of xiang si, and nothing of its meaning), and
        with those written out that complete a cry (不想huo了)."""
        question = self._hear_cry(meant) or self.reader.read(meant)
        race = self.race.run(question)
        if not race.standings or not has_letters(question.text):
            return question, race
        first = self.candidates[race.standings[0].number]
        if (
            not first.is_urgent
            or self.race.is_urgent(question)
            or race.familiarity >= LETTERS_FAMILIAR
            or self._cries[first.number].are_in(question.text)
        ):
            return question, race
        legible = drop_letters(question.text)
        if not legible:
            return question, Ranking((), 0.0, -1.0)
        question = self.reader.read(legible)
        return question, self.race.run(question)

    def _hear_cry(self, meant: str) -> Question | None:
        """`meant` with a cry in it that is partly letters; None where there is none such."""
        text = normalise(meant)
        if not has_letters(text):
            return None
        for cries in self._cries.values():
            written = cries.write_out(text)
            if written != text:
                question = self.reader.read(written)
                return question if self.race.is_urgent(question) else None
        return None

    def _decide(
        self, q: str, meant: str, question: Question, race: Ranking, as_of: date
    ) -> tuple[Routing, Reason]:
        """The outcome, and which rule has led to it. `meant`: `q` without what it waves away."""
        ranked = self._list_ranked_entries(race)
        if not question.text:
            if self.wordless is not None and has_visible_marks(q):
                return self._answer(q, self.wordless, 1.0, as_of, ranked), Reason.WORDLESS
            return self._decline(q, 0.0, self.content.texts["faq.none_blank"], ranked), Reason.BLANK
        if race.standings and self.candidates[race.standings[0].number].is_urgent:
            # Before all else: whoever despairs may ask two other things in the same breath.
            urgent = self.candidates[race.standings[0].number]
            return self._answer(q, urgent, 1.0, as_of, ranked), Reason.URGENT
        offers = self._find_offers(question)
        if offers is not None:
            return self._ask_back(q, offers, 1.0, ranked), Reason.BARE_WORD
        double = self._answer_both(q, meant, race, as_of, ranked)
        if double is not None:
            return double, Reason.TWO_QUESTIONS
        decision, standings = rules.decide_outcome(race)
        score = race.confidence
        near = [self.candidates[item.number] for item in standings]
        if decision is rules.Decision.ANSWER:
            return self._answer(q, near[0], score, as_of, ranked), Reason.CLEAR
        if decision is rules.Decision.ASK_BACK:
            near = _drop_twins(near)
            if len(near) > 1:
                return self._ask_back(q, near, score, ranked), Reason.UNCLEAR
        return self._decline(q, score, self.content.texts["faq.none"], ranked), Reason.STRANGE

    def has_entry(self, entry: str) -> bool:
        """Whether the content has an entry of this id."""
        return entry in self._entries

    def make_word_test(self, service: str) -> Callable[[str], bool]:
        """Tells of a word whether people use it of much else than of `service`; what its
        phrasings alone have, names of schools say, is none."""
        own = (item.phrasings for item in self.candidates if item.target == f"intent:{service}")
        apart = "\n".join(normalise(text) for phrasings in own for text in phrasings)
        return lambda word: self.reader.is_word(word, apart)

    def name_sources(self, sources: Iterable[str]) -> list[str]:
        """Each clause as a person reads it, by its id: its notice and its number there."""
        return [self._sources.name([source]) for source in sources]

    def is_unanswered(self, routing: Routing) -> bool:
        """Whether `routing` left the person without an answer: no small talk, no service."""
        if routing.kind == "clarify":
            return True
        return routing.kind == "none" and routing.answer == self.content.texts["faq.none"]

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
        """The best candidates with their chances, best first."""
        standings = self.race.run(question).standings
        return [(self.candidates[item.number], item.chance) for item in standings]

    def explain(self, q: str, as_of: date) -> str:
        """Why `q` is answered as it is on `as_of`, in Chinese, in a few lines for an editor."""
        meant = self._drop_dismissed(q)
        question, race = self._run(meant)
        named = [(self.candidates[item.number], item) for item in race.standings]
        routing, reason = self._decide(q, meant, question, race, as_of)
        outcome = word_outcome(reason, routing)
        return "\n".join(
            explain_race(question, named, race.confidence, self.race.signals, outcome, self.reader)
        )

    def _drop_dismissed(self, q: str) -> str:
        """`q` without what it waves away; whole where that holds what must not be missed."""
        meant = drop_dismissed(q)
        if meant == q:
            return meant
        is_cry = self._hear_cry(q) is not None or self.race.is_urgent(self.reader.read(q))
        return q if is_cry else meant

    def _answer_both(
        self, q: str, meant: str, race: Ranking, as_of: date, ranked: tuple[Ranked, ...]
    ) -> Routing | None:
        """What is said where `meant`, the message without what it waves away, asks two things of
        which each is clear by itself: both answers, or both as options where a service is one."""
        parts = split_questions(meant)
        if len(parts) < 2:
            return None
        found: list[Candidate] = []
        for part in parts:
            ranking = self.race.run(self.reader.read(part.text))
            if not rules.is_clear(ranking, loose=part.loose):
                continue
            candidate = self.candidates[ranking.standings[0].number]
            if candidate not in found:
                found.append(candidate)
        near = {item.number for item in race.standings[:RANKED_ENTRIES]}
        if len(found) != 2 or near.isdisjoint(candidate.number for candidate in found):
            return None
        first, second = (candidate.record for candidate in found)
        if not (isinstance(first, Entry) and isinstance(second, Entry)):
            return self._ask_back(q, found, race.confidence, ranked)
        answer = self._wording.compose_both(first, second, as_of)
        if answer is None:
            return None
        sources = tuple(dict.fromkeys((*first.sources, *second.sources)))
        unstated = first.unstated and second.unstated
        score = race.confidence
        return Routing(q, "policy", first.id, None, sources, (), score, answer, unstated, ranked)

    def _list_ranked_entries(self, race: Ranking) -> tuple[Ranked, ...]:
        names = self._entry_names
        entries = [item for item in race.standings if item.number < len(names)][:RANKED_ENTRIES]
        return tuple([Ranked(names[item.number], item.chance) for item in entries])

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
        answer = wording.compose_question_back(titles, self.content.texts)
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

    def _find_offers(self, question: Question) -> list[Candidate] | None:
        """What a bare word is offered; None for a question."""
        if len(question.text) > self._longest_topic:
            return None
        return self._topics.get(self.reader.name_words(question))

    def _read_topics(self) -> dict[str, list[Candidate]]:
        """What is offered for each bare word, by the word as a question of it is read."""
        targets = {item.target: item for item in self.candidates}
        return {
            self.reader.name_words(self.reader.read(word)): [
                targets[offer] for offer in topic.offers
            ]
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
            record = winner.record
            if isinstance(record, Service):
                answer = self._wording.compose_service_answer(record, policy, as_of)
            else:
                answer = self._wording.compose_answer(policy, as_of)
            self._answers[key] = answer
        return answer


def _drop_twins(near: list[Candidate]) -> list[Candidate]:
    """One option for each thing on offer: small talk and a service may lead to the same one."""
    seen: dict[str, Candidate] = {}
    for candidate in near:
        seen.setdefault(candidate.target, candidate)
    return list(seen.values())
