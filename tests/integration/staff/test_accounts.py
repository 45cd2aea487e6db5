"""What is done to accounts, by whom, and what ends with it."""

import asyncio
from datetime import datetime
from uuid import UUID

import pytest

from domain.actor import Role, Staff
from domain.audit.verifying import verify_log
from domain.errors import DomainError
from domain.staff.actions import (
    ask_reset,
    change_post,
    confirm_reset,
    create_account,
    disable_account,
    enable_account,
    refuse_reset,
)
from domain.staff.queries import get_account, list_accounts, list_open_resets
from domain.staff.rules import Post, Step
from domain.staff.sessions import find_signed_in
from domain.staff.tools import StaffTools
from models.audit import AuditEntry
from models.columns import new_id
from models.staff import StaffAccount, StaffReset, StaffSession
from tests.integration.staff.conftest import (
    DONGCHANGFU,
    NOW,
    YANGGU,
    enrol,
    enter,
    later,
    make_account,
    make_institution,
    sign_in,
)

OTHER = "从南门走到湖边要半个小时"


async def code_of(doing: object) -> str:
    with pytest.raises(DomainError) as refused:
        await doing  # type: ignore[misc]
    return refused.value.code


async def two_supervisors(tools: StaffTools) -> tuple[Staff, Staff]:
    return (
        await make_account(tools, "boss.one", Role.SUPERVISOR),
        await make_account(tools, "boss.two", Role.SUPERVISOR),
    )


async def signed_in(tools: StaffTools, token: str, now: datetime = NOW) -> bool:
    return await find_signed_in(tools, token, now) is not None


@pytest.mark.parametrize("role", [role for role in Role if role.value not in (
    "supervisor", "visitor", "trainee", "employer_contact", "system")])  # fmt: skip
async def test_only_a_supervisor_makes_accounts(
    database: str, tools: StaffTools, role: Role
) -> None:
    actor = Staff(new_id(), role, county=DONGCHANGFU, institution=new_id())
    post = Post(Role.HOTLINE)
    making = create_account(actor, tools, username="x.y.z", name="某", post=post, now=NOW)
    assert await code_of(making) == "no_permission"
    target = (await make_account(tools, "li.na", county=DONGCHANGFU)).id
    for doing in (
        change_post(actor, tools, account_id=target, post=post, now=NOW),
        disable_account(actor, account_id=target, now=NOW),
        enable_account(actor, account_id=target, now=NOW),
        confirm_reset(actor, tools, reset_id=new_id(), now=NOW),
        refuse_reset(actor, reset_id=new_id(), now=NOW),
    ):
        assert await code_of(doing) == "no_permission"


@pytest.mark.parametrize(
    ("username", "name", "post", "code"),
    [
        ("ab", "李娜", Post(Role.HOTLINE), "username_unfit"),
        ("李娜", "李娜", Post(Role.HOTLINE), "username_unfit"),
        ("li na", "李娜", Post(Role.HOTLINE), "username_unfit"),
        ("LI.NA", "李娜", Post(Role.HOTLINE), "username_taken"),
        ("li.mei", " ", Post(Role.HOTLINE), "staff_name_missing"),
        ("li.mei", "李梅", Post(Role.TRAINEE), "staff_role_unfit"),
        ("li.mei", "李梅", Post(Role.COUNTY_OFFICER), "staff_county_missing"),
        ("li.mei", "李梅", Post(Role.COUNTY_OFFICER, "110101"), "staff_county_unfit"),
        ("li.mei", "李梅", Post(Role.INSTITUTION), "staff_institution_missing"),
        ("li.mei", "李梅", Post(Role.INSTITUTION, "", UUID(int=1)), "staff_institution_unfit"),
        ("li.mei", "李梅", Post(Role.HOTLINE, "", UUID(int=1)), "staff_institution_unfit"),
    ],
)
async def test_what_no_account_can_be(
    database: str, tools: StaffTools, username: str, name: str, post: Post, code: str
) -> None:
    boss, _ = await two_supervisors(tools)
    await make_account(tools, "li.na")
    before = await StaffAccount.all().count()
    making = create_account(boss, tools, username=username, name=name, post=post, now=NOW)
    assert await code_of(making) == code
    assert await StaffAccount.all().count() == before


async def test_another_role_ends_all_sessions(database: str, tools: StaffTools) -> None:
    boss, _ = await two_supervisors(tools)
    actor = await make_account(tools, "li.na", Role.CITY_OFFICER)
    secret, first = await enrol(tools, "li.na")
    second = await sign_in(tools, "li.na", secret, later(minutes=1))
    half = await enter(tools, "li.na", now=later(minutes=1))
    post = Post(Role.COUNTY_OFFICER, DONGCHANGFU)
    await change_post(boss, tools, account_id=actor.id, post=post, now=later(minutes=2))
    for entered in (first, second, half):
        assert not await signed_in(tools, entered.token, later(minutes=2))
    assert await StaffSession.filter(account_id=actor.id).count() == 0
    entry = await AuditEntry.get(event="staff.change_post")
    assert entry.facts["role_before"] == "city_officer" and entry.facts["role"] == "county_officer"
    assert (entry.facts["sessions_ended"], entry.actor) == (3, boss.key)
    # Who signs in again acts in the new role.
    done = await sign_in(tools, "li.na", secret, later(minutes=4))
    found = await find_signed_in(tools, done.token, later(minutes=4))
    assert found is not None
    assert (found.actor.role, found.actor.county) == (Role.COUNTY_OFFICER, DONGCHANGFU)


async def test_a_post_that_stays_ends_nothing(database: str, tools: StaffTools) -> None:
    boss, _ = await two_supervisors(tools)
    actor = await make_account(tools, "li.na", Role.EDITOR)
    _, done = await enrol(tools, "li.na")
    await change_post(boss, tools, account_id=actor.id, post=Post(Role.EDITOR), now=NOW)
    assert await signed_in(tools, done.token)


async def test_disabled_is_out_until_enabled(database: str, tools: StaffTools) -> None:
    boss, _ = await two_supervisors(tools)
    actor = await make_account(tools, "li.na")
    secret, done = await enrol(tools, "li.na")
    await disable_account(boss, account_id=actor.id, now=NOW)
    assert not await signed_in(tools, done.token)
    assert await code_of(enter(tools, "li.na")) == "sign_in_failed"
    await enable_account(boss, account_id=actor.id, now=NOW)
    assert not await signed_in(tools, done.token)
    assert (await sign_in(tools, "li.na", secret, later(minutes=1))).step is Step.DONE


async def test_nobody_changes_their_own_account(database: str, tools: StaffTools) -> None:
    boss, _ = await two_supervisors(tools)
    post = Post(Role.EDITOR)
    for doing in (
        change_post(boss, tools, account_id=boss.id, post=post, now=NOW),
        disable_account(boss, account_id=boss.id, now=NOW),
    ):
        assert await code_of(doing) == "own_account"


async def test_one_supervisor_is_left_whatever_two_do_at_once(
    database: str, tools: StaffTools
) -> None:
    one, two = await two_supervisors(tools)
    results = await asyncio.gather(
        disable_account(one, account_id=two.id, now=NOW),
        change_post(two, tools, account_id=one.id, post=Post(Role.EDITOR), now=NOW),
        return_exceptions=True,
    )
    codes = [result.code for result in results if isinstance(result, DomainError)]
    assert codes == ["last_supervisor"], results
    assert await StaffAccount.filter(role="supervisor", disabled_at=None).count() == 1


async def test_a_reset_takes_two_officers(database: str, tools: StaffTools) -> None:
    one, two = await two_supervisors(tools)
    actor = await make_account(tools, "li.na")
    _, done = await enrol(tools, "li.na")
    reset = await ask_reset(
        one, tools, account_id=actor.id, what="both", reason="当面核对过工作证", now=NOW
    )
    # Nothing has happened yet, and the same officer cannot go on.
    assert await signed_in(tools, done.token)
    assert (
        await code_of(confirm_reset(one, tools, reset_id=reset, now=NOW)) == "reset_needs_another"
    )
    (shown,) = await list_open_resets(two, tools, NOW)
    assert (shown.reason, shown.username) == ("当面核对过工作证", "li.na")
    assert shown.asked_by_name == "王敏（boss.one）"
    issued = await confirm_reset(two, tools, reset_id=reset, now=NOW)
    assert not await signed_in(tools, done.token)
    assert await code_of(enter(tools, "li.na")) == "sign_in_failed"
    assert issued.temporary_password is not None
    assert (await enter(tools, "li.na", issued.temporary_password)).step is Step.NEW_PASSWORD
    # Decided is decided.
    assert await code_of(confirm_reset(two, tools, reset_id=reset, now=NOW)) == "reset_decided"
    assert await code_of(refuse_reset(two, reset_id=reset, now=NOW)) == "reset_decided"
    kept = repr((await StaffReset.get()).__dict__) + repr(
        (await StaffAccount.get(id=actor.id)).__dict__
    )
    assert "工作证" not in kept and issued.temporary_password not in kept
    assert (await verify_log()).fault is None


async def test_a_lost_second_factor_alone_leaves_the_password(
    database: str, tools: StaffTools
) -> None:
    one, two = await two_supervisors(tools)
    actor = await make_account(tools, "li.na")
    await enrol(tools, "li.na")
    reset = await ask_reset(
        one, tools, account_id=actor.id, what="second_factor", reason="手机丢了", now=NOW
    )
    issued = await confirm_reset(two, tools, reset_id=reset, now=NOW)
    assert issued.temporary_password is None
    assert (await enter(tools, "li.na")).step is Step.SECOND_FACTOR


async def test_a_lost_password_alone_leaves_the_second_factor(
    database: str, tools: StaffTools
) -> None:
    """So the temporary password alone, which two officers have seen, opens nothing."""
    one, two = await two_supervisors(tools)
    actor = await make_account(tools, "li.na")
    await enrol(tools, "li.na")
    reset = await ask_reset(
        one, tools, account_id=actor.id, what="password", reason="忘了", now=NOW
    )
    issued = await confirm_reset(two, tools, reset_id=reset, now=NOW)
    assert issued.temporary_password is not None
    assert (await enter(tools, "li.na", issued.temporary_password)).step is Step.CODE


async def test_nobody_gets_in_by_a_reset_that_they_had_a_part_in(
    database: str, tools: StaffTools
) -> None:
    one, two = await two_supervisors(tools)
    asking = ask_reset(one, tools, account_id=one.id, what="both", reason="我忘了", now=NOW)
    assert await code_of(asking) == "reset_own"
    reset = await ask_reset(one, tools, account_id=two.id, what="both", reason="他忘了", now=NOW)
    assert (
        await code_of(confirm_reset(two, tools, reset_id=reset, now=NOW)) == "reset_needs_another"
    )


async def test_a_refused_reset_changes_nothing(database: str, tools: StaffTools) -> None:
    one, two = await two_supervisors(tools)
    actor = await make_account(tools, "li.na")
    _, done = await enrol(tools, "li.na")
    reset = await ask_reset(one, tools, account_id=actor.id, what="both", reason="?", now=NOW)
    again = ask_reset(two, tools, account_id=actor.id, what="both", reason="?", now=NOW)
    assert await code_of(again) == "reset_open"
    await refuse_reset(two, reset_id=reset, now=NOW)
    assert await signed_in(tools, done.token)
    assert await list_open_resets(two, tools, NOW) == []


async def test_a_reset_that_waits_too_long_is_void(database: str, tools: StaffTools) -> None:
    one, two = await two_supervisors(tools)
    actor = await make_account(tools, "li.na")
    reset = await ask_reset(one, tools, account_id=actor.id, what="both", reason="?", now=NOW)
    now = later(days=3)
    assert await code_of(confirm_reset(two, tools, reset_id=reset, now=now)) == "reset_expired"
    assert await list_open_resets(two, tools, now) == []
    # And another may be asked for.
    await ask_reset(one, tools, account_id=actor.id, what="both", reason="?", now=now)


async def test_of_two_who_decide_at_once_one_does(database: str, tools: StaffTools) -> None:
    one, two = await two_supervisors(tools)
    three = await make_account(tools, "boss.three", Role.SUPERVISOR)
    actor = await make_account(tools, "li.na")
    reset = await ask_reset(one, tools, account_id=actor.id, what="both", reason="?", now=NOW)
    results = await asyncio.gather(
        confirm_reset(two, tools, reset_id=reset, now=NOW),
        refuse_reset(three, reset_id=reset, now=NOW),
        return_exceptions=True,
    )
    assert len([result for result in results if isinstance(result, DomainError)]) == 1, results


async def test_a_county_sees_and_asks_for_its_own_alone(database: str, tools: StaffTools) -> None:
    officer = await make_account(tools, "officer", Role.COUNTY_OFFICER, DONGCHANGFU)
    school = await make_institution(DONGCHANGFU)
    own = await make_account(tools, "own", Role.INSTITUTION, institution=school)
    other = await make_account(tools, "other", Role.COUNTY_OFFICER, YANGGU)
    boss = await make_account(tools, "boss", Role.SUPERVISOR)
    page = await list_accounts(officer, tools)
    assert [account.username for account in page.rows] == ["officer", "own"]
    assert (await get_account(officer, tools, own.id)).username == "own"
    for hidden in (other.id, boss.id, new_id()):
        assert await code_of(get_account(officer, tools, hidden)) == "not_found"
        asking = ask_reset(officer, tools, account_id=hidden, what="both", reason="?", now=NOW)
        assert await code_of(asking) == "not_found"
    await ask_reset(boss, tools, account_id=other.id, what="both", reason="?", now=NOW)
    assert await list_open_resets(officer, tools, NOW) == []
    reset = await ask_reset(officer, tools, account_id=own.id, what="both", reason="?", now=NOW)
    assert len(await list_open_resets(officer, tools, NOW)) == 1
    assert (await confirm_reset(boss, tools, reset_id=reset, now=NOW)).username == "own"
    nowhere = Staff(new_id(), Role.COUNTY_OFFICER)
    assert (await list_accounts(nowhere, tools)).rows == []


async def test_accounts_are_found_by_what_they_are(database: str, tools: StaffTools) -> None:
    boss, _ = await two_supervisors(tools)
    await make_account(tools, "a.county", Role.COUNTY_OFFICER, YANGGU)
    gone = await make_account(tools, "b.editor", Role.EDITOR)
    await disable_account(boss, account_id=gone.id, now=NOW)

    async def names(**wanted: object) -> list[str]:
        page = await list_accounts(boss, tools, **wanted)  # type: ignore[arg-type]
        return [account.username for account in page.rows]

    assert await names() == ["a.county", "b.editor", "boss.one", "boss.two"]
    assert await names(role="editor") == ["b.editor"]
    assert await names(county=YANGGU) == ["a.county"]
    assert await names(disabled=True) == ["b.editor"]
    page = await list_accounts(boss, tools, limit=2)
    rest = await list_accounts(boss, tools, position=page.position, limit=2)
    assert [account.username for account in rest.rows] == ["boss.one", "boss.two"]
