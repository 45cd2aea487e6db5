"""What an office says of a class when it agrees: the filing's number, 市直."""

from dataclasses import replace

import pytest

from domain.actor import Role, Staff
from domain.errors import DomainError
from domain.training import actions
from domain.training.approving import LONGEST_NUMBER, Given
from models.audit import AuditEntry
from models.columns import new_id
from models.training import ClassEvent, TrainingClass
from tests.integration.training.conftest import Trial
from tests.integration.training.test_pages import opened, read, send, words_of

CITY = Staff(new_id(), Role.CITY_OFFICER)
NUMBER = "聊培备〔2026〕12号"


async def approve(trial: Trial, given: Given, actor: Staff | None = None) -> str:
    """The refusal's code; "" where it is agreed."""
    try:
        await trial.take(actions.approve_class, actor=actor, given=given)
    except DomainError as error:
        return error.code
    return ""


async def test_it_stays_in_the_history(trial: Trial) -> None:
    await trial.lead_to("filed")
    await TrainingClass.filter(id=trial.id).update(is_project=True)
    assert await approve(trial, Given(f"  {NUMBER} ", city_run=True), CITY) == ""
    facts = {"filing_number": NUMBER, "city_run": True}
    assert (await ClassEvent.get(training_class_id=trial.id, kind="approve")).facts == facts
    entry = await AuditEntry.get(about_id=trial.id, event="class.approve")
    assert facts.items() <= entry.facts.items()


async def test_nothing_said_is_nothing_kept(trial: Trial) -> None:
    await trial.lead_to("filed")
    assert await approve(trial, Given(" ")) == ""
    assert (await ClassEvent.get(training_class_id=trial.id, kind="approve")).facts == {}


@pytest.mark.parametrize(
    ("given", "project", "city", "code"),
    [
        # A county does not speak for the city, and what is no project is in no such table.
        (Given(city_run=True), True, False, "no_permission"),
        (Given(city_run=True), False, True, "no_permission"),
        (Given(city_run=True), True, True, ""),
        (Given("1" * LONGEST_NUMBER), False, False, ""),
        (Given("1" * (LONGEST_NUMBER + 1)), False, False, "class_details_wrong"),
    ],
)
async def test_who_may_say_what(
    trial: Trial, given: Given, project: bool, city: bool, code: str
) -> None:
    await trial.lead_to("filed")
    await TrainingClass.filter(id=trial.id).update(is_project=project)
    assert await approve(trial, given, CITY if city else None) == code
    status = (await TrainingClass.get(id=trial.id)).status
    assert status == ("filed" if code else "approved")


async def test_the_office_writes_it_on_the_page(trial: Trial, officer: Staff) -> None:
    row = await trial.lead_to("filed")
    await TrainingClass.filter(id=row.id).update(is_project=True)
    path = f"/{row.id}"
    async with opened(officer) as client:
        page = await read(client, path)
        assert 'name="filing_number"' in page and 'name="city_run"' not in page
    async with opened(replace(CITY)) as client:
        assert 'name="city_run"' in await read(client, path)
        await send(
            *(client, f"{path}/approve"),
            version=str(row.version),
            filing_number=NUMBER,
            city_run="1",
        )
        page = words_of(await read(client, path))
        assert f"备案号 {NUMBER}" in page and f"备案号{NUMBER}；市直组织" in page
