"""Lists of classes as those see them who work on them: what waits for them first."""

from datetime import date
from typing import Any

import pytest

from domain.actor import Actor, Role, Staff
from domain.paging import Position
from domain.training.queries import ClassFilter, list_classes
from models.columns import new_id
from models.institutions import Institution
from models.training import TrainingClass
from tests.integration.training.conftest import COUNTY, NOW

#: Made in this order: title, status, the first day. NOW is November 30th.
MADE: tuple[tuple[str, str, date | None], ...] = (
    ("取消", "cancelled", date(2026, 8, 13)),
    ("归档", "archived", date(2026, 9, 22)),
    ("早归档", "archived", date(2021, 6, 1)),
    ("结业", "ended", date(2026, 11, 1)),
    ("没日子", "draft", None),
    ("招生", "recruiting", date(2026, 12, 23)),
    ("退回", "returned", date(2026, 12, 13)),
    ("到日子", "approved", date(2026, 11, 30)),
    ("同意", "approved", date(2026, 12, 4)),
    ("晚交", "filed", date(2026, 12, 9)),
    ("早交", "filed", date(2026, 12, 7)),
    ("开班", "open", date(2026, 11, 25)),
)
OVER = ["结业", "归档", "早归档", "取消"]
HOTLINE = Staff(new_id(), Role.HOTLINE)


@pytest.fixture
async def made(institution: Institution) -> None:
    for title, status, first in MADE:
        await TrainingClass.create(
            institution_id=institution.id,
            title=title,
            programme="elderly-care",
            occupation="养老护理员",
            county=COUNTY,
            capacity=30,
            status=status,
            starts_on=first,
            created_at=NOW,
            recruiting_since=None if status == "draft" else NOW,
        )


async def read_all(actor: Actor, limit: int, narrowed: ClassFilter) -> list[str]:
    """Titles, a page of `limit` after another."""
    titles: list[str] = []
    position: Position | None = None
    while True:
        values: Any = {"urgent_first": True, "now": NOW}
        page = await list_classes(actor, narrowed, position, limit, **values)
        titles += [card.row.title for card in page.rows]
        position = page.position
        if position is None:
            return titles


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize("limit", [1, 5, 50])
async def test_what_waits_stands_first_and_what_is_over_last(
    limit: int, clerk: Staff, officer: Staff
) -> None:
    wanted: list[tuple[Actor, list[str]]] = [
        (officer, ["早交", "晚交", "开班", "到日子", "同意", "退回", "招生"]),
        (clerk, ["到日子", "退回", "没日子", "开班", "同意", "早交", "晚交", "招生"]),
        (HOTLINE, ["开班", "到日子", "同意", "早交", "晚交", "退回", "招生"]),
    ]
    for actor, titles in wanted:
        assert await read_all(actor, limit, ClassFilter()) == titles + OVER


@pytest.mark.usefixtures("made")
async def test_the_order_holds_within_a_narrowed_list() -> None:
    assert await read_all(HOTLINE, 1, ClassFilter(text="演示职业", status="archived")) == OVER[1:3]
