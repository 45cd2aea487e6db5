"""What an office said when it agreed is put right later: the number of the filing, 市直."""

from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from content.schema import Content
from domain.actor import Role, Staff
from domain.attendance.projects import year_of
from domain.attendance.sheets import export_signin
from domain.attendance.table2 import list_projects
from domain.errors import DomainError
from domain.training import actions
from domain.training.approving import LONGEST_NUMBER, Given
from domain.training.correcting import correct_approval
from domain.vault import Vault
from models.audit import AuditEntry
from models.columns import new_id
from models.training import ClassEvent, TrainingClass
from tests.consoles import VAULT
from tests.integration.training.conftest import OTHER_COUNTY, Trial
from tests.integration.training.test_pages import opened, read, send, version_of, words_of

CITY = Staff(new_id(), Role.CITY_OFFICER)
WRONG, RIGHT = "聊培备〔2026〕12号", "聊培备〔2026〕21号"


async def correct(trial: Trial, actor: Staff, **said: Any) -> str:
    """The refusal's code and its case; "" where it was put right."""
    version = (await TrainingClass.get(id=trial.id)).version
    given = {"filing_number": RIGHT, "city_run": None, "reason": "打错了"} | said
    try:
        await correct_approval(actor, trial.id, version, **given, now=trial.now)
    except DomainError as error:
        return f"{error.code} {error.facts.get('about', '')}".strip()
    return ""


@pytest.fixture
async def agreed(trial: Trial) -> Trial:
    """A project class that was agreed to with a wrong number."""
    await trial.lead_to("filed")
    await TrainingClass.filter(id=trial.id).update(is_project=True)
    await trial.take(actions.approve_class, given=Given(WRONG))
    return trial


async def test_the_agreement_stays_and_a_line_puts_it_right(agreed: Trial, officer: Staff) -> None:
    version = (await TrainingClass.get(id=agreed.id)).version
    assert await correct(agreed, officer, filing_number=f" {RIGHT} ") == ""
    assert (await ClassEvent.get(training_class_id=agreed.id, kind="approve")).facts == {
        "filing_number": WRONG
    }
    line = await ClassEvent.get(training_class_id=agreed.id, kind="correct")
    facts = {"filing_number": RIGHT, "filing_number_before": WRONG}
    assert (line.version, line.before, line.after) == (version + 1, "approved", "approved")
    assert (line.facts, line.reason, line.made_by) == (facts, "打错了", officer.key)
    entry = await AuditEntry.get(about_id=agreed.id, event="class.correct")
    assert facts.items() <= entry.facts.items() and entry.facts["reason"] == "打错了"


async def test_a_county_keeps_what_the_city_said(agreed: Trial, officer: Staff) -> None:
    assert await correct(agreed, CITY, filing_number=WRONG, city_run=True) == ""
    line = await ClassEvent.get(training_class_id=agreed.id, kind="correct")
    said = {"filing_number": WRONG, "city_run": True, "city_run_before": False}
    assert line.facts == said
    assert await correct(agreed, officer) == ""
    assert await correct(agreed, officer, filing_number=WRONG, city_run=False) == "no_permission"
    last = await ClassEvent.filter(training_class_id=agreed.id).order_by("-version").first()
    assert last is not None
    assert last.facts == {
        "filing_number": RIGHT,
        "filing_number_before": WRONG,
        "city_run": True,
    }
    # Taken back by the city, with the number.
    assert await correct(agreed, CITY, filing_number="", city_run=False) == ""
    last = await ClassEvent.filter(training_class_id=agreed.id).order_by("-version").first()
    assert last is not None
    assert last.facts == {
        "filing_number_before": RIGHT,
        "city_run_before": True,
        "city_run": False,
    }


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"reason": "  "}, "class_reason_needed correct"),
        ({"filing_number": f" {WRONG} "}, "nothing_to_correct approval"),
        ({"filing_number": "1" * (LONGEST_NUMBER + 1)}, "class_details_wrong"),
        ({"city_run": True}, "no_permission"),
        ({"city_run": False}, ""),
    ],
)
async def test_what_is_refused(
    agreed: Trial, officer: Staff, said: dict[str, Any], code: str
) -> None:
    assert await correct(agreed, officer, **said) == code
    made = await ClassEvent.filter(training_class_id=agreed.id, kind="correct").count()
    assert made == (0 if code else 1)


async def test_who_decides_on_the_class_alone(agreed: Trial, clerk: Staff, officer: Staff) -> None:
    assert await correct(agreed, clerk) == "no_permission"
    assert await correct(agreed, replace(officer, county=OTHER_COUNTY)) == "not_found"
    assert await correct(agreed, Staff(new_id(), Role.SUPERVISOR)) == "no_permission"
    # What is no project the city does not organise.
    await TrainingClass.filter(id=agreed.id).update(is_project=False)
    assert await correct(agreed, CITY, city_run=True) == "no_permission"


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("filed", "class_step_refused"),
        ("returned", "class_step_refused"),
        ("cancelled", "class_step_refused"),
        ("open", ""),
        ("ended", ""),
        ("archived", ""),
    ],
)
async def test_when(agreed: Trial, officer: Staff, status: str, code: str) -> None:
    await TrainingClass.filter(id=agreed.id).update(status=status)
    assert await correct(agreed, officer) == code


async def test_of_two_one_wins(agreed: Trial, officer: Staff) -> None:
    seen = (await TrainingClass.get(id=agreed.id)).version
    assert await correct(agreed, officer) == ""
    with pytest.raises(DomainError) as refused:
        await correct_approval(
            *(officer, agreed.id, seen),
            filing_number="",
            city_run=None,
            reason="没有编号",
            now=agreed.now,
        )
    assert (refused.value.code, refused.value.facts["since"]) == ("class_changed", ["correct"])


async def test_sheets_say_what_holds(agreed: Trial, officer: Staff, content: Content) -> None:
    assert await correct(agreed, CITY, city_run=True) == ""
    vault: Vault = VAULT
    sheet = await export_signin(officer, vault, content, class_id=agreed.id, now=agreed.now)
    (page,) = load_workbook(BytesIO(sheet.content)).worksheets[:1]
    assert f"备案号：{RIGHT}" in [cell.value for cell in page[2]]
    year = year_of(date(2026, 12, 7).year)
    (line,) = await list_projects(CITY, content, year, "", now=agreed.now)
    assert line.county == "市直"
    # Without a number it has the day of the agreement, not of the correction.
    assert await correct(agreed, CITY, filing_number="", city_run=False) == ""
    sheet = await export_signin(officer, vault, content, class_id=agreed.id, now=agreed.now)
    (page,) = load_workbook(BytesIO(sheet.content)).worksheets[:1]
    approved = await ClassEvent.get(training_class_id=agreed.id, kind="approve")
    said = " ".join(str(cell.value) for cell in page[2] if cell.value)
    assert f"没有编号；2026年11月{approved.made_at.astimezone(agreed.now.tzinfo).day}日" in said
    (line,) = await list_projects(CITY, content, year, "", now=agreed.now)
    assert line.county != "市直"


async def test_the_office_puts_it_right_on_the_page(
    agreed: Trial, clerk: Staff, officer: Staff
) -> None:
    path = f"/{agreed.id}"
    async with opened(clerk) as client:
        assert "更正备案号" not in await read(client, path)
        await send(
            client,
            f"{path}/approval",
            403,
            version=await version_of(agreed),
            filing_number=RIGHT,
            reason="打错了",
        )
    async with opened(officer) as client:
        page = await read(client, path)
        assert f'value="{WRONG}"' in page and "city_run_asked" not in page
        said: Any = {"version": await version_of(agreed), "filing_number": RIGHT}
        assert "为什么要改请写明" in await send(client, f"{path}/approval", 422, **said)
        await send(client, f"{path}/approval", **said, reason="打错了")
    async with opened(CITY) as client:
        said = {"version": await version_of(agreed), "filing_number": RIGHT, "reason": "市里办的"}
        await send(client, f"{path}/approval", **said, city_run_asked="1", city_run="1")
        page = words_of(await read(client, path))
        assert "组织单位 市直" in page and f"备案号 {RIGHT}" in page
    # Whoever holds it reads what was changed, and why.
    async with opened(clerk) as client:
        page = words_of(await read(client, path))
        assert f"备案号从{WRONG}改成{RIGHT}；打错了" in page
        assert "改成市直组织；市里办的" in page
