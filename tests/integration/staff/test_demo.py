"""The staff of the demo: there for everybody in the sandbox, and for nobody elsewhere."""

from pathlib import Path

from demo.institutions import Institutions
from demo.staff import PASSWORD, Staff, seed_institution_staff
from demo.world import World, make_world
from domain.actor import Role, System
from domain.staff.actions import disable_account
from domain.staff.rules import Step
from domain.staff.sessions import find_signed_in
from domain.staff.tools import StaffTools
from jobs.staff import purge
from models.staff import StaffAccount, StaffSession
from tests.integration.staff.conftest import NOW, VAULT, enter, later, make_institution
from tests.support import make_settings


def world_at(var: Path) -> World:
    settings = make_settings("postgres://localhost/none", "redis://127.0.0.1:9", var)
    return make_world(settings, VAULT, "http://127.0.0.1:8080", NOW)


def school_of(described: object, username: str) -> str:
    return next(one["institution"] for one in described if one["username"] == username)  # type: ignore


async def test_every_role_and_every_county(
    database: str, in_sandbox: StaffTools, tmp_path: Path
) -> None:
    world, area = world_at(tmp_path), Staff()
    await area.seed(world)
    school = await make_institution("371521", "阳谷校")
    await seed_institution_staff(world, {1: school})
    described = (await area.describe(world))["staff"]
    roles = {one["role"] for one in described}  # type: ignore[index]
    assert roles == {role.value for role in Role} - {
        *("visitor", "trainee", "employer_contact", "system")
    }
    counties = [one["county"] for one in described if one["role"] == "county_officer"]  # type: ignore[index]
    assert len(set(counties)) == 8
    for one in described:
        done = await enter(in_sandbox, one["username"], one["password"])  # type: ignore[index]
        assert done.step is Step.DONE
        assert await find_signed_in(in_sandbox, done.token, NOW) is not None
    account = await StaffAccount.get(username="school01")
    assert (account.institution_id, account.county) == (school, "371521")
    assert school_of(described, "school01") == str(school)


async def test_each_institution_of_the_demo_has_somebody(database: str, tmp_path: Path) -> None:
    world = world_at(tmp_path)
    await Institutions().seed(world)
    await Staff().seed(world)
    described = (await Staff().describe(world))["staff"]
    listed = (await Institutions().describe(world))["institutions"]
    ids = {one["id"] for one in listed}  # type: ignore[attr-defined]
    assert {one["institution"] for one in described} - {None} == ids and len(ids) == 12  # type: ignore[index]


async def test_a_second_start_changes_nothing(database: str, tmp_path: Path) -> None:
    world, area = world_at(tmp_path), Staff()
    await area.seed(world)
    editor = await StaffAccount.get(username="editor")
    await disable_account(System("trial"), account_id=editor.id, now=NOW)
    before = await StaffAccount.all().order_by("id").values()
    await area.seed(world)
    assert await StaffAccount.all().order_by("id").values() == before
    described = (await area.describe(world))["staff"]
    assert "editor" not in {one["username"] for one in described}  # type: ignore[index]


async def test_the_password_is_no_secret_and_refused_elsewhere(
    database: str, tools: StaffTools, tmp_path: Path
) -> None:
    from domain.errors import DomainError

    await Staff().seed(world_at(tmp_path))
    try:
        await enter(tools, "supervisor", PASSWORD)
    except DomainError as error:
        assert error.code == "sign_in_failed"
    else:
        raise AssertionError("signed in outside of the sandbox")


async def test_every_night_what_is_over_goes(
    database: str, in_sandbox: StaffTools, tmp_path: Path
) -> None:
    from domain.staff.attempts import purge_tries
    from domain.staff.sessions import purge_sessions

    await Staff().seed(world_at(tmp_path))
    await enter(in_sandbox, "supervisor", PASSWORD)
    assert purge.name == "staff.purge"
    assert (await purge_sessions(NOW), await purge_tries(NOW)) == (0, 0)
    assert await purge_sessions(later(hours=9)) == 1
    assert await purge_tries(later(days=2)) == 1
    assert await StaffSession.all().count() == 0
