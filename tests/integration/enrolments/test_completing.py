"""Who was there to the end of a class, and who was not: said of everybody before it is put away."""

from typing import Any

import pytest

from domain.actor import Role, Staff, System
from domain.enrolments.completing import Completed, complete, list_confirmed
from domain.errors import DomainError
from domain.training import actions
from domain.vault import Vault
from models.audit import AuditEntry
from models.columns import new_id
from models.enrolments import Enrolment
from models.training import TrainingClass
from tests.integration.enrolments.conftest import COUNTY, NOW, Browse, MakeClass, MakePerson
from tests.integration.enrolments.test_telling import refused

OFFICER = Staff(new_id(), Role.COUNTY_OFFICER, county=COUNTY)


@pytest.fixture
async def ended(make_class: MakeClass, make_trainee: MakePerson) -> tuple[TrainingClass, list[Any]]:
    """A class at work that has ended, with three people who were confirmed, and one who left."""
    row = await make_class("以工代训第1期", status="ended", programme="work-training")
    people = []
    for number in (1, 2, 3, 4):
        person = await make_trainee(number)
        one = await Enrolment.create(
            training_class_id=row.id,
            person_id=person.id,
            status="withdrawn" if number == 4 else "confirmed",
            channel="roster",
            made_by="tests",
            created_at=NOW,
            changed_by="tests",
            changed_at=NOW,
        )
        people.append(one.id)
    return row, people


async def states(row: TrainingClass) -> list[tuple[str, bool]]:
    rows = Enrolment.filter(training_class_id=row.id).order_by("id")
    return [(one.status, one.unfinished) for one in await rows]


async def test_all_but_some_were_there_to_the_end(ended: Any, clerk: Staff, vault: Vault) -> None:
    row, (first, second, third, left) = ended
    assert len((await list_confirmed(clerk, vault, row.id))[0]) == 3
    done = await complete(clerk, class_id=row.id, unfinished=[second], now=NOW)
    assert done == Completed(2, 1)
    assert await states(row) == [
        *(("completed", False), ("confirmed", True), ("completed", False), ("withdrawn", False)),
    ]
    (entry,) = await AuditEntry.filter(event="roster.complete")
    assert entry.facts == {"people": 2, "unfinished": 1}
    assert await complete(clerk, class_id=row.id, unfinished=[second], now=NOW) == Completed(0, 0)
    # Whoever was marked by mistake is put right; who has completed stays.
    assert await complete(clerk, class_id=row.id, enrolments=[second], now=NOW) == Completed(1, 0)
    for wrong in (first, third):
        code = await refused(complete(clerk, class_id=row.id, unfinished=[wrong], now=NOW))
        assert code == "enrolment_stands"
    for wrong in (new_id(), left):
        code = await refused(complete(clerk, class_id=row.id, unfinished=[wrong], now=NOW))
        assert code == ("enrolment_stands" if wrong == left else "not_found")
    assert await refused(complete(OFFICER, class_id=row.id, now=NOW)) == "no_permission"


async def test_a_class_is_put_away_when_it_is_said_of_everybody(
    ended: Any, clerk: Staff, teller: Any
) -> None:
    row, (first, _, third, _) = ended

    async def archive() -> Any:
        version = (await TrainingClass.get(id=row.id)).version
        return await actions.archive_class(OFFICER, teller.content, row.id, version, now=NOW)

    await complete(clerk, class_id=row.id, enrolments=[first], now=NOW)
    with pytest.raises(DomainError) as caught:
        await archive()
    assert caught.value.facts == {"step": "archive", "missing": ["completed"]}
    await complete(System("tests"), class_id=row.id, unfinished=[third], now=NOW)
    assert (await archive()).status == "archived"


async def test_the_page_asks_for_who_was_not_there(
    ended: Any, clerk: Staff, browse: Browse
) -> None:
    row, (first, second, third, _) = ended
    path = f"/console/classes/{row.id}/roster"
    browser = await browse(clerk)
    page = await browser.see(path)
    assert "3人还没登记学完没学完" in page and f'href="{path}/complete"' in page
    page = await browser.see(f"{path}/complete")
    assert page.count('name="unfinished-') == 3
    shown = " ".join(str(one) for one in (first, second, third))
    assert f'value="{shown}"' in page
    sent = {f"unfinished-{second}": "1", "shown": shown}
    assert await browser.send(f"{path}/complete", **sent) == (303, path)
    assert await states(row) == [
        *(("completed", False), ("confirmed", True), ("completed", False), ("withdrawn", False)),
    ]
    page = await browser.see(path)
    assert "2人记为学完，1人记为没学完" in page and "没学完" in page
    assert "还没登记学完没学完" not in page
    officer = await browse(OFFICER)
    assert (await officer.send(f"{path}/complete"))[0] == 403
