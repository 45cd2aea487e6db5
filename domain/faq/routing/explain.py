"""Why the winner won, in words that an editor can act on."""

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum

from domain.faq import rules
from domain.faq.routing.candidates import Candidate
from domain.faq.routing.question import Question, QuestionReader
from domain.faq.routing.result import Routing
from domain.faq.routing.signals import Signal

SHOWN = 3


class Reason(Enum):
    """The rule that has decided what becomes of a question; the value says so to an editor."""

    BLANK = "没有可读的字，请对方再说一遍"
    WORDLESS = "只有表情这样的符号，按闲聊回"
    URGENT = "第一名是要紧的事，不管把握多大都先回它"
    BARE_WORD = "只有一个题目，没说想问什么，按题目给选项"
    TWO_QUESTIONS = "一句里问了两件事"
    CLEAR = "直接回答第一名"
    UNCLEAR = "分不出高下，反问用户"
    STRANGE = "没有一条够像，说明没有答案"


def word_outcome(reason: Reason, routing: Routing) -> str:
    """What becomes of the question, in one line: the rule, and what it offers."""
    titles = "、".join(f"《{option.title}》" for option in routing.options)
    if reason is Reason.TWO_QUESTIONS:
        return f"{reason.value}，给选项：{titles}" if titles else f"{reason.value}，两件都答"
    return f"{reason.value}：{titles}" if titles else reason.value


def explain_race(
    question: Question,
    race: Sequence[tuple[Candidate, rules.Standing]],
    confidence: float,
    signals: Iterable[Signal],
    outcome: str,
    reader: QuestionReader,
) -> Iterator[str]:
    """Lines: how the question was read, the `outcome`, then the best candidates and why."""
    yield f"读作：{question.text or '（没有可读的字）'}"
    yield f"切词：{' / '.join(question.words)}"
    if not race:
        yield "没有一条沾边"
        yield f"结果：{outcome}"
        return
    first, best = race[0]
    margin = ""
    if len(race) > 1:
        second, other = race[1]
        margin = f"，证据比第二名 {second.name} 多 {best.evidence - other.evidence:.2f}"
    yield (
        f"第一名：{first.name}，证据 {best.evidence:+.2f}{margin}；把握 {best.chance:.0%}，"
        f"连同引同一条款的 {confidence:.0%}（{rules.SURE:.0%} 起直接回答）"
    )
    yield f"结果：{outcome}"
    signals = list(signals)
    for place, (candidate, standing) in enumerate(race[:SHOWN], 1):
        yield (
            f"{place}. {candidate.kind.value} {candidate.name}《{candidate.title}》"
            f" 证据 {standing.evidence:+.2f}，把握 {standing.chance:.0%}"
        )
        for signal in signals:
            for line in signal.explain(question, candidate.number):
                yield f"   {line}"
        yield f"   {_tell_nearest(question, candidate, reader)}"


def _tell_nearest(question: Question, candidate: Candidate, reader: QuestionReader) -> str:
    """The phrasing that shares most with the question; read anew, for only editors ask."""
    own = set(question.features)

    def find_likeness(phrasing: str) -> float:
        features = reader.read(phrasing).features
        shared = len(own.intersection(features))
        return shared / (len(own) + len(features) - shared) if shared else 0.0

    nearest = max(candidate.phrasings, key=find_likeness)
    return f"最像的问法：“{nearest}”，相同的字词占 {find_likeness(nearest):.0%}"
