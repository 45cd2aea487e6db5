"""A roster as a sheet: tried, taken over, corrected, refused in parts."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from domain.actor import Role, Staff, System
from domain.enrolments.actions import enrol_oneself, withdraw
from domain.enrolments.notice import Teller
from domain.enrolments.roster import COLUMNS, RosterReport, import_roster
from domain.errors import DomainError
from domain.sheets.reading import read_sheet
from domain.sheets.refused import send_back, word_faults
from domain.vault import Vault
from models.audit import AuditEntry
from models.columns import new_id
from models.enrolments import Enrolment, Informed
from models.institutions import Institution
from models.people import Person
from models.sheets import SheetImport
from models.training import TrainingClass
from tests.integration.enrolments.conftest import (
    NOW,
    MakeClass,
    MakePerson,
    id_number_of,
    write_record,
)
from tests.unit.sheets.building import workbook

Take = Callable[..., Awaitable[RosterReport]]

TITLES = ("姓名", "身份证号码", "联系电话")
#: Made by hand, with the slips of a hand; none of these people exists.
GOOD = (
    ("王秀兰", id_number_of(1), "169 0000 0001"),
    ("李　建国", id_number_of(2).lower(), "16900000002"),
    ("张晓雨", id_number_of(3), ""),
)


def sheet_of(*rows: Sequence[object], titles: Sequence[str] = TITLES) -> bytes:
    return workbook([titles, *rows])


@pytest.fixture
def take(clerk: Staff, vault: Vault, teller: Teller) -> Take:
    async def take(row: TrainingClass, content: bytes, **more: Any) -> RosterReport:
        values: Any = {"class_id": row.id, "content": content, "now": NOW} | more
        return await import_roster(clerk, vault, teller, **values)

    return take


def ends(done: RosterReport) -> list[str | None]:
    return [line.what for line in done.lines]


async def count_all() -> tuple[int, ...]:
    """People, enrolments, tellings, imports, lines of the audit log."""
    return (
        await Person.all().count(),
        await Enrolment.all().count(),
        await Informed.all().count(),
        await SheetImport.all().count(),
        await AuditEntry.all().count(),
    )


async def test_a_roster_is_taken_over(make_class: MakeClass, take: Take) -> None:
    done = await take(await make_class(), sheet_of(*GOOD))
    assert ends(done) == ["added"] * 3
    assert await count_all() == (3, 3, 3, 1, 1)
    assert {one.status for one in await Enrolment.all()} == {"confirmed"}
    assert {one.state for one in await Informed.all()} == {"owed"}
    assert {one.source for one in await Person.all()} == {"roster"}
    assert [line.name for line in done.lines] == ["王*", "李*", "张*"]
    (entry,) = await AuditEntry.all()
    assert (entry.event, entry.facts["added"]) == ("roster.import", 3)


async def test_a_dry_run_says_the_same_and_leaves_a_line_in_the_log(
    make_class: MakeClass, take: Take
) -> None:
    row = await make_class(capacity=2)
    tried = await take(row, sheet_of(*GOOD), dry_run=True)
    assert await count_all() == (0, 0, 0, 0, 1)
    done = await take(row, sheet_of(*GOOD))
    assert ends(tried) == ends(done) == ["added", "added", None]
    assert (tried.added, len(tried.refused)) == (2, 1)


async def test_the_same_file_twice_changes_nothing(make_class: MakeClass, take: Take) -> None:
    row, sheet = await make_class(), sheet_of(*GOOD)
    await take(row, sheet)
    before = await count_all()
    again = await take(row, sheet, now=NOW + timedelta(days=1))
    assert (ends(again), again.repeated) == (["already"] * 3, NOW)
    assert await count_all() == before
    # Saved anew by a program it is another file, of the same people.
    again = await take(row, workbook([TITLES, *GOOD], title="表2"))
    assert (ends(again), again.repeated, again.unchanged) == (["already"] * 3, None, 3)
    assert (await count_all())[:3] == before[:3]


async def test_a_corrected_file_takes_only_what_is_new(make_class: MakeClass, take: Take) -> None:
    row = await make_class()
    wrong = id_number_of(4)[:-1] + ("1" if id_number_of(4)[-1] != "1" else "2")
    first = await take(row, sheet_of(*GOOD, ("赵文博", wrong, "")))
    assert ends(first) == ["added"] * 3 + [None]
    corrected = sheet_of(
        *GOOD[:2], ("张晓雨", id_number_of(3), "16900000003"), ("赵文博", id_number_of(4), "")
    )
    assert ends(await take(row, corrected)) == ["already", "already", "corrected", "added"]
    assert await Enrolment.all().count() == 4


async def test_rows_that_are_refused_come_back_with_their_reasons(
    make_class: MakeClass, make_trainee: MakePerson, take: Take, teller: Teller
) -> None:
    row = await make_class(capacity=3)
    await make_trainee(5, "周立新")
    busy = await make_trainee(6, "孙桂兰")
    other = await make_class("电工班")
    await enrol_oneself(busy, teller, class_id=other.id, channel="chat", now=NOW)
    sheet = sheet_of(
        GOOD[0],
        ("周立兴", id_number_of(5), ""),
        ("孙桂兰", id_number_of(6), ""),
        ("王秀兰", id_number_of(1), ""),
        ("A1", id_number_of(7), ""),
        ("钱大力", "37152119700101", ""),
        ("钱大力", id_number_of(8), "12345"),
        ("", id_number_of(9), ""),
        GOOD[1],
        GOOD[2],
        ("吴明", id_number_of(10), ""),
    )
    done = await take(row, sheet)
    texts = teller.content.texts
    said = {line.row.number: word_faults(texts, line.faults) for line in done.lines if line.faults}
    assert ends(done) == ["added", *[None] * 7, "added", "added", None]
    wanted = {
        3: ("“姓名”（A列）", "登记的不一样"),
        4: ("“身份证号", "已经报了“电工班”"),
        5: ("B列", "第2行"),
        6: ("A列", "不会有的字"),
        7: ("B列", "现在是14位"),
        8: ("C列", "不是能打通的号码"),
        9: ("A列", "没有填"),
        12: ("B列", "一共3个"),
    }
    assert said.keys() == wanted.keys()
    for number, words in wanted.items():
        assert said[number].startswith(f"第{number}行"), said[number]
        for word in words:
            assert word in said[number], said[number]
    assert "周立新" not in "".join(said.values()), "the known name is nobody's to read"
    assert await Person.all().count() == 5, "nobody is kept who is in no class"
    back = read_sheet(send_back(done.sheet, done.refused, texts), COLUMNS)
    assert [one.values["id_number"] for one in back.rows][:2] == [id_number_of(5), id_number_of(6)]
    assert len(back.rows) == 8


async def test_a_row_that_is_wrong_in_several_places_comes_back_with_all_of_them(
    make_class: MakeClass, take: Take, teller: Teller
) -> None:
    sheet = sheet_of(("A1", "37152119700101", "12345"), ("", id_number_of(1), "12345"))
    done = await take(await make_class(), sheet)
    assert ends(done) == [None, None]
    said = [word_faults(teller.content.texts, line.faults).split("；") for line in done.lines]
    columns = [[one[one.index("列") - 1] for one in row] for row in said]
    assert columns == [["A", "B", "C"], ["A", "C"]], said
    assert "不会有的字" in said[0][0] and "现在是14位" in said[0][1]
    assert all("不是能打通的号码" in row[-1] for row in said)
    assert "没有填" in said[1][0], "said once, and not judged as a name"


async def test_who_has_applied_is_confirmed(
    make_class: MakeClass, make_trainee: MakePerson, take: Take, teller: Teller
) -> None:
    row, person = await make_class(), await make_trainee(1)
    await enrol_oneself(person, teller, class_id=row.id, channel="chat", now=NOW)
    assert ends(await take(row, sheet_of(*GOOD))) == ["confirmed", "added", "added"]
    assert (await Enrolment.get(person_id=person.id)).status == "confirmed"
    assert await Informed.filter(state="owed").count() == 2, "she was told when she applied"


async def test_who_left_by_themselves_is_not_brought_back(
    make_class: MakeClass, make_trainee: MakePerson, take: Take, teller: Teller
) -> None:
    row, person = await make_class(), await make_trainee(1)
    told = await enrol_oneself(person, teller, class_id=row.id, channel="chat", now=NOW)
    await withdraw(person, enrolment_id=told.id, now=NOW)
    done = await take(row, sheet_of(GOOD[0]))
    assert [fault.code for fault in done.lines[0].faults] == ["left_by_themselves"]


async def test_a_fourth_training_wants_a_yes_in_its_column(
    make_class: MakeClass, make_trainee: MakePerson, take: Take, teller: Teller
) -> None:
    row, person = await make_class(), await make_trainee(1)
    for month in (3, 4, 5):
        day = NOW.date().replace(month=month, day=1)
        early = await make_class(f"{month}月班", starts_on=day, ends_on=day)
        then = NOW.replace(month=month, day=1)
        await enrol_oneself(person, teller, class_id=early.id, channel="chat", now=then)
    done = await take(row, sheet_of(GOOD[0]))
    assert [fault.code for fault in done.lines[0].faults] == ["trainings_used_up"]
    titles = (*TITLES, "超过3次已告知本人")
    done = await take(row, sheet_of((*GOOD[0], "是"), titles=titles))
    assert ends(done) == ["added"]
    assert (await Enrolment.get(training_class_id=row.id)).beyond_three


@pytest.mark.parametrize("status", ["draft", "filed", "open", "cancelled"])
async def test_a_class_that_does_not_recruit_takes_no_roster(
    make_class: MakeClass, take: Take, status: str
) -> None:
    row = await make_class(status=status)
    with pytest.raises(DomainError) as refusal:
        await take(row, sheet_of(*GOOD))
    frozen = status in ("filed", "open")
    assert refusal.value.code == ("roster_frozen" if frozen else "class_not_recruiting")
    assert await Person.all().count() == 0


async def test_nor_one_of_a_suspended_institution(
    make_class: MakeClass, take: Take, institution: Institution
) -> None:
    await write_record(institution.id, "suspended", NOW.date())
    with pytest.raises(DomainError) as refusal:
        await take(await make_class(), sheet_of(*GOOD))
    assert refusal.value.code == "enrolment_stopped"


async def test_another_institution_and_an_officer_cannot(
    make_class: MakeClass, vault: Vault, teller: Teller
) -> None:
    row = await make_class()
    elsewhere = Staff(new_id(), Role.INSTITUTION, institution=new_id())
    officer = Staff(new_id(), Role.COUNTY_OFFICER, county=row.county)
    for actor, code in [(elsewhere, "not_found"), (officer, "no_permission")]:
        with pytest.raises(DomainError) as refusal:
            await import_roster(
                actor, vault, teller, class_id=row.id, content=sheet_of(*GOOD), now=NOW
            )
        assert refusal.value.code == code


async def test_five_thousand_rows(make_class: MakeClass, vault: Vault, teller: Teller) -> None:
    row = await make_class(capacity=5000)

    async def take(row: TrainingClass, content: bytes) -> RosterReport:
        values: Any = {"class_id": row.id, "content": content, "now": NOW}
        return await import_roster(System("zpt import"), vault, teller, **values)

    people = [("王秀兰", id_number_of(number), f"169{number:08}") for number in range(5000)]
    sheet = sheet_of(*people)
    assert ends(await take(row, sheet)) == ["added"] * 5000
    corrected = [(*people[0][:2], "16999999999"), *people[1:]]
    assert ends(await take(row, sheet_of(*corrected))) == ["corrected", *["already"] * 4999]
