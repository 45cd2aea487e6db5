"""Sessions: how long they last, and what ends them."""

from dataclasses import replace
from datetime import datetime

import pytest

from domain.errors import DomainError
from domain.staff.actions import (
    change_own_password,
    end_other_sessions,
    end_own_session,
)
from domain.staff.rules import Step
from domain.staff.sessions import find_signed_in, list_own_sessions, purge_sessions
from domain.staff.tools import StaffTools
from models.columns import new_id
from models.staff import StaffAccount
from tests.integration.staff.conftest import (
    NOW,
    PASSWORD,
    InterruptedHasher,
    enrol,
    enter,
    later,
    make_account,
    sign_in,
)

OTHER = "从南门走到湖边要半个小时"


async def code_of(doing: object) -> str:
    with pytest.raises(DomainError) as refused:
        await doing  # type: ignore[misc]
    return refused.value.code


async def signed_in(tools: StaffTools, token: str, now: datetime = NOW) -> bool:
    return await find_signed_in(tools, token, now) is not None


async def test_a_new_password_ends_the_other_sessions(database: str, tools: StaffTools) -> None:
    actor = await make_account(tools, "li.na")
    secret, first = await enrol(tools, "li.na")
    second = await sign_in(tools, "li.na", secret, later(minutes=1))
    now = later(minutes=2)
    found = await find_signed_in(tools, second.token, now)
    assert found is not None

    async def change(current: str, password: str) -> None:
        await change_own_password(
            actor, tools, session_id=found.session_id, current=current, password=password, now=now
        )

    assert await code_of(change("wrong", OTHER)) == "password_wrong"
    assert await code_of(change(PASSWORD, PASSWORD)) == "password_same"
    assert await code_of(change(PASSWORD, "zhipeitong2026")) == "password_common"
    await change(PASSWORD, OTHER)
    assert await signed_in(tools, second.token, now)
    assert not await signed_in(tools, first.token, now)
    assert await code_of(enter(tools, "li.na", now=now)) == "sign_in_failed"
    assert (await enter(tools, "li.na", OTHER, now=now)).step is Step.CODE


async def test_a_reset_while_one_changes_the_password_wins(
    database: str, tools: StaffTools
) -> None:
    actor = await make_account(tools, "li.na")
    other = await tools.hasher.hash("another one")

    async def meanwhile() -> None:
        await StaffAccount.filter(id=actor.id).update(password_hash=other)

    hasher = InterruptedHasher(meanwhile)
    try:
        changing = change_own_password(
            actor,
            replace(tools, hasher=hasher),
            session_id=new_id(),
            current=PASSWORD,
            password=OTHER,
            now=NOW,
        )
        assert await code_of(changing) == "password_wrong"
    finally:
        hasher.close()
    assert (await StaffAccount.get()).password_hash == other


async def test_a_session_ends_when_nobody_is_there_and_after_eight_hours(
    database: str, tools: StaffTools
) -> None:
    await make_account(tools, "li.na")
    _, done = await enrol(tools, "li.na")
    assert await signed_in(tools, done.token, later(minutes=29))
    assert await signed_in(tools, done.token, later(minutes=58))
    assert not await signed_in(tools, done.token, later(minutes=88))
    for minutes in range(60, 480, 20):
        assert await signed_in(tools, done.token, later(minutes=minutes))
    assert await signed_in(tools, done.token, later(hours=8, seconds=-1))
    assert not await signed_in(tools, done.token, later(hours=8))
    assert await purge_sessions(later(hours=8)) == 1


async def test_the_way_in_is_open_for_ten_minutes(database: str, tools: StaffTools) -> None:
    from domain.staff.signing_in import offer_second_factor

    await make_account(tools, "li.na")
    entered = await enter(tools, "li.na")
    await offer_second_factor(tools, token=entered.token, now=later(minutes=9))
    offering = offer_second_factor(tools, token=entered.token, now=later(minutes=10))
    assert await code_of(offering) == "sign_in_again"


async def test_one_ends_ones_own_sessions_alone(database: str, tools: StaffTools) -> None:
    actor, stranger = await make_account(tools, "li.na"), await make_account(tools, "xu.li")
    secret, first = await enrol(tools, "li.na")
    second = await sign_in(tools, "li.na", secret, later(minutes=1))
    _, other = await enrol(tools, "xu.li")
    now = later(minutes=2)
    ids = {shown.id for shown in await list_own_sessions(actor, now)}
    assert len(ids) == 2
    (foreign,) = await list_own_sessions(stranger, now)
    assert await code_of(end_own_session(actor, session_id=foreign.id, now=now)) == "not_found"
    found = await find_signed_in(tools, second.token, now)
    assert found is not None
    assert await end_other_sessions(actor, session_id=found.session_id, now=now) == 1
    assert not await signed_in(tools, first.token, now)
    assert await signed_in(tools, other.token, now)
    await end_own_session(actor, session_id=found.session_id, now=now)
    assert not await signed_in(tools, second.token, now)
    assert await signed_in(tools, other.token, now)


@pytest.mark.parametrize("token", ["", "x", "长", "\ud800", "x" * 5000])
async def test_what_is_no_token_lets_nobody_in(
    database: str, tools: StaffTools, token: str
) -> None:
    assert not await signed_in(tools, token)
