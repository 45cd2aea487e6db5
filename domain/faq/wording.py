"""How an answer reads on a given day: what has ended says so first, and every source is named."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from string import Formatter
from typing import NamedTuple

from content.schema import Clause, Content, Entry, Policy, Service

#: A text message of the official account takes no more; see wechat/protocol.md.
MESSAGE_BYTES = 2048
#: What the official account puts below an answer: whether it was useful, with its taps.
FOOT_BYTES = 448
MAX_ANSWER_BYTES = MESSAGE_BYTES - FOOT_BYTES

#: The texts that routing says, of content/texts/faq.yaml, and the {placeholders} each may hold.
TEXTS: Mapping[str, frozenset[str]] = {
    "faq.unissued_head": frozenset({"notice", "issued"}),
    "faq.replaced_head": frozenset({"notice", "from"}),
    "faq.ended_head": frozenset({"until"}),
    "faq.not_yet_head": frozenset({"from"}),
    "faq.dated_note": frozenset({"year"}),
    "faq.contact_line": frozenset({"consult", "complaint"}),
    "faq.sources_line": frozenset({"sources"}),
    "faq.both_head": frozenset(),
    "faq.clarify_head": frozenset(),
    "faq.clarify_foot": frozenset(),
    "faq.none": frozenset(),
    "faq.none_blank": frozenset(),
}


class Contact(NamedTuple):
    """Whom people may ask, and where they complain: what a class has to tell them (L12)."""

    consult: str
    complaint: str


@dataclass(frozen=True, slots=True)
class Sources:
    """The clauses of all notices by id, each with its notice; and what later notices replace."""

    clauses: Mapping[str, tuple[Policy, Clause]]
    #: Clause ids to the notices that supersede them, the latest last.
    replaced: Mapping[str, tuple[Policy, ...]]

    @classmethod
    def of(cls, content: Content) -> "Sources":
        """The clauses of `content`'s notices."""
        clauses = {
            clause.id: (policy, clause) for policy in content.policies for clause in policy.clauses
        }
        replaced: dict[str, tuple[Policy, ...]] = {}
        for policy in sorted(content.policies, key=begin_of):
            for name in policy.supersedes:
                for clause, (notice, _) in clauses.items():
                    if name in (clause, notice.id):
                        replaced[clause] = (*replaced.get(clause, ()), policy)
        return cls(clauses, replaced)

    def find_latest_notice(self, entry: Entry) -> Policy | None:
        """Of the notices that `entry` rests on the one issued last: with it the rule is whole."""
        notices = [self.clauses[source][0] for source in entry.sources if source in self.clauses]
        return max(notices, key=lambda notice: notice.issued_on, default=None)

    def find_replacement(self, entry: Entry, as_of: date) -> Policy | None:
        """The notice in force on `as_of` that supersedes a clause of `entry`.

        None where the entry rests on that notice itself.
        """
        own = {self.clauses[source][0].id for source in entry.sources if source in self.clauses}
        found = [
            policy
            for source in entry.sources
            for policy in self.replaced.get(source, ())
            if begin_of(policy) <= as_of and policy.id not in own
        ]
        return max(found, key=begin_of, default=None)

    def find_end(self, entry: Entry) -> date | None:
        """The last day of the measure: as the entry states it, or once every clause ends.

        An entry that states None has no end: those of its clauses that end end something else.
        """
        if "valid_until" in entry.model_fields_set:
            return entry.valid_until
        return self.find_end_of_sources(entry)

    def find_end_of_sources(self, entry: Entry) -> date | None:
        """The last day of the last of the entry's clauses; None where one of them has no end."""
        ends: list[date] = []
        for source in entry.sources:
            if source not in self.clauses:
                return None
            policy, clause = self.clauses[source]
            end = clause.valid_until or policy.valid_until
            if end is None:
                return None
            ends.append(end)
        return max(ends, default=None)

    def name(self, sources: Sequence[str]) -> str:
        """Clauses as a person reads them: notice, then its clauses. "" where there is none.

        A clause that no notice of this content holds is named by its id.
        """
        labels: dict[str, list[str]] = {}
        for source in sources:
            if source in self.clauses:
                policy, clause = self.clauses[source]
                labels.setdefault(policy.name, []).append(clause.label)
            else:
                labels.setdefault(source, [])
        return "；".join(notice + "、".join(clauses) for notice, clauses in labels.items())


def begin_of(policy: Policy) -> date:
    """The day from which a notice can replace another."""
    return policy.valid_from or policy.issued_on


@dataclass(frozen=True, slots=True)
class Wording:
    """Puts answers into words, each at most MAX_ANSWER_BYTES of UTF-8."""

    sources: Sources
    texts: Mapping[str, str]
    #: Named in one line under what people are told of training; None: no such line.
    contact: Contact | None = None

    def compose_answer(self, entry: Entry, as_of: date, limit: int = MAX_ANSWER_BYTES) -> str:
        """What a person who asks on `as_of` reads: at most `limit` bytes of UTF-8.

        First that the rule was not yet issued, was replaced, has ended or has not begun, where
        so; the answer; that the rule is of an earlier year, where it states no end and `as_of` is
        in a later one; whom to ask; last the source clauses.
        """
        head = self._word_validity(entry, as_of)
        foot = [*self._word_year(entry, as_of), *self._word_foot([entry])]
        return _fit(head, entry.answer, foot, limit)

    def compose_both(self, first: Entry, second: Entry, as_of: date) -> str | None:
        """Two answers in one message; None where they do not fit whole."""
        parts: list[str] = []
        for number, entry in enumerate((first, second), 1):
            head = self._word_validity(entry, as_of)
            parts.append("\n".join((f"{number}. {entry.title}", *head, entry.answer)))
        year = self._word_year(first, as_of) or self._word_year(second, as_of)
        lines = (self.texts["faq.both_head"], *parts, *year, *self._word_foot([first, second]))
        answer = "\n".join(filter(None, lines))
        return answer if len(answer.encode(errors="replace")) <= MAX_ANSWER_BYTES else None

    def compose_service_answer(self, service: Service, policy: Entry, as_of: date) -> str:
        """The service's own words, then the answer of its `policy` as it reads on `as_of`.

        What does not fit is cut from the policy's answer.
        """
        own = service.answer + "\n"
        room = MAX_ANSWER_BYTES - len(own.encode(errors="replace"))
        return shorten_to_bytes(own + self.compose_answer(policy, as_of, room), MAX_ANSWER_BYTES)

    def list_turning_days(self, entry: Entry) -> list[date]:
        """A day for each wording that the passing of time gives `compose_answer`, in no order."""
        days = [date.min, date.max]
        notice = self.sources.find_latest_notice(entry)
        if notice is not None:
            days.append(notice.issued_on)
        if entry.valid_from is not None and entry.valid_from > date.min:
            days += [entry.valid_from - timedelta(days=1), entry.valid_from]
        for source in entry.sources:
            days += map(begin_of, self.sources.replaced.get(source, ()))
        return days

    def _word_validity(self, entry: Entry, as_of: date) -> list[str]:
        """The line on whether the rule stood on `as_of`; none where it did.

        Measures are dated back (issued in May, valid from January): before the notice was issued
        nobody could go by it, so its issue counts first.
        """
        notice, end = self.sources.find_latest_notice(entry), self.sources.find_end(entry)
        if notice is not None and as_of < notice.issued_on:
            return [
                self._say("unissued_head", notice=notice.name, issued=format_date(notice.issued_on))
            ]
        later = self.sources.find_replacement(entry, as_of)
        if later is not None and (end is None or begin_of(later) <= end):
            return [
                self._say(
                    "replaced_head", notice=later.name, **{"from": format_date(begin_of(later))}
                )
            ]
        if end is not None and as_of > end:
            return [self._say("ended_head", until=format_date(end))]
        if entry.valid_from is not None and as_of < entry.valid_from:
            return [self._say("not_yet_head", **{"from": format_date(entry.valid_from)})]
        return []

    def _word_year(self, entry: Entry, as_of: date) -> list[str]:
        notice = self.sources.find_latest_notice(entry)
        if notice is None or self.sources.find_end(entry) is not None:
            return []
        if as_of.year <= notice.issued_on.year or self.sources.find_replacement(entry, as_of):
            return []
        return [self._say("dated_note", year=notice.issued_on.year)]

    def _word_foot(self, entries: Sequence[Entry]) -> Iterator[str]:
        if self.contact is not None and any(entry.is_for_people for entry in entries):
            yield self._say("contact_line", **self.contact._asdict())
        named = self.sources.name(
            list(dict.fromkeys(source for entry in entries for source in entry.sources))
        )
        if named:
            yield self._say("sources_line", sources=named)

    def _say(self, key: str, **facts: object) -> str:
        return self.texts[f"faq.{key}"].format_map(facts)


def compose_question_back(titles: Sequence[str], texts: Mapping[str, str]) -> str:
    """The numbered list of what the person may have meant."""
    lines = [texts["faq.clarify_head"]]
    lines += [f"{number}. {title}" for number, title in enumerate(titles, 1)]
    lines.append(texts["faq.clarify_foot"])
    return shorten_to_bytes("\n".join(filter(None, lines)), MAX_ANSWER_BYTES)


def find_text_faults(texts: Mapping[str, str]) -> Iterator[str]:
    """What keeps `texts` from being said, in Chinese; found at the start, not before a person."""
    for key, allowed in TEXTS.items():
        if key not in texts:
            yield f"缺少文字 {key}"
            continue
        try:
            names = {name for _, name, _, _ in Formatter().parse(texts[key]) if name is not None}
        except ValueError:
            yield f"{key} 里的花括号没有成对"
            continue
        if allowed:
            for name in sorted(names - allowed):
                yield f"{key} 里的 {{{name}}} 没有内容可填"


def find_lost_targets(content: Content) -> Iterator[str]:
    """The references that routing follows and that lead nowhere, in Chinese."""
    entries = {f"entry:{entry.id}" for entry in content.entries}
    targets = entries | {f"intent:{service.intent}" for service in content.services}
    for service in content.services:
        if service.policy is not None and f"entry:{service.policy}" not in entries:
            yield f"服务 {service.intent} 的 policy：没有 {service.policy} 这条问答"
    for topic in content.topics:
        for offer in topic.offers:
            if offer not in targets:
                yield f"话题 {topic.id} 的 offers：{offer} 不存在"


def format_date(day: date) -> str:
    """2021年12月31日."""
    return f"{day.year}年{day.month}月{day.day}日"


def shorten_to_bytes(text: str, limit: int) -> str:
    """`text`, cut after the last whole sentence that fits `limit` bytes of UTF-8 (with …)."""
    encoded = text.encode(errors="replace")
    if len(encoded) <= limit:
        return text
    kept = encoded[: max(limit - 3, 0)].decode(errors="ignore")
    sentence_end = max(kept.rfind(mark) for mark in "。！？\n")
    if sentence_end > len(kept) // 2:
        kept = kept[: sentence_end + 1]
    return kept.rstrip() + "…"


def _fit(head: Sequence[str], body: str, foot: Sequence[str], limit: int) -> str:
    """The lines in order, with `body` shortened to what `limit` bytes leave."""
    frame = sum(len(part.encode(errors="replace")) + 1 for part in (*head, *foot))
    return shorten_to_bytes("\n".join((*head, shorten_to_bytes(body, limit - frame), *foot)), limit)
