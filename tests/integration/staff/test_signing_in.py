"""From a name and a password to a session, and who does not get there."""

import asyncio
from datetime import datetime

import pytest

from domain.actor import Role, System
from domain.audit.verifying import verify_log
from domain.errors import DomainError
from domain.staff.actions import create_account, disable_account
from domain.staff.browsers import Whence, mark_browser
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
from domain.vault import Vault
from models.audit import AuditEntry
from models.staff import StaffAccount, StaffSession
from settings import DataKey
from tests.integration.staff.conftest import (
    HOME,
    NOW,
    OWN_BROWSER,
    PASSWORD,
    VAULT,
    enrol,
    enter,
    later,
    make_account,
    sign_in,
)

ELSEWHERE = Whence("198.51.100.9")


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


@pytest.mark.parametrize("username", ["wang.min", "nobody", "", "x" * 300, "王敏", "wang.gone"])
async def test_who_is_not_there_looks_like_a_wrong_password(
    database: str, tools: StaffTools, username: str
) -> None:
    await make_account(tools, "wang.min")
    gone = await make_account(tools, "wang.gone")
    await disable_account(System("trial"), account_id=gone.id, now=NOW)
    password = PASSWORD if username == "wang.gone" else "wrong"
    codes = [(await refusal(enter(tools, username, password))).code for _ in range(6)]
    assert codes == ["sign_in_failed"] * 5 + ["sign_in_paused"]


async def test_the_work_is_the_same_for_who_is_not_there(database: str, hasher: Hasher) -> None:
    """No timing: the hash is computed, with the same parameters, in both cases."""
    calls: list[str] = []
    verify = hasher._argon2.verify

    class Watching:
        def __getattr__(self, name: str) -> object:
            return getattr(original, name)

        def verify(self, hash: str, password: bytes) -> bool:
            calls.append(hash[:30])
            return verify(hash, password)

    original = hasher._argon2
    hasher._argon2 = Watching()  # type: ignore[assignment]
    real = await hasher.hash("something")
    assert not await hasher.matches(real, "wrong")
    assert not await hasher.matches(None, "wrong")
    assert not await hasher.matches(None, "nobody")
    assert len(calls) == 3 and len({call.split("$")[3] for call in calls}) == 1


async def test_pauses_grow_and_end(database: str, tools: StaffTools) -> None:
    await make_account(tools, "wang.min")

    async def wait_at(now: datetime) -> int:
        refused = await refusal(enter(tools, "wang.min", "wrong", now=now))
        if refused.code == "sign_in_failed":
            return 0
        return refused.facts["retry_after"]  # type: ignore[return-value]

    assert [await wait_at(NOW) for _ in range(6)] == [0, 0, 0, 0, 0, 30]
    assert await wait_at(later(seconds=29)) == 1
    assert [await wait_at(later(seconds=30)), await wait_at(later(seconds=30))] == [0, 60]
    assert [await wait_at(later(seconds=90)), await wait_at(later(seconds=90))] == [0, 120]
    # Never more than a quarter of an hour, and it is forgotten after an hour of peace.
    now = later(hours=0)
    for _ in range(8):
        now = later(seconds=(now - NOW).total_seconds() + 901)
        await wait_at(now)
    assert await wait_at(now) == 900
    now = later(seconds=(now - NOW).total_seconds() + 3601)
    assert [await wait_at(now), await wait_at(now)] == [0, 0]


async def test_a_pause_holds_for_the_right_password_too_and_is_written_down(
    database: str, tools: StaffTools
) -> None:
    actor = await make_account(tools, "wang.min")
    for _ in range(5):
        await refusal(enter(tools, "wang.min", "wrong"))
    assert (await refusal(enter(tools, "wang.min"))).code == "sign_in_paused"
    assert (await enter(tools, "wang.min", now=later(seconds=31))).step is Step.SECOND_FACTOR
    entry = await AuditEntry.get(event="staff.pause_sign_in")
    assert (entry.about_id, entry.actor) == (actor.id, "system sign in")


async def test_a_hundred_tries_at_once_are_counted_before_they_are_made(
    database: str, tools: StaffTools
) -> None:
    await make_account(tools, "wang.min")
    results = await asyncio.gather(
        *(enter(tools, "wang.min", "wrong") for _ in range(20)), return_exceptions=True
    )
    codes = [result.code for result in results if isinstance(result, DomainError)]
    assert codes.count("sign_in_failed") == 5 and codes.count("sign_in_paused") == 15


async def test_who_guesses_elsewhere_does_not_shut_the_owner_out(
    database: str, tools: StaffTools
) -> None:
    await make_account(tools, "wang.min")
    for _ in range(20):
        await refusal(enter(tools, "wang.min", "wrong", ELSEWHERE))
    assert (await enter(tools, "wang.min")).step is Step.SECOND_FACTOR


async def test_who_guesses_from_everywhere_shuts_nobody_out_of_their_own_browser(
    database: str, tools: StaffTools
) -> None:
    await make_account(tools, "wang.min")
    for number in range(50):
        await refusal(enter(tools, "wang.min", "wrong", Whence(f"192.0.2.{number}")))
    assert (await refusal(enter(tools, "wang.min"))).code == "sign_in_paused"
    assert (await enter(tools, "wang.min", whence=OWN_BROWSER)).step is Step.SECOND_FACTOR
    # Elsewhere it is minutes, and what went before is not held against anybody afterwards.
    assert (await enter(tools, "wang.min", now=later(minutes=5))).step is Step.SECOND_FACTOR
    refused = await refusal(enter(tools, "wang.min", "wrong", ELSEWHERE, later(minutes=5)))
    assert refused.code == "sign_in_failed"


@pytest.mark.parametrize(
    "mark",
    [
        mark_browser(VAULT, "li.na", NOW),
        mark_browser(VAULT, "wang.min", later(days=-180)),
        mark_browser(Vault([DataKey("k1", bytes(32))]), "wang.min", NOW),
        *("", "zz", "00", OWN_BROWSER.mark[:-2], "ab" * 5000),
    ],
)
async def test_no_other_mark_makes_a_browser_known(
    database: str, tools: StaffTools, mark: str
) -> None:
    await make_account(tools, "wang.min")
    for number in range(50):
        await refusal(enter(tools, "wang.min", "wrong", Whence(f"192.0.2.{number}")))
    refused = await refusal(enter(tools, "wang.min", whence=Whence("203.0.113.7", mark)))
    assert refused.code == "sign_in_paused"


async def test_a_known_browser_that_guesses_waits_too(database: str, tools: StaffTools) -> None:
    await make_account(tools, "wang.min")
    for _ in range(5):
        await refusal(enter(tools, "wang.min", "wrong", OWN_BROWSER))
    assert (await refusal(enter(tools, "wang.min", whence=OWN_BROWSER))).code == "sign_in_paused"


async def test_who_has_the_password_does_not_guess_codes_for_long(
    database: str, tools: StaffTools
) -> None:
    """A right password does not wipe what is counted of the codes."""
    await make_account(tools, "wang.min")
    await enrol(tools, "wang.min")
    now, guesses = later(minutes=5), 0
    for number in range(40):
        whence = Whence(f"192.0.2.{number % 8}")
        try:
            entered = await enter(tools, "wang.min", whence=whence, now=now)
            await enter_code(tools, token=entered.token, code="", whence=whence, now=now)
        except DomainError as error:
            guesses += error.code == "second_factor_wrong"
    assert guesses == 10


async def test_signing_in_forgets_what_failed_before(database: str, tools: StaffTools) -> None:
    await make_account(tools, "wang.min")
    secret, _ = await enrol(tools, "wang.min")
    now = later(minutes=5)
    for _ in range(3):
        for _ in range(4):
            assert (
                await refusal(enter(tools, "wang.min", "wrong", now=now))
            ).code == "sign_in_failed"
        await sign_in(tools, "wang.min", secret, now)
        now = later(seconds=(now - NOW).total_seconds() + 60)


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
        from dataclasses import replace

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
