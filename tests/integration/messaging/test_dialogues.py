"""One step of a talk at a time, and what it sets off undone alone where it fails."""

import asyncio
from datetime import timedelta

import pytest
from tortoise.connection import get_connection

from domain.messaging.dialogues import hold_dialogue
from domain.messaging.queries import TALK, list_open_dialogues
from domain.vault import Vault
from models.messages import Dialogue
from settings import DataKey
from tests.integration.messaging.conftest import NOON, OTHER, SENDER, keep_dialogue

VAULT = Vault([DataKey("k1", bytes(32))])


@pytest.mark.parametrize("begun", [False, True], ids=["no row yet", "a row"])
async def test_two_steps_of_one_person_wait_for_each_other(database: str, begun: bool) -> None:
    if begun:
        await keep_dialogue(VAULT, said_at=NOON)
    at_work: list[bytes] = []
    together: list[list[bytes]] = []

    async def step(sender: bytes) -> None:
        async with hold_dialogue(sender, said_at=NOON, now=NOON):
            at_work.append(sender)
            together.append([*at_work])
            await asyncio.sleep(0.2)
            at_work.remove(sender)

    await asyncio.gather(step(SENDER), step(SENDER), step(OTHER))
    assert [SENDER, SENDER] not in [sorted(some)[:2] for some in together]
    assert any({SENDER, OTHER} <= set(some) for some in together), "others do not wait"


async def test_what_a_step_sets_off_is_undone_alone(database: str) -> None:
    """Also of an action that opens no transaction of its own."""

    async def act() -> None:
        await get_connection("default").execute_query(
            "INSERT INTO forgotten (person, asked_at) VALUES ($1, now())", [OTHER]
        )
        raise LookupError

    async with hold_dialogue(SENDER, said_at=NOON, now=NOON) as held:
        with pytest.raises(LookupError):
            await held.attempt(act)
        await held.end(VAULT, b"k" * 16, "told", private=False, now=NOON)
    rows = await get_connection("default").execute_query_dict("SELECT * FROM forgotten")
    assert rows == []
    async with hold_dialogue(SENDER, said_at=NOON, now=NOON) as held:
        assert (held.last_key, held.read_last_reply(VAULT)) == (b"k" * 16, "told")


async def test_what_fails_in_a_step_undoes_all_of_it(database: str) -> None:
    with pytest.raises(LookupError):
        async with hold_dialogue(SENDER, said_at=NOON, now=NOON) as held:
            await held.end(VAULT, b"k" * 16, "told", private=False, now=NOON)
            raise LookupError
    assert await Dialogue.all().count() == 0


async def test_redis_is_told_of_one_that_has_just_ended(database: str) -> None:
    """For a message that comes once more is told the same, whatever Redis has lost."""
    async with hold_dialogue(SENDER, said_at=NOON, now=NOON) as held:
        await held.end(VAULT, b"k" * 16, "told", private=False, now=NOON)
    (listed,) = await list_open_dialogues(NOON + timedelta(minutes=9))
    assert (listed.copy, listed.expires_at) == (TALK, NOON + timedelta(minutes=10))
    assert await list_open_dialogues(NOON + timedelta(minutes=11)) == []
