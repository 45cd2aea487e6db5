"""What counts as right, and what leaving phrasings out tells."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from content.schema import Content
from domain.faq.crossval import cross_validate
from domain.faq.evaluation import Labelled, evaluate, judge, read_labelled
from domain.faq.routing import Option, Router, Routing
from scripts.commands.faq import faq
from tests.unit.faq.conftest import write_harbour

TODAY = date(2026, 11, 22)


def got(kind: str, **of: Any) -> Routing:
    fields: dict[str, Any] = {
        "q": "", "kind": kind, "entry": None, "intent": None, "sources": (), "options": (),
        "score": 1.0, "answer": "补200元", "unstated": False, "ranked": (),
    }  # fmt: skip
    return Routing(**{**fields, **of})


def policy(*gold: str, must: tuple[str, ...] = ()) -> Labelled:
    return Labelled("", "policy", frozenset(gold), must)


OPTIONS = (Option("一", "a", None, ("L02",)), Option("二", None, "enrol", ()))


ENROL, NOBODY = Labelled("", "service", frozenset({"enrol"})), Labelled("", "out", frozenset())
OF_L01: dict[str, Any] = {"sources": ("L01", "L02")}


@pytest.mark.parametrize(
    ("labelled", "routing", "verdict"),
    [
        # right, offered, wrong, stated
        (policy("L01"), got("policy", **OF_L01), (True, True, False, None)),
        (policy("L09"), got("policy", **OF_L01), (False, False, True, None)),
        (policy("L02"), got("clarify", options=OPTIONS), (False, True, False, None)),
        (policy("L03"), got("clarify", options=OPTIONS), (False, False, False, None)),
        (policy("L01"), got("service", intent="enrol"), (False, False, True, None)),
        (policy("L01"), got("none"), (False, False, False, None)),
        (policy("L01", must=("200元", "x")), got("policy", **OF_L01), (True, True, False, True)),
        (policy("L01", must=("300元",)), got("policy", **OF_L01), (True, True, False, False)),
        (ENROL, got("service", intent="enrol"), (True, True, False, None)),
        (ENROL, got("service", intent="jobs"), (False, False, True, None)),
        (ENROL, got("clarify", options=OPTIONS), (False, True, False, None)),
        (NOBODY, got("none"), (True, True, False, None)),
        (NOBODY, got("policy", unstated=True), (True, True, False, None)),
        (NOBODY, got("policy"), (False, False, True, None)),
        (NOBODY, got("clarify", options=OPTIONS), (False, True, False, None)),
    ],
)
def test_verdict(
    labelled: Labelled, routing: Routing, verdict: tuple[bool, bool, bool, bool | None]
) -> None:
    assert judge(labelled, routing) == verdict


@pytest.mark.parametrize(
    "item",
    [
        {},
        {"q": 5, "kind": "policy"},
        {"q": "问", "kind": "other"},
        {"q": "问", "kind": "policy", "gold": "L01"},
        {"q": "问", "kind": "policy", "gold": [1]},
        {"q": "问", "kind": "policy", "gold": [], "must": 5},
    ],
)
def test_line_that_is_no_question_is_refused(item: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="要"):
        read_labelled(item)


def test_report_counts_and_names_the_confusions(router: Router) -> None:
    questions = [
        read_labelled({"q": "学游泳补多少钱", "kind": "policy", "gold": ["H01"], "must": "200元"}),
        read_labelled({"q": "要不要戴泳帽", "kind": "policy", "gold": ["H01"]}),
        read_labelled({"q": "帮我报个班", "kind": "service", "gold": ["enrol"]}),
        read_labelled({"q": "你好", "kind": "out"}),
    ]
    report = evaluate(questions, lambda q: router.route(q, TODAY))
    rates = {name: (share.hits, share.of) for name, share in report.shares.items()}
    assert rates == {
        "policy_right": (1, 2),
        "policy_offered": (1, 2),
        "policy_wrong": (1, 2),
        "fact_stated": (1, 1),
        "service_right": (1, 1),
        "service_offered": (1, 1),
        "out_answered": (0, 1),
    }
    assert report.confusions == [("H01", "swim-cap", 1)]
    assert [labelled.q for labelled, _ in report.faults] == ["要不要戴泳帽"]


def test_crossval_leaves_out_what_it_asks(harbour_content: Content) -> None:
    """A phrasing that nothing resembles finds home only while it is there itself."""
    lonely = harbour_content.entries[0].model_copy(
        update={"phrasings": ("学游泳补多少钱", "游泳补贴的标准", "咕嘟咕嘟呛水")}
    )
    content = harbour_content.model_copy(update={"entries": (lonely, *harbour_content.entries[1:])})
    shares = cross_validate(content, 3)
    assert shares["first"].of == sum(len(entry.phrasings) for entry in content.entries)
    assert 0 < shares["first"].hits < shares["first"].of
    assert shares["clause"].hits >= shares["first"].hits
    assert shares["top3"].hits >= shares["first"].hits


def test_eval_command_prints_figures_and_refuses_bad_lines(tmp_path: Path) -> None:
    folder = write_harbour(tmp_path / "harbour")
    file = tmp_path / "q.jsonl"
    file.write_text(
        '{"q": "学游泳补多少钱", "kind": "policy", "gold": ["H01"], "must": "200元"}\n\n'
        '{"q": "要不要戴泳帽", "kind": "policy", "gold": ["H01"]}\n',
        encoding="utf-8",
    )
    run = CliRunner().invoke
    shown = run(faq, ["eval", str(file), "--content", str(folder), "--faults"])
    assert shown.exit_code == 0, shown.output
    assert "政策问题，直接答对：1/2 = 0.500" in shown.output
    assert "H01 → swim-cap" in shown.output
    assert "[H01] 要不要戴泳帽" in shown.output
    left_out = run(faq, ["eval", str(file), "--content", str(folder), "--without", "nothing"])
    assert left_out.exit_code == 2
    file.write_text('{"q": 1}\n', encoding="utf-8")
    bad = run(faq, ["eval", str(file), "--content", str(folder)])
    assert bad.exit_code == 2
    assert "q.jsonl:1: 要有 q" in bad.output
