"""The console's page of one session: who is there so far, and who may still be entered."""

from datetime import datetime, timedelta

import pytest

from domain.actor import Staff
from domain.attendance.for_others import check_in_by_hand
from domain.attendance.rules import Kind, Wants
from models.attendance import CheckIn
from models.training import ClassSession, TrainingClass
from tests.integration.attendance.conftest import ENDS, NOW, STARTS, HoldClass, Join
from tests.integration.attendance.conftest import CheckIn as Come
from tests.integration.attendance.test_console import (
    LATER,
    Open,
    enrolment_of,
    open_console,
    page_in,
    page_of,
)
from tests.integration.enrolments.conftest import id_number_of

__all__ = ["open_console"]

MINUTE = timedelta(minutes=1)
HAND = "/by-hand"
PAPER = "/scan"


@pytest.fixture
async def held(hold_class: HoldClass) -> tuple[TrainingClass, ClassSession]:
    return await hold_class()


async def test_nobody_is_missing_before_the_end(
    held: tuple[TrainingClass, ClassSession], join: Join, clerk: Staff, open_console: Open
) -> None:
    row, session = held
    await join(row)
    for now, said in ((NOW, ""), (STARTS + MINUTE, "还没到"), (LATER, "没有签到")):
        page = await (await open_console(clerk, now)).get(page_in(row, session))
        assert [words for words in ("还没到", "没有签到") if words in page] == [said][: bool(said)]
        assert ("state-bad" in page) is (now == LATER)


@pytest.mark.parametrize(
    ("now", "hand", "paper", "said"),
    [
        (NOW, False, False, ""),
        (
            STARTS + MINUTE,
            True,
            True,
            "补签到明天11:30为止；按纸质表登记到12月14日（周一）11:30为止。",
        ),
        (ENDS + timedelta(days=1), True, True, "补签到今天11:30为止；"),
        (ENDS + timedelta(days=1) + MINUTE, False, True, "补签到今天11:30已经截止；"),
        (ENDS + timedelta(days=7) + MINUTE, False, False, "按纸质表登记到今天11:30已经截止。"),
    ],
)
async def test_entering_is_offered_as_long_as_it_is_taken(
    held: tuple[TrainingClass, ClassSession],
    clerk: Staff,
    officer: Staff,
    open_console: Open,
    now: datetime,
    hand: bool,
    paper: bool,
    said: str,
) -> None:
    row, session = held
    own = f"{page_in(row, session)}"
    page = await (await open_console(clerk, now)).get(own)
    assert (f"{own}{HAND}" in page, f"{own}{PAPER}" in page) == (hand, paper)
    assert said in page if said else "补签" not in page
    # Whoever does not enter has nothing of it.
    assert "补签" not in await (await open_console(officer, now)).get(own)


async def test_those_of_one_family_name_are_told_apart(
    held: tuple[TrainingClass, ClassSession], join: Join, clerk: Staff, open_console: Open
) -> None:
    row, session = held
    await join(row, 1)
    page = await (await open_console(clerk)).get(f"{page_in(row, session)}{HAND}")
    assert "王*兰" in page and f"尾号{id_number_of(1)[-4:]}" in page
    assert id_number_of(1)[:4] + "*" not in page
    # Everywhere else the family name alone.
    for path in (page_of(row), page_in(row, session)):
        assert "王*兰" not in await (await open_console(clerk)).get(path)


async def test_what_waits_is_not_counted_among_those_who_came(
    held: tuple[TrainingClass, ClassSession],
    join: Join,
    come: Come,
    clerk: Staff,
    open_console: Open,
) -> None:
    row, session = held
    await come(await join(row, 1), session)
    people = [await enrolment_of((await join(row, number)).id) for number in (2, 3)]
    await check_in_by_hand(
        *(clerk, Wants()),
        session_id=session.id,
        enrolments=people,
        kind=Kind.IN,
        at=STARTS,
        reason="手机没电",
        now=LATER,
    )
    assert "1人签到，另有2条等确认" in await (await open_console(clerk)).get(page_of(row))


async def test_what_a_firms_contact_entered_no_teacher_has(
    held: tuple[TrainingClass, ClassSession],
    join: Join,
    clerk: Staff,
    open_console: Open,
) -> None:
    row, session = held
    who = await join(row, 1)
    await check_in_by_hand(
        *(clerk, Wants()),
        session_id=session.id,
        enrolments=[await enrolment_of(who.id)],
        kind=Kind.IN,
        at=STARTS,
        reason="手机没电",
        now=LATER,
    )
    paths = (page_of(row), page_in(row, session), f"{page_of(row)}/waiting")
    for path in paths:
        assert "老师登记" in await (await open_console(clerk)).get(path)
    await CheckIn.all().update(made_by=f"person {who.id}")
    for path in paths:
        page = await (await open_console(clerk)).get(path)
        assert "单位登记" in page and "老师登记" not in page


async def test_a_printed_page_says_of_which_class_it_is(
    held: tuple[TrainingClass, ClassSession], clerk: Staff, open_console: Open
) -> None:
    row, session = held
    page = await (await open_console(clerk)).get(page_in(row, session))
    assert f'<p class="printed">班期：{row.title}</p>' in page
