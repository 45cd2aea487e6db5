"""Pure decisions about answers: whether there is one, and how it is worded on a given day."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from string import Formatter

from content.schema import Clause, Content, Entry, Policy, Service

#: A text message of the official account takes no more; see wechat/protocol.md.
MAX_ANSWER_BYTES = 2048
MAX_OPTIONS = 3

# The thresholds are set on the phrasings of the content itself, each left out in turn: from
# SURE_SCORE on the best candidate was right 98 times in 100, below it about every second time.
#: Below this nothing that we know resembles the question.
MIN_SCORE = 0.25
#: From here on a candidate without a rival answers.
LONE_SCORE = 0.40
#: From here on the best candidate answers, unless another is as good.
SURE_SCORE = 0.55
#: Share of the best score that makes another candidate a rival.
RIVAL_SHARE = 0.40
RIVAL_SHARE_WHEN_SURE = 0.92
#: Share of the best score that an option needs in order to be offered.
OPTION_SHARE = 0.40

#: The texts that routing says, of content/texts/faq.yaml, and the {placeholders} each may hold.
TEXTS: Mapping[str, frozenset[str]] = {
    "faq.unissued_head": frozenset({"notice", "issued"}),
    "faq.ended_head": frozenset({"until"}),
    "faq.not_yet_head": frozenset({"from"}),
    "faq.dated_note": frozenset({"year"}),
    "faq.sources_line": frozenset({"sources"}),
    "faq.clarify_head": frozenset(),
    "faq.clarify_foot": frozenset(),
    "faq.none": frozenset(),
    "faq.none_blank": frozenset(),
}


class Decision(Enum):
    """What becomes of the race's result."""

    ANSWER = "answer"
    ASK_BACK = "ask_back"
    DECLINE = "decline"


def decide_outcome(scores: Sequence[float]) -> tuple[Decision, int]:
    """The decision for `scores` (0 to 1, best first), and how many candidates it concerns.

    1 for an answer, 2 to MAX_OPTIONS for a question back, 0 where we decline.
    """
    if not scores or scores[0] < MIN_SCORE:
        return Decision.DECLINE, 0
    best = scores[0]
    rival_share = RIVAL_SHARE_WHEN_SURE if best >= SURE_SCORE else RIVAL_SHARE
    if len(scores) < 2 or scores[1] < best * rival_share:
        return (Decision.ANSWER, 1) if best >= LONE_SCORE else (Decision.DECLINE, 0)
    near = sum(score >= best * OPTION_SHARE for score in scores[:MAX_OPTIONS])
    return Decision.ASK_BACK, near


@dataclass(frozen=True, slots=True)
class Sources:
    """The clauses of all notices by id, each with its notice."""

    clauses: Mapping[str, tuple[Policy, Clause]]

    @classmethod
    def of(cls, content: Content) -> "Sources":
        """The clauses of `content`'s notices."""
        return cls(
            {
                clause.id: (policy, clause)
                for policy in content.policies
                for clause in policy.clauses
            }
        )

    def find_latest_notice(self, entry: Entry) -> Policy | None:
        """Of the notices that `entry` rests on the one issued last: with it the rule is whole."""
        notices = [self.clauses[source][0] for source in entry.sources if source in self.clauses]
        return max(notices, key=lambda notice: notice.issued_on, default=None)

    def find_end(self, entry: Entry) -> date | None:
        """The last day of the measure: as the entry states it, or once every clause ends.

        An entry that states None has no end: its clauses end something else.
        """
        if "valid_until" in entry.model_fields_set:
            return entry.valid_until
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

    def name(self, entry: Entry) -> str:
        """The sources as a person reads them: notice, then its clauses. "" where there is none.

        A clause that no notice of this content holds is named by its id.
        """
        labels: dict[str, list[str]] = {}
        for source in entry.sources:
            if source in self.clauses:
                policy, clause = self.clauses[source]
                labels.setdefault(policy.name, []).append(clause.label)
            else:
                labels.setdefault(source, [])
        return "；".join(notice + "、".join(clauses) for notice, clauses in labels.items())


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


def compose_answer(
    entry: Entry,
    sources: Sources,
    texts: Mapping[str, str],
    as_of: date,
    limit: int = MAX_ANSWER_BYTES,
) -> str:
    """What a person who asks on `as_of` reads: at most `limit` bytes of UTF-8.

    First that the rule was not yet issued, has ended or has not begun, where so; the answer; that
    the rule is of an earlier year, where it states no end and `as_of` is in a later one; last the
    source clauses.
    """
    head = _word_validity(entry, sources, texts, as_of)
    foot = []
    notice = sources.find_latest_notice(entry)
    if notice is not None and sources.find_end(entry) is None:
        year = notice.issued_on.year
        if as_of.year > year:
            foot.append(texts["faq.dated_note"].format_map({"year": year}))
    named = sources.name(entry)
    if named:
        foot.append(texts["faq.sources_line"].format_map({"sources": named}))
    frame = sum(len(part.encode()) + 1 for part in (*head, *foot))
    body = shorten_to_bytes(entry.answer, limit - frame)
    return shorten_to_bytes("\n".join((*head, body, *foot)), limit)


def _word_validity(
    entry: Entry, sources: Sources, texts: Mapping[str, str], as_of: date
) -> list[str]:
    """The line on whether the rule stood on `as_of`; none where it did.

    Measures are dated back (issued in May, valid from January): before the notice was issued
    nobody could go by it, so its issue counts first.
    """
    notice, end = sources.find_latest_notice(entry), sources.find_end(entry)
    if notice is not None and as_of < notice.issued_on:
        facts = {"notice": notice.name, "issued": format_date(notice.issued_on)}
        return [texts["faq.unissued_head"].format_map(facts)]
    if end is not None and as_of > end:
        return [texts["faq.ended_head"].format_map({"until": format_date(end)})]
    if entry.valid_from is not None and as_of < entry.valid_from:
        return [texts["faq.not_yet_head"].format_map({"from": format_date(entry.valid_from)})]
    return []


def list_turning_days(entry: Entry, sources: Sources) -> list[date]:
    """A day for each wording that the passing of time gives `compose_answer`, in no order."""
    days = [date.min, date.max]
    notice = sources.find_latest_notice(entry)
    if notice is not None:
        days.append(notice.issued_on)
    if entry.valid_from is not None and entry.valid_from > date.min:
        days += [entry.valid_from - timedelta(days=1), entry.valid_from]
    return days


def compose_service_answer(
    service: Service, policy: Entry, sources: Sources, texts: Mapping[str, str], as_of: date
) -> str:
    """The service's own words, then the answer of its `policy` as it reads on `as_of`.

    At most MAX_ANSWER_BYTES of UTF-8; what does not fit is cut from the policy's answer.
    """
    own = service.answer + "\n"
    room = MAX_ANSWER_BYTES - len(own.encode())
    answer = own + compose_answer(policy, sources, texts, as_of, room)
    return shorten_to_bytes(answer, MAX_ANSWER_BYTES)


def compose_question_back(titles: Sequence[str], texts: Mapping[str, str]) -> str:
    """The numbered list of what the person may have meant."""
    lines = [texts["faq.clarify_head"]]
    lines += [f"{number}. {title}" for number, title in enumerate(titles, 1)]
    lines.append(texts["faq.clarify_foot"])
    return shorten_to_bytes("\n".join(filter(None, lines)), MAX_ANSWER_BYTES)


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
