"""Pure decisions: the outcome of a race, and an answer's words on a given day."""

from datetime import date

import pytest

from content.schema import Content, Entry
from domain.faq import rules
from domain.faq.rules import (
    Decision,
    Sources,
    compose_answer,
    compose_service_answer,
    decide_outcome,
)

LATER = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("scores", "decision"),
    [
        ([], (Decision.DECLINE, 0)),
        ([0.24, 0.2], (Decision.DECLINE, 0)),
        ([0.35, 0.05], (Decision.DECLINE, 0)),
        ([0.45, 0.1], (Decision.ANSWER, 1)),
        ([0.45, 0.3, 0.05], (Decision.ASK_BACK, 2)),
        ([0.45, 0.3, 0.29, 0.28], (Decision.ASK_BACK, 3)),
        ([0.8, 0.6], (Decision.ANSWER, 1)),
        ([0.8, 0.79, 0.1], (Decision.ASK_BACK, 2)),
        ([1.0], (Decision.ANSWER, 1)),
    ],
)
def test_outcome(scores: list[float], decision: tuple[Decision, int]) -> None:
    assert decide_outcome(scores) == decision


@pytest.fixture
def entries(harbour_content: Content) -> dict[str, Entry]:
    return {entry.id: entry for entry in harbour_content.entries}


@pytest.fixture
def sources(harbour_content: Content) -> Sources:
    return Sources.of(harbour_content)


@pytest.mark.parametrize(
    ("as_of", "head"),
    [
        (
            date(2020, 12, 31),
            "海港通知2021年3月1日才有：",
        ),  # Not begun either: its issue counts first.
        (date(2021, 1, 1), "海港通知2021年3月1日才有："),
        (date(2021, 2, 28), "海港通知2021年3月1日才有："),
        (date(2021, 3, 1), None),
        (date(2021, 6, 1), None),
        (date(2021, 12, 31), None),
        (date(2022, 1, 1), "已于2021年12月31日结束："),
        (LATER, "已于2021年12月31日结束："),
    ],
)
def test_head_says_whether_the_measure_holds(
    harbour_content: Content,
    entries: dict[str, Entry],
    sources: Sources,
    as_of: date,
    head: str | None,
) -> None:
    answer = compose_answer(entries["swim-amount"], sources, harbour_content.texts, as_of)
    lines = answer.splitlines()
    assert lines[-1] == "依据：海港通知第1条"
    assert lines[:-1] == ([head] if head else []) + ["学会游泳补200元。"]


@pytest.mark.parametrize(
    ("as_of", "head"),
    [
        (date(2021, 3, 1), "从2021年4月1日起："),
        (date(2021, 3, 31), "从2021年4月1日起："),
        (date(2021, 4, 1), "学会游泳补200元。"),
        (date(2021, 9, 30), "学会游泳补200元。"),
        (date(2021, 10, 1), "已于2021年9月30日结束："),
    ],
)
def test_measure_begins_and_ends_with_its_own_days(
    harbour_content: Content,
    entries: dict[str, Entry],
    sources: Sources,
    as_of: date,
    head: str,
) -> None:
    entry = entries["swim-amount"].model_copy(
        update={"valid_from": date(2021, 4, 1), "valid_until": date(2021, 9, 30)}
    )
    answer = compose_answer(entry, sources, harbour_content.texts, as_of)
    assert answer.splitlines()[0] == head


def test_rule_without_end_is_dated_in_later_years_only(
    harbour_content: Content, entries: dict[str, Entry], sources: Sources
) -> None:
    def compose(as_of: date) -> list[str]:
        entry = entries["swim-cap"]
        return compose_answer(entry, sources, harbour_content.texts, as_of).splitlines()

    assert compose(date(2021, 12, 31)) == ["要戴，自己带。", "依据：海港通知第2条、第3条"]
    assert compose(date(2022, 1, 1))[1] == "这是当年的规定。"


def test_end_is_taken_from_the_clauses_where_all_of_them_end(
    harbour_content: Content, entries: dict[str, Entry], sources: Sources
) -> None:
    stated = entries["swim-amount"].model_dump(exclude={"valid_until"})
    forgetful = Entry.model_validate(stated)
    answer = compose_answer(forgetful, sources, harbour_content.texts, LATER)
    assert answer.startswith("已于2021年12月31日结束：")
    partly = forgetful.model_copy(update={"sources": ("H01", "H02")})
    answer = compose_answer(partly, sources, harbour_content.texts, LATER)
    assert "结束" not in answer
    assert "这是当年的规定。" in answer


def test_end_written_as_null_outweighs_that_of_the_clauses(
    harbour_content: Content, entries: dict[str, Entry], sources: Sources
) -> None:
    stated = entries["swim-amount"].model_dump()
    lasting = Entry.model_validate({**stated, "valid_until": None})
    answer = compose_answer(lasting, sources, harbour_content.texts, LATER)
    assert "结束" not in answer
    assert "这是当年的规定。" in answer


def test_clause_of_no_known_notice_is_named_by_its_id(
    harbour_content: Content, entries: dict[str, Entry], sources: Sources
) -> None:
    entry = entries["swim-cap"].model_copy(update={"sources": ("X9", "H02")})
    answer = compose_answer(entry, sources, harbour_content.texts, LATER)
    assert answer.endswith("依据：X9；海港通知第2条")


def test_long_answer_is_cut_and_keeps_head_and_sources(
    harbour_content: Content, entries: dict[str, Entry], sources: Sources
) -> None:
    entry = entries["swim-amount"].model_copy(update={"answer": "这一句话有九个字。" * 200})
    answer = compose_answer(entry, sources, harbour_content.texts, LATER)
    assert len(answer.encode()) <= rules.MAX_ANSWER_BYTES
    assert answer.startswith("已于2021年12月31日结束：")
    assert answer.endswith("依据：海港通知第1条")
    assert "。…" in answer


def test_service_says_its_policy_by_the_same_rule(
    harbour_content: Content, entries: dict[str, Entry], sources: Sources
) -> None:
    service, policy = harbour_content.services[0], entries["swim-amount"]
    texts = harbour_content.texts
    for as_of in (date(2021, 2, 28), date(2021, 6, 1), LATER):
        said = compose_service_answer(service, policy, sources, texts, as_of)
        assert said == "请到窗口报名。\n" + compose_answer(policy, sources, texts, as_of)


@pytest.mark.parametrize("own", [1, 1800, 2030, 2046, 2048, 4000])
def test_service_with_its_policy_fits_one_message(
    harbour_content: Content, entries: dict[str, Entry], sources: Sources, own: int
) -> None:
    service = harbour_content.services[0].model_copy(update={"answer": "x" * own})
    policy = entries["swim-amount"].model_copy(update={"answer": "这一句话有九个字。" * 200})
    said = compose_service_answer(service, policy, sources, harbour_content.texts, LATER)
    assert len(said.encode()) <= rules.MAX_ANSWER_BYTES
    if own == 1800:
        assert said.endswith("依据：海港通知第1条")


def test_turning_days_show_every_head(
    harbour_content: Content, entries: dict[str, Entry], sources: Sources
) -> None:
    entry = entries["swim-amount"].model_copy(update={"valid_from": date(2021, 4, 1)})
    heads = {
        compose_answer(entry, sources, harbour_content.texts, day).partition("\n")[0]
        for day in rules.list_turning_days(entry, sources)
    }
    assert heads == {
        "海港通知2021年3月1日才有：",
        "从2021年4月1日起：",
        "学会游泳补200元。",
        "已于2021年12月31日结束：",
    }


@pytest.mark.parametrize("limit", range(3, 40))
def test_shortened_text_fits(limit: int) -> None:
    assert len(rules.shorten_to_bytes("一二三。四五六七八九十", limit).encode()) <= limit
