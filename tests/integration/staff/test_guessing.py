"""Who guesses passwords and codes waits; whose account it is does not wait for long."""

import asyncio
from datetime import datetime

import pytest

from domain.actor import System
from domain.errors import DomainError
from domain.staff.actions import disable_account
from domain.staff.browsers import Whence, mark_browser
from domain.staff.passwords import Hasher
from domain.staff.rules import Step
from domain.staff.signing_in import (
    enter_code,
)
from domain.staff.tools import StaffTools
from domain.vault import Vault
from models.audit import AuditEntry
from settings import DataKey
from tests.integration.staff.conftest import (
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
