"""Why the winner won, in words that an editor can act on."""

from collections.abc import Iterable, Iterator

from domain.faq import rules
from domain.faq.routing.candidates import Candidate
from domain.faq.routing.question import Question
from domain.faq.routing.signals import Signal

SHOWN = 3

_OUTCOMES = {
    rules.Decision.ANSWER: "直接回答第一名",
    rules.Decision.ASK_BACK: "分不出高下，反问用户",
    rules.Decision.DECLINE: f"最高分不到 {rules.MIN_SCORE:.2f}，说明没有答案",
}


def explain_race(
    question: Question,
    ranking: list[tuple[Candidate, float]],
    signals: Iterable[Signal],
) -> Iterator[str]:
    """Lines: how the question was read, the decision, then the best candidates and why."""
    yield f"读作：{question.text or '（没有可读的字）'}"
    yield f"切词：{' / '.join(question.words)}"
    if not ranking:
        yield "没有一条沾边：说明没有答案"
        return
    decision, _ = rules.decide_outcome([score for _, score in ranking[: rules.MAX_OPTIONS]])
    first, best = ranking[0]
    margin = ""
    if len(ranking) > 1:
        second, score = ranking[1]
        margin = (
            f"，比第二名 {second.name} 高 {best - score:.2f}（它有第一名的 {score / best:.0%}）"
        )
    yield f"第一名：{first.name}，得分 {best:.2f}{margin}"
    yield f"结果：{_OUTCOMES[decision]}"
    for place, (candidate, score) in enumerate(ranking[:SHOWN], 1):
        yield f"{place}. {candidate.kind.value} {candidate.name}《{candidate.title}》 {score:.2f}"
        for signal in signals:
            for line in signal.explain(question, candidate.number):
                yield f"   {line}"
