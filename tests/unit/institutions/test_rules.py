"""How an institution stands on a day, from its dated records alone."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import LOCAL
from domain.errors import DomainError
from domain.institutions.rules import (
    Entry,
    Kind,
    Standing,
    check_entry,
    compare,
    require_change,
    spell_name,
    spell_uscc,
    split_occupations,
    standing_on,
)

MADE = datetime(2026, 1, 1, 9, 0, tzinfo=LOCAL)
COUNTIES = frozenset({"371521"})
GOOD = Entry("阳谷县鸿翔职业培训学校", "91371521MA3CB00116", "371521", phone="0635-6210001")


@dataclass(frozen=True)
class Rec:
    kind: Kind
    valid_from: date
    valid_until: date | None = None
    reason: str = ""
    document: str = ""
    made_at: datetime = MADE


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


LISTED = Rec("listed", date(2024, 1, 1), document="聊人社字〔2024〕1号")
SUSPENDED = Rec("suspended", day("03-01"), day("05-31"), "虚假宣传", "聊人社字〔2026〕7号")


def status(records: list[Rec], text: str) -> str | None:
    standing = standing_on(records, day(text))
    return None if standing is None else standing.status


def test_before_it_is_listed_it_stands_nowhere() -> None:
    assert standing_on([LISTED], date(2023, 12, 31)) is None
    assert standing_on([LISTED], date(2024, 1, 1)) == Standing(
        "listed", date(2024, 1, 1), None, "", "聊人社字〔2024〕1号"
    )
    assert standing_on([], day("01-01")) is None


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        *(("02-28", "listed"), ("03-01", "suspended"), ("05-31", "suspended")),
        ("06-01", "listed"),
    ],
)
def test_a_suspension_ends_by_itself(on: str, expected: str) -> None:
    assert status([SUSPENDED, LISTED], on) == expected
    told = standing_on([LISTED, SUSPENDED], day("04-01"))
    assert told == Standing(
        "suspended", day("03-01"), day("05-31"), "虚假宣传", "聊人社字〔2026〕7号"
    )


def test_one_without_an_end_lasts_until_it_is_lifted() -> None:
    open_end = Rec("suspended", day("03-01"))
    lifted = Rec("restored", day("04-10"), made_at=MADE + timedelta(days=1))
    assert status([LISTED, open_end], "12-31") == "suspended"
    assert status([LISTED, open_end, lifted], "04-09") == "suspended"
    assert status([LISTED, open_end, lifted], "04-10") == "listed"


def test_of_two_suspensions_the_longest_counts() -> None:
    second = Rec("suspended", day("04-01"), day("09-30"), "再次违规")
    told = standing_on([LISTED, SUSPENDED, second], day("04-15"))
    assert told is not None and (told.until, told.reason) == (day("09-30"), "再次违规")
    assert status([LISTED, SUSPENDED, second], "06-15") == "suspended"
    assert status([LISTED, SUSPENDED, second], "10-01") == "listed"


def test_listing_anew_lifts_no_suspension_but_a_removal_ends_all() -> None:
    renewed = Rec("listed", day("04-01"))
    removed = Rec("removed", day("04-15"), reason="材料造假")
    back = Rec("listed", day("05-01"))
    assert status([LISTED, SUSPENDED, renewed], "04-02") == "suspended"
    assert status([LISTED, SUSPENDED, removed], "04-20") == "removed"
    assert status([LISTED, SUSPENDED, removed, back], "05-02") == "listed"


def test_a_listing_runs_out() -> None:
    until = Rec("listed", date(2025, 1, 1), day("06-30"))
    assert status([until], "06-30") == "listed"
    told = standing_on([until], day("07-01"))
    assert told == Standing("removed", day("07-01"), expired=True)


def test_of_two_records_of_one_day_the_later_made_counts() -> None:
    removed = Rec("removed", day("03-01"), made_at=MADE)
    listed = Rec("listed", day("03-01"), made_at=MADE + timedelta(hours=1))
    assert status([listed, removed], "03-01") == "listed"
    assert status([removed, LISTED], "03-01") == "removed"


def test_a_change_of_the_entry_changes_no_standing() -> None:
    assert status([LISTED, Rec("changed", day("03-01"))], "03-02") == "listed"
    assert standing_on([Rec("changed", day("03-01"))], day("03-02")) is None


@given(
    st.lists(
        st.builds(
            Rec,
            kind=st.sampled_from(["listed", "suspended", "restored", "removed", "changed"]),
            valid_from=st.dates(date(2026, 1, 1), date(2026, 1, 9)),
            valid_until=st.none() | st.dates(date(2026, 1, 5), date(2026, 1, 12)),
            made_at=st.integers(0, 99).map(lambda hours: MADE + timedelta(hours=hours)),
        ),
        max_size=6,
        unique_by=lambda one: one.made_at,
    ),
    st.dates(date(2026, 1, 1), date(2026, 1, 12)),
    st.randoms(),
)
def test_the_order_in_which_records_are_read_does_not_matter(records, on, chance) -> None:
    told = standing_on(records, on)
    chance.shuffle(records)
    assert standing_on(records, on) == told
    assert standing_on([one for one in records if one.valid_from <= on], on) == told


@pytest.mark.parametrize(
    ("records", "kind", "on", "about"),
    [
        ([], "suspended", "03-01", "not_listed"),
        ([LISTED], "listed", "03-01", "listed"),
        ([LISTED], "restored", "03-01", "not_suspended"),
        ([LISTED, Rec("removed", day("02-01"))], "suspended", "03-01", "removed"),
        ([LISTED, Rec("removed", day("02-01"))], "removed", "03-01", "removed"),
        ([LISTED, SUSPENDED], "restored", "06-01", "not_suspended"),
    ],
)
def test_what_cannot_follow(records: list[Rec], kind: Kind, on: str, about: str) -> None:
    with pytest.raises(DomainError) as refused:
        require_change(records, kind, day(on), None)
    assert (refused.value.code, refused.value.facts) == (
        "institution_change_refused",
        {"about": about},
    )


def test_what_may_follow() -> None:
    require_change([], "listed", day("03-01"), None)
    require_change([LISTED], "listed", day("03-01"), day("12-31"))
    require_change([LISTED], "suspended", day("03-01"), day("03-01"))
    require_change([LISTED, SUSPENDED], "suspended", day("04-01"), None)
    require_change([LISTED, SUSPENDED], "removed", day("04-01"), None)
    require_change([LISTED, SUSPENDED], "restored", day("04-01"), None)
    require_change([LISTED, Rec("removed", day("02-01"))], "listed", day("03-01"), None)
    with pytest.raises(DomainError, match="institution_change_refused"):
        require_change([LISTED], "suspended", day("03-02"), day("03-01"))


def test_how_entries_are_spelled() -> None:
    assert spell_name(" 阳谷县 鸿翔(城区)职业培训学校 ") == "阳谷县鸿翔（城区）职业培训学校"
    assert spell_uscc("91371521-ma3c b0011６") == "91371521MA3CB00116"
    assert split_occupations("电工、 焊工，电工;叉车 司机\n") == ("电工", "焊工", "叉车 司机")


def test_what_is_wrong_in_an_entry() -> None:
    wrong = Entry("鸿翔", "91371521MA3CB00117", "371500", "地" * 201, ("工" * 81,), "12-3")
    assert [field for field, _ in check_entry(wrong, COUNTIES)] == [
        *("name", "uscc", "county", "address", "phone", "may_teach"),
    ]
    for phone in ("0635-6210001", "06356210001", "13800000000", "6210001", "400-800-1234", ""):
        good = Entry(GOOD.name, GOOD.uscc, GOOD.county, phone=phone)
        assert check_entry(good, COUNTIES) == [], phone


def test_what_differs_without_the_contact() -> None:
    other = Entry(
        GOOD.name, GOOD.uscc, GOOD.county, "新地址", ("电工",), contact="王某 13800000000"
    )
    assert compare(GOOD, GOOD) == {}
    assert compare(GOOD, other) == {
        "address": ["", "新地址"],
        "phone": ["0635-6210001", ""],
        "may_teach": ["", "电工"],
        "contact": [],
    }
