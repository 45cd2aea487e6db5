"""An answer's words on a given day, and what stands around them."""

from datetime import date
from typing import Any

import pytest

from content.schema import Clause, Content, Entry, Policy
from domain.faq import wording
from domain.faq.wording import Contact, Sources, Wording

LATER = date(2026, 11, 22)


@pytest.fixture
def entries(harbour_content: Content) -> dict[str, Entry]:
    return {entry.id: entry for entry in harbour_content.entries}


@pytest.fixture
def worded(harbour_content: Content) -> Wording:
    return Wording(Sources.of(harbour_content), harbour_content.texts)


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
    worded: Wording,
    as_of: date,
    head: str | None,
) -> None:
    answer = worded.compose_answer(entries["swim-amount"], as_of)
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
    worded: Wording,
    as_of: date,
    head: str,
) -> None:
    entry = entries["swim-amount"].model_copy(
        update={"valid_from": date(2021, 4, 1), "valid_until": date(2021, 9, 30)}
    )
    answer = worded.compose_answer(entry, as_of)
    assert answer.splitlines()[0] == head


def test_rule_without_end_is_dated_in_later_years_only(
    harbour_content: Content, entries: dict[str, Entry], worded: Wording
) -> None:
    def compose(as_of: date) -> list[str]:
        entry = entries["swim-cap"]
        return worded.compose_answer(entry, as_of).splitlines()

    assert compose(date(2021, 12, 31)) == ["要戴，自己带。", "依据：海港通知第2条、第3条"]
    assert compose(date(2022, 1, 1))[1] == "这是当年的规定。"


def test_end_is_taken_from_the_clauses_where_all_of_them_end(
    harbour_content: Content, entries: dict[str, Entry], worded: Wording
) -> None:
    stated = entries["swim-amount"].model_dump(exclude={"valid_until"})
    forgetful = Entry.model_validate(stated)
    answer = worded.compose_answer(forgetful, LATER)
    assert answer.startswith("已于2021年12月31日结束：")
    partly = forgetful.model_copy(update={"sources": ("H01", "H02")})
    answer = worded.compose_answer(partly, LATER)
    assert "结束" not in answer
    assert "这是当年的规定。" in answer


def test_end_written_as_null_outweighs_that_of_the_clauses(
    harbour_content: Content, entries: dict[str, Entry], worded: Wording
) -> None:
    stated = entries["swim-amount"].model_dump()
    lasting = Entry.model_validate({**stated, "valid_until": None})
    answer = worded.compose_answer(lasting, LATER)
    assert "结束" not in answer
    assert "这是当年的规定。" in answer


def test_clause_of_no_known_notice_is_named_by_its_id(
    harbour_content: Content, entries: dict[str, Entry], worded: Wording
) -> None:
    entry = entries["swim-cap"].model_copy(update={"sources": ("X9", "H02")})
    answer = worded.compose_answer(entry, LATER)
    assert answer.endswith("依据：X9；海港通知第2条")


def test_long_answer_is_cut_and_keeps_head_and_sources(
    harbour_content: Content, entries: dict[str, Entry], worded: Wording
) -> None:
    entry = entries["swim-amount"].model_copy(update={"answer": "这一句话有九个字。" * 200})
    answer = worded.compose_answer(entry, LATER)
    assert len(answer.encode()) <= wording.MAX_ANSWER_BYTES
    assert answer.startswith("已于2021年12月31日结束：")
    assert answer.endswith("依据：海港通知第1条")
    assert "。…" in answer


def test_service_says_its_policy_by_the_same_rule(
    harbour_content: Content, entries: dict[str, Entry], worded: Wording
) -> None:
    service, policy = harbour_content.services[0], entries["swim-amount"]
    for as_of in (date(2021, 2, 28), date(2021, 6, 1), LATER):
        said = worded.compose_service_answer(service, policy, as_of)
        assert said == "请到窗口报名。\n" + worded.compose_answer(policy, as_of)


@pytest.mark.parametrize("own", [1, 1400, 1582, 1598, 1600, 4000])
def test_service_with_its_policy_fits_one_message(
    harbour_content: Content, entries: dict[str, Entry], worded: Wording, own: int
) -> None:
    service = harbour_content.services[0].model_copy(update={"answer": "x" * own})
    policy = entries["swim-amount"].model_copy(update={"answer": "这一句话有九个字。" * 200})
    said = worded.compose_service_answer(service, policy, LATER)
    assert len(said.encode()) <= wording.MAX_ANSWER_BYTES
    if own == 1400:
        assert said.endswith("依据：海港通知第1条")


def test_turning_days_show_every_head(
    harbour_content: Content, entries: dict[str, Entry], worded: Wording
) -> None:
    entry = entries["swim-amount"].model_copy(update={"valid_from": date(2021, 4, 1)})
    heads = {
        worded.compose_answer(entry, day).partition("\n")[0]
        for day in worded.list_turning_days(entry)
    }
    assert heads == {
        "海港通知2021年3月1日才有：",
        "从2021年4月1日起：",
        "学会游泳补200元。",
        "已于2021年12月31日结束：",
    }


@pytest.mark.parametrize("limit", range(3, 40))
def test_shortened_text_fits(limit: int) -> None:
    assert len(wording.shorten_to_bytes("一二三。四五六七八九十", limit).encode()) <= limit


def replaced(content: Content, **of_later: Any) -> Wording:
    """The harbour with a fictional notice that replaces a part of its own."""
    later = Policy(
        id="harbour-2023",
        number="海体字〔2023〕5号",
        name="海港新通知",
        title="关于调整游泳补贴的通知",
        issuers=("海港市体育局",),
        issued_on=date(2023, 4, 1),
        clauses=(Clause(id="N01", label="第1条", heading="游泳", summary="学会游泳补300元。"),),
        **of_later,
    )
    notices = content.model_copy(update={"policies": (*content.policies, later)})
    return Wording(Sources.of(notices), content.texts)


@pytest.mark.parametrize("supersedes", [("H02",), ("harbour-2021",)])
def test_new_notice_takes_the_place_of_what_it_supersedes(
    harbour_content: Content, entries: dict[str, Entry], supersedes: tuple[str, ...]
) -> None:
    worded, cap = replaced(harbour_content, supersedes=supersedes), entries["swim-cap"]
    before = worded.compose_answer(cap, date(2023, 3, 31))
    assert before.splitlines()[0] == "要戴，自己带。"
    after = worded.compose_answer(cap, date(2023, 4, 1))
    assert after.splitlines()[0] == "从2023年4月1日起由海港新通知代替："
    assert "这是当年的规定。" not in after  # It is said already, and better.
    assert date(2023, 4, 1) in worded.list_turning_days(cap)


def test_notice_replaces_from_the_day_that_it_names(
    harbour_content: Content, entries: dict[str, Entry]
) -> None:
    worded = replaced(harbour_content, supersedes=("H02",), valid_from=date(2024, 1, 1))
    assert "代替" not in worded.compose_answer(entries["swim-cap"], date(2023, 12, 31))
    assert "从2024年1月1日起" in worded.compose_answer(entries["swim-cap"], date(2024, 1, 1))


def test_entry_on_the_new_notice_is_not_called_replaced(
    harbour_content: Content, entries: dict[str, Entry]
) -> None:
    worded = replaced(harbour_content, supersedes=("H02",))
    renewed = entries["swim-cap"].model_copy(update={"sources": ("H02", "N01")})
    answer = worded.compose_answer(renewed, date(2023, 6, 1))
    assert answer == "要戴，自己带。\n依据：海港通知第2条；海港新通知第1条"


def test_measure_that_ended_before_it_was_replaced_has_ended(
    harbour_content: Content, entries: dict[str, Entry]
) -> None:
    worded = replaced(harbour_content, supersedes=("H01",))
    answer = worded.compose_answer(entries["swim-amount"], LATER)
    assert answer.startswith("已于2021年12月31日结束：")


def test_people_are_told_whom_to_ask_and_offices_are_not(
    harbour_content: Content, entries: dict[str, Entry]
) -> None:
    contact = Contact("12333", "0635-1234567")
    worded = Wording(Sources.of(harbour_content), harbour_content.texts, contact)
    line = "问12333，投诉0635-1234567"
    cap = entries["swim-cap"]
    assert worded.compose_answer(cap, date(2021, 6, 1)).splitlines() == [
        "要戴，自己带。",
        line,
        "依据：海港通知第2条、第3条",
    ]
    clerks = cap.model_copy(update={"audience": ("county",)})
    assert line not in worded.compose_answer(clerks, LATER)
    both = cap.model_copy(update={"audience": ("county", "trainee")})
    assert line in worded.compose_answer(both, LATER)


def test_two_answers_share_one_foot(entries: dict[str, Entry], worded: Wording) -> None:
    answer = worded.compose_both(entries["swim-amount"], entries["swim-cap"], LATER)
    assert answer is not None
    assert answer.splitlines() == [
        "两件事：",
        "1. 学游泳补多少钱",
        "已于2021年12月31日结束：",
        "学会游泳补200元。",
        "2. 下水要戴泳帽吗",
        "要戴，自己带。",
        "这是当年的规定。",
        "依据：海港通知第1条、第2条、第3条",
    ]


def test_two_answers_that_do_not_fit_are_not_cut(
    entries: dict[str, Entry], worded: Wording
) -> None:
    long = entries["swim-cap"].model_copy(update={"answer": "长" * 600})
    assert worded.compose_both(entries["swim-amount"], long, LATER) is None
