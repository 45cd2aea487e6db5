"""From a name and a password to a session, and who does not get there."""

import asyncio
from dataclasses import replace

import pytest

from domain.actor import Role, System
from domain.audit.verifying import verify_log
from domain.errors import DomainError
from domain.staff.actions import create_account, disable_account
from domain.staff.browsers import Whence
from domain.staff.passwords import Hasher
from domain.staff.rules import Post, Step
from domain.staff.second_factor import code_at
from domain.staff.sessions import find_signed_in
from domain.staff.signing_in import (
    enter_code,
    offer_second_factor,
    replace_temporary_password,
    set_up_second_factor,
)
from domain.staff.tools import StaffTools
from models.audit import AuditEntry
from models.staff import StaffAccount, StaffSession
from tests.integration.staff.conftest import (
    HOME,
    NOW,
    OWN_BROWSER,
    PASSWORD,
    InterruptedHasher,
    enrol,
    enter,
    later,
    make_account,
    sign_in,
)


async def refusal(entering: object) -> DomainError:
    with pytest.raises(DomainError) as refused:
        await entering  # type: ignore[misc]
    return refused.value


async def test_the_first_time_a_second_factor_is_set_up(database: str, tools: StaffTools) -> None:
    actor = await make_account(tools, "wang.min", Role.HOTLINE)
    secret, done = await enrol(tools, "  Wang.Min ")
    found = await find_signed_in(tools, done.token, NOW)
    assert found is not None and (found.actor, found.name) == (actor, "王敏")
    # From then on the code is asked for, and the password alone opens nothing.
    entered = await enter(tools, "wang.min", now=later(minutes=1))
    assert entered.step is Step.CODE
    assert await find_signed_in(tools, entered.token, later(minutes=1)) is None
    done = await sign_in(tools, "wang.min", secret, later(minutes=2))
    assert await find_signed_in(tools, done.token, later(minutes=2)) is not None
    events = [entry.event for entry in await AuditEntry.all().order_by("id")]
    assert events == [
        *("staff.create", "staff.set_second_factor", "session.begin", "session.begin")
    ]
    assert (await verify_log()).fault is None


async def test_nothing_of_it_can_be_read_in_the_tables(database: str, tools: StaffTools) -> None:
    await make_account(tools, "wang.min")
    secret, done = await enrol(tools, "wang.min")
    account, session = await StaffAccount.get(), await StaffSession.get()
    kept = repr({**account.__dict__, **session.__dict__})
    for said in (PASSWORD, "王敏", secret, done.token):
        assert said not in kept
    assert account.password_hash.startswith("$argon2id$")


async def test_each_step_makes_the_token_of_the_one_before_worthless(
    database: str, tools: StaffTools
) -> None:
    await make_account(tools, "wang.min")
    secret, _ = await enrol(tools, "wang.min")
    entered = await enter(tools, "wang.min", now=later(minutes=2))
    code = code_at(secret, later(minutes=2))
    await enter_code(tools, token=entered.token, code=code, whence=HOME, now=later(minutes=2))
    again = code_at(secret, later(minutes=3))
    refused = await refusal(
        enter_code(tools, token=entered.token, code=again, whence=HOME, now=later(minutes=3))
    )
    assert refused.code == "sign_in_again"


async def test_no_step_is_skipped(database: str, tools: StaffTools) -> None:
    await make_account(tools, "wang.min")
    entered = await enter(tools, "wang.min")
    for step in (
        enter_code(tools, token=entered.token, code="000000", whence=HOME, now=NOW),
        replace_temporary_password(
            tools, token=entered.token, password="另一个够长的好密码在这里呢", whence=HOME, now=NOW
        ),
        set_up_second_factor(tools, token=entered.token, code="000000", whence=HOME, now=NOW),
        offer_second_factor(tools, token="nobody's", now=NOW),
    ):
        assert (await refusal(step)).code == "sign_in_again"
    assert await find_signed_in(tools, entered.token, NOW) is None


async def test_a_wrong_first_code_sets_nothing_up(database: str, tools: StaffTools) -> None:
    await make_account(tools, "wang.min")
    entered = await enter(tools, "wang.min")
    secret, username = await offer_second_factor(tools, token=entered.token, now=NOW)
    assert username == "wang.min"
    assert (await offer_second_factor(tools, token=entered.token, now=NOW))[0] == secret
    wrong = f"{(int(code_at(secret, NOW)) + 1) % 1_000_000:06}"
    refused = await refusal(
        set_up_second_factor(tools, token=entered.token, code=wrong, whence=HOME, now=NOW)
    )
    assert refused.code == "second_factor_wrong"
    assert (await StaffAccount.get()).totp_sealed is None


async def test_a_code_is_good_once(database: str, tools: StaffTools) -> None:
    await make_account(tools, "wang.min")
    secret, _ = await enrol(tools, "wang.min")
    now = later(minutes=5)
    await sign_in(tools, "wang.min", secret, now)
    refused = await refusal(sign_in(tools, "wang.min", secret, now))
    assert (refused.code, refused.facts["about"]) == ("second_factor_wrong", "used")
    # Nor is the one of the step before, which would be within the drift.
    entered = await enter(tools, "wang.min", now=now)
    before = code_at(secret, later(minutes=4, seconds=30))
    refused = await refusal(
        enter_code(tools, token=entered.token, code=before, whence=HOME, now=now)
    )
    assert refused.code == "second_factor_wrong"


async def test_of_one_code_sent_twice_at_once_one_counts(database: str, tools: StaffTools) -> None:
    await make_account(tools, "wang.min")
    secret, _ = await enrol(tools, "wang.min")
    now = later(minutes=5)
    tokens = [(await enter(tools, "wang.min", now=now)).token for _ in range(2)]
    code = code_at(secret, now)
    results = await asyncio.gather(
        *(enter_code(tools, token=token, code=code, whence=HOME, now=now) for token in tokens),
        return_exceptions=True,
    )
    assert sum(isinstance(result, DomainError) for result in results) == 1, results


@pytest.mark.parametrize("off", [-30, 30])
async def test_a_phone_half_a_minute_off_is_good_enough(
    database: str, tools: StaffTools, off: int
) -> None:
    await make_account(tools, "wang.min")
    secret, _ = await enrol(tools, "wang.min")
    now = later(minutes=5)
    entered = await enter(tools, "wang.min", now=now)
    code = code_at(secret, later(minutes=5, seconds=off))
    done = await enter_code(
        tools, token=entered.token, code=code[:3] + " " + code[3:], whence=HOME, now=now
    )
    assert done.step is Step.DONE


async def test_after_five_wrong_codes_it_begins_with_the_password(
    database: str, tools: StaffTools
) -> None:
    await make_account(tools, "wang.min")
    secret, _ = await enrol(tools, "wang.min")
    entered = await enter(tools, "wang.min", whence=OWN_BROWSER, now=later(minutes=5))
    codes = []
    for number in range(5):
        # Slow enough for no pause.
        now = later(minutes=5, seconds=number)
        refused = await refusal(
            enter_code(tools, token=entered.token, code="", whence=Whence(f"{number}"), now=now)
        )
        codes.append(refused.code)
    assert codes == ["second_factor_wrong"] * 4 + ["sign_in_again"]
    code = code_at(secret, later(minutes=6))
    refused = await refusal(
        enter_code(tools, token=entered.token, code=code, whence=HOME, now=later(minutes=6))
    )
    assert refused.code == "sign_in_again"


async def test_a_temporary_password_is_replaced_first(database: str, tools: StaffTools) -> None:
    issued = await create_account(
        System("trial"), tools, username="li.na", name="李娜", post=Post(Role.EDITOR), now=NOW
    )
    temporary = issued.temporary_password
    assert temporary is not None
    entered = await enter(tools, "li.na", temporary)
    assert entered.step is Step.NEW_PASSWORD
    other = await enter(tools, "li.na", temporary)

    async def replace(password: str, token: str = entered.token) -> Step:
        return (
            await replace_temporary_password(
                tools, token=token, password=password, whence=HOME, now=NOW
            )
        ).step

    for password, code in [
        ("kurz", "password_too_short"),
        ("liaocheng2026", "password_common"),
        ("李娜 li.na 2026", "password_common"),
        ("长" * 129, "password_too_long"),
        (temporary, "password_same"),
    ]:
        assert (await refusal(replace(password))).code == code
    assert await replace(PASSWORD) is Step.SECOND_FACTOR
    # Whoever else had come in by it is out, and it is worth nothing more.
    assert (
        await refusal(replace("又一个足够长的好密码在这里", other.token))
    ).code == "sign_in_again"
    assert (await refusal(enter(tools, "li.na", temporary))).code == "sign_in_failed"
    assert (await enter(tools, "li.na")).step is Step.SECOND_FACTOR


async def test_a_temporary_password_ends_after_three_days(database: str, tools: StaffTools) -> None:
    issued = await create_account(
        System("trial"), tools, username="li.na", name="李娜", post=Post(Role.EDITOR), now=NOW
    )
    assert issued.temporary_password is not None
    now = later(days=3)
    refused = await refusal(enter(tools, "li.na", issued.temporary_password, now=now))
    assert refused.code == "temporary_password_expired"
    assert (await refusal(enter(tools, "li.na", "wrong", now=now))).code == "sign_in_failed"


async def test_hashes_of_other_parameters_are_made_anew(database: str, tools: StaffTools) -> None:
    await make_account(tools, "wang.min")
    before = (await StaffAccount.get()).password_hash
    stronger = Hasher(time_cost=2, memory_kib=128, parallelism=1)
    try:
        await enter(replace(tools, hasher=stronger), "wang.min")
        after = (await StaffAccount.get()).password_hash
        assert after != before and not stronger.is_outdated(after)
        await enter(replace(tools, hasher=stronger), "wang.min")
        assert (await StaffAccount.get()).password_hash == after
    finally:
        stronger.close()


async def test_what_looks_alike_is_one_password(database: str, tools: StaffTools) -> None:
    """A keyboard may compose é in two ways, and type digits in full width."""
    await make_account(tools, "wang.min", password="caf\u00e9 um halb ７ Uhr")
    assert await enter(tools, "wang.min", "cafe\u0301 um halb 7 Uhr")


async def test_a_password_of_strange_signs_harms_nothing(database: str, tools: StaffTools) -> None:
    await make_account(tools, "wang.min")
    for password in ("\ud800", "\0", "", "长" * 10_000):
        assert (await refusal(enter(tools, "wang.min", password))).code in (
            "sign_in_failed",
            "sign_in_paused",
        )


async def test_accounts_of_the_demo_enter_the_sandbox_alone(
    database: str, tools: StaffTools, in_sandbox: StaffTools
) -> None:
    await make_account(tools, "demo.officer", Role.EDITOR, password="zhipeitong", demo=True)
    done = await enter(in_sandbox, "demo.officer", "zhipeitong")
    assert done.step is Step.DONE
    assert await find_signed_in(in_sandbox, done.token, NOW) is not None
    assert await find_signed_in(tools, done.token, NOW) is None
    assert (await refusal(enter(tools, "demo.officer", "zhipeitong"))).code == "sign_in_failed"


async def test_too_many_hashes_at_once_are_refused(hasher: Hasher) -> None:
    hasher._waiting = 32
    with pytest.raises(DomainError, match="slow_down"):
        await hasher.matches(None, "x")


@pytest.mark.parametrize("what", ["disabled", "reset"])
async def test_what_changes_while_the_password_is_checked_counts(
    database: str, tools: StaffTools, what: str
) -> None:
    actor = await make_account(tools, "wang.min")
    other = await tools.hasher.hash("another one")

    async def meanwhile() -> None:
        if what == "disabled":
            await disable_account(System("trial"), account_id=actor.id, now=NOW)
        else:
            await StaffAccount.filter(id=actor.id).update(password_hash=other)

    hasher = InterruptedHasher(meanwhile)
    try:
        refused = await refusal(enter(replace(tools, hasher=hasher), "wang.min"))
    finally:
        hasher.close()
    assert refused.code == "sign_in_failed"
    assert await StaffSession.all().count() == 0
