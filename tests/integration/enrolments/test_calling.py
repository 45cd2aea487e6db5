"""What an operator of the hotline hears of the places before anybody's name is typed."""

import re

import pytest

from domain.actor import Staff, Trainee
from domain.enrolments.actions import enrol_oneself
from domain.enrolments.notice import Teller
from models.enrolments import Enrolment
from models.training import TrainingClass
from tests.integration.enrolments.conftest import NOW, Browse, MakeClass, MakePerson, id_number_of

CALLER = {"name": "王秀兰", "id_number": id_number_of(1), "consent": "1"}


@pytest.fixture
async def row(make_class: MakeClass) -> TrainingClass:
    return await make_class(capacity=2, recruiting_since=NOW)


async def fill(
    row: TrainingClass, make_trainee: MakePerson, teller: Teller, *numbers: int
) -> list[Trainee]:
    people = [await make_trainee(number) for number in numbers]
    for person in people:
        await enrol_oneself(person, teller, class_id=row.id, channel="chat", now=NOW)
    return people


async def test_how_many_places_are_left_is_said_first(
    row: TrainingClass, operator: Staff, make_trainee: MakePerson, teller: Teller, browse: Browse
) -> None:
    await fill(row, make_trainee, teller, 1)
    path, browser = f"/console/classes/{row.id}", await browse(operator)
    page = await browser.see(path)
    head = page[: page.index("基本情况")]
    assert f'<a class="button button-main" href="{path}/enrol">替来电人报名</a>' in head
    assert f'href="{path}/leave"' in head and "还剩1个" in page
    page = await browser.see(f"{path}/enrol")
    assert page.index("还剩1个名额") < page.index('name="id_number"')


async def test_a_full_class_takes_no_name(
    row: TrainingClass, operator: Staff, make_trainee: MakePerson, teller: Teller, browse: Browse
) -> None:
    await fill(row, make_trainee, teller, 1, 2)
    path, browser = f"/console/classes/{row.id}", await browse(operator)
    page = await browser.see(path)
    assert "替来电人报名" not in page and f'href="{path}/leave"' in page
    page = await browser.see(f"{path}/enrol")
    assert "名额满了" in page and 'href="/console/classes?status=recruiting"' in page
    # What stays is folded away, for whoever has a place and is to hear the notice once more.
    assert re.search(r'<details class="unfold">\s*<summary[^>]*>他已经报上了', page)
    assert page.index("<details") < page.index('name="id_number"')
    status, page = await browser.send(f"{path}/enrol", **CALLER)
    assert status == 200 and "已经报过了" in page
    other = CALLER | {"id_number": id_number_of(3)}
    status, page = await browser.send(f"{path}/enrol", **other)
    assert status == 422 and '<details class="unfold" open>' in page
    assert await Enrolment.all().count() == 2


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"status": "filed"}, "这个班现在不招人"),
        ({"status": "ended"}, "这个班现在不招人"),
        ({"starts_on": NOW.date().replace(day=1)}, "这个班已经开课了"),
    ],
)
async def test_a_class_that_takes_nobody_asks_for_nobody(
    make_class: MakeClass,
    operator: Staff,
    browse: Browse,
    fields: dict[str, object],
    said: str,
) -> None:
    row = await make_class(recruiting_since=NOW, **fields)
    page = await (await browse(operator)).see(f"/console/classes/{row.id}/enrol")
    assert said in page
    assert ('name="id_number"' in page) == (row.status == "recruiting")
