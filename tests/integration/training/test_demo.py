"""The demo's classes: in every state, of every programme, and one with a session at each start."""

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from assembly.outside import make_vault
from content.schema import Content
from demo.class_plans import PLANS
from demo.classes import Classes, choose_people
from demo.employers import Employers
from demo.institutions import Institutions
from demo.open_session import OPEN_FOR
from demo.people import People
from demo.world import World, make_world
from domain.calendar import LOCAL
from domain.training.life import Status
from models.enrolments import Enrolment, Informed
from models.training import ClassEvent, ClassSession, TrainingClass
from settings import read_settings
from tests.support import make_environment

NOW = datetime(2026, 11, 30, 9, tzinfo=LOCAL)


def world_of(database: str, var: Path, now: datetime = NOW) -> World:
    settings = read_settings(make_environment(database, "redis://127.0.0.1:9", var))
    return make_world(settings, make_vault(settings), "http://127.0.0.1:8080", now)


async def start(database: str, var: Path, now: datetime = NOW) -> Any:
    """What a start of the demo at `now` describes."""
    world, classes = world_of(database, var, now), Classes()
    if not await TrainingClass.all().exists():
        await People().seed(world)
        await Institutions().seed(world)
        await Employers().seed(world)
    await classes.seed(world)
    return await classes.describe(world)


async def test_twenty_classes_in_every_state(
    database: str, tmp_path: Path, content: Content
) -> None:
    described = await start(database, tmp_path)
    rows = await TrainingClass.all().order_by("id")
    assert described["classes"] == [
        {"id": str(row.id), "title": row.title, "status": row.status} for row in rows
    ]
    assert len(rows) == 20
    assert {row.status for row in rows} == {status.value for status in Status}
    assert {row.programme for row in rows} == {one.key for one in content.programmes}
    assert any(row.employer_id for row in rows)
    assert [row.title for row in rows if row.flagged_at] == ["手工编织（非遗）第1期"]
    for row, plan in zip(rows, PLANS, strict=True):
        sittings = await ClassSession.filter(training_class_id=row.id).count()
        if row.plan and not plan.lasting:
            assert f"共{sittings}次课" in row.plan and row.hours == 4 * sittings, row.title
        assert "67天" not in row.plan
    # Everybody was told what their class has to tell (L12), but for two of one that is filed.
    owed = await Informed.filter(state="owed").prefetch_related("enrolment__training_class")
    classes = {one.enrolment.training_class.status for one in owed}
    assert len(owed) == 2 and classes == {"filed"}
    assert not await Informed.filter(told_at__gt=NOW).exists()
    # Whoever tries the demo finds somebody who may check in, however they are bound.
    described = await People().describe(world_of(database, tmp_path))
    lasting = {str(row.id) for row, plan in zip(rows, PLANS, strict=True) if plan.lasting}
    both = [one for one in described["people"] if set(one["enrolled"]) == lasting]  # type: ignore[index]
    assert {one["bound"] for one in both} == {True, False}  # type: ignore[index]
    # Of everybody in a class that is put away it is said whether they were there to the end.
    archived = Enrolment.filter(training_class__status="archived").exclude(status="withdrawn")
    away = [(one.status, one.unfinished) for one in await archived]
    assert set(away) == {("completed", False), ("confirmed", True)}
    assert Counter(away)["completed", False] > 10
    # Nothing has happened later than now, and each class's steps follow one another.
    for row in rows:
        events = await ClassEvent.filter(training_class_id=row.id).order_by("version")
        times = [event.made_at for event in events]
        assert times == sorted(times) and times[-1] <= NOW
        assert [event.version for event in events] == list(range(1, row.version + 1))


async def test_a_second_start_changes_nothing(database: str, tmp_path: Path) -> None:
    first = await start(database, tmp_path)
    events, people = await ClassEvent.all().count(), await Enrolment.all().count()
    assert await start(database, tmp_path, NOW + timedelta(hours=1)) == first
    assert await ClassEvent.all().count() == events
    assert await Enrolment.all().count() == people


async def test_a_session_is_open_at_each_start(database: str, tmp_path: Path) -> None:
    """However long the pauses between them are, and whatever the hour."""
    places = Counter[str]()
    now = NOW
    for pause in (0, 2, 6, 1, 7.9, 0.5, 14, 24 * 20, 24 * 70):
        now += timedelta(hours=pause)
        told = (await start(database, tmp_path, now))["open_session"]
        session = await ClassSession.get(id=told["id"]).prefetch_related("training_class")
        assert session.starts_at <= now and now + OPEN_FOR <= session.ends_at
        row = session.training_class
        assert (row.status, str(row.id)) == ("open", told["class_id"])
        assert (row.latitude, row.longitude) == (told["latitude"], told["longitude"])
        assert row.starts_on and row.ends_on and row.starts_on <= now.date() <= row.ends_on
        places[told["id"]] += 1
    # A session that goes on long enough stays the one.
    assert max(places.values()) > 1


def test_nobody_is_in_two_classes_but_in_those_that_last() -> None:
    people = [
        number
        for plan, own in zip(PLANS, choose_people(), strict=True)
        if not plan.lasting
        for number in own
    ]
    assert len(set(people)) == len(people)
    assert all(len(own) == plan.people for plan, own in zip(PLANS, choose_people(), strict=True))


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.title)
def test_a_plan_names_who_holds_it(plan: Any) -> None:
    from demo.employers import list_firms
    from demo.institutions import INSTITUTIONS

    names = [one[0] for one in INSTITUTIONS] + [name for name, _, _ in list_firms()]
    assert len([name for name in names if name.startswith(plan.holder)]) == 1
