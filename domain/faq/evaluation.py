"""How well questions are answered whose right answer is known, and where they go wrong."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, NamedTuple

from domain.faq.routing.result import Routing

Kind = Literal["policy", "service", "out"]


class Labelled(NamedTuple):
    """A question with what is right.

    gold: clause ids for `policy`, intents for `service`, nothing for `out` (nobody can answer it
        from the notices). must: facts of which one has to be in the answer; none where empty.
    """

    q: str
    kind: Kind
    gold: frozenset[str]
    must: tuple[str, ...] = ()


class Verdict(NamedTuple):
    """right: answered, or done, or declined, as it should be. offered: right, or among the
    options. wrong: something else was said or opened as if it were the answer. stated: a fact of
    `must` is in the right answer; None where none is asked for or the answer is not right."""

    right: bool
    offered: bool
    wrong: bool
    stated: bool | None = None


class Share(NamedTuple):
    """So many of so many."""

    hits: int
    of: int

    @property
    def rate(self) -> float:
        """0 to 1; 0 where there is nothing to count."""
        return self.hits / self.of if self.of else 0.0


class Report(NamedTuple):
    """shares: what was measured, by name. confusions: (wanted, got) with how often, most first.
    faults: each question that did not go right, with what it got."""

    shares: dict[str, Share]
    confusions: list[tuple[str, str, int]]
    faults: list[tuple[Labelled, Routing]]


def read_labelled(item: dict[str, Any]) -> Labelled:
    """From one line of a file of questions. Raises ValueError with the reason in Chinese."""
    q, kind = item.get("q"), item.get("kind")
    gold, must = item.get("gold", []), item.get("must", "")
    if not isinstance(q, str) or kind not in ("policy", "service", "out"):
        raise ValueError("要有 q，kind 要是 policy、service 或 out")
    if not isinstance(gold, list) or not all(isinstance(name, str) for name in gold):
        raise ValueError("gold 要是一列条款编号或意图")
    if not isinstance(must, str):
        raise ValueError("must 要是文字，几个可以互相代替的用 | 隔开")
    return Labelled(q, kind, frozenset(gold), tuple(filter(None, must.split("|"))))


def judge(labelled: Labelled, routing: Routing) -> Verdict:
    """Whether `routing` is what `labelled` wants. Policy is judged by clause, not by entry."""
    gold = labelled.gold
    if labelled.kind == "out":
        answered = routing.kind == "policy" and not routing.unstated
        return Verdict(not answered and routing.kind != "clarify", not answered, answered)
    if labelled.kind == "service":
        right = routing.kind == "service" and routing.intent in gold
        offered = right or any(option.intent in gold for option in routing.options)
        return Verdict(right, offered, not right and routing.kind in ("policy", "service"))
    right = routing.kind == "policy" and not gold.isdisjoint(routing.sources)
    offered = right or any(not gold.isdisjoint(option.sources) for option in routing.options)
    stated = any(fact in routing.answer for fact in labelled.must) if labelled.must else None
    wrong = not right and routing.kind in ("policy", "service")
    return Verdict(right, offered, wrong, stated if right else None)


def evaluate(questions: Iterable[Labelled], route: Callable[[str], Routing]) -> Report:
    """Route each question and count."""
    verdicts: list[tuple[Labelled, Verdict]] = []
    faults: list[tuple[Labelled, Routing]] = []
    confusions: Counter[tuple[str, str]] = Counter()
    for labelled in questions:
        routing = route(labelled.q)
        verdict = judge(labelled, routing)
        verdicts.append((labelled, verdict))
        if not verdict.right or verdict.stated is False:
            faults.append((labelled, routing))
        if not verdict.right:
            confusions[_name_wanted(labelled), _name_got(routing)] += 1
    ordered = sorted(confusions.items(), key=lambda pair: (-pair[1], pair[0]))
    return Report(
        _count_shares(verdicts), [(want, got, count) for (want, got), count in ordered], faults
    )


def _count_shares(verdicts: Sequence[tuple[Labelled, Verdict]]) -> dict[str, Share]:
    def of(kind: Kind) -> list[Verdict]:
        return [verdict for labelled, verdict in verdicts if labelled.kind == kind]

    def share(items: Sequence[Verdict], test: Callable[[Verdict], bool | None]) -> Share:
        return Share(sum(bool(test(item)) for item in items), len(items))

    policy, service, out = of("policy"), of("service"), of("out")
    asked = [item for item in policy if item.stated is not None]
    return {
        "policy_right": share(policy, lambda item: item.right),
        "policy_offered": share(policy, lambda item: item.offered),
        "policy_wrong": share(policy, lambda item: item.wrong),
        "fact_stated": share(asked, lambda item: item.stated),
        "service_right": share(service, lambda item: item.right),
        "service_offered": share(service, lambda item: item.offered),
        "out_answered": share(out, lambda item: item.wrong),
    }


def _name_wanted(labelled: Labelled) -> str:
    return "、".join(sorted(labelled.gold)) or "（不该答）"


def _name_got(routing: Routing) -> str:
    match routing.kind:
        case "policy":
            return routing.entry or ""
        case "service":
            return routing.intent or ""
        case "clarify":
            names = (option.entry or option.intent or "" for option in routing.options)
            return f"反问：{'、'.join(names)}"
        case "none":
            return "没有答"
