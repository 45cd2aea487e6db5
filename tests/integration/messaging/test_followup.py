"""A job is a row in the transaction of its cause."""

import json

import asyncpg
import pytest
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import IntegrityError

from domain.followup import defer_job
from models.columns import new_id
from models.messages import Dialogue
from models.transactions import transaction


async def count_jobs(url: str) -> int:
    """Seen from another connection, as the worker sees it."""
    connection = await asyncpg.connect(url)
    try:
        jobs: int = await connection.fetchval("SELECT count(*) FROM procrastinate_jobs")
        return jobs
    finally:
        await connection.close()


async def keep_dialogue(connection: BaseDBAsyncClient, sender: bytes) -> None:
    await Dialogue.create(
        sender=sender,
        name="clarify",
        state_sealed=b"x",
        expires_at="2026-11-22T00:00:00+08:00",
        using_db=connection,
    )


async def test_a_job_commits_with_the_models(database: str) -> None:
    async with transaction() as connection:
        await keep_dialogue(connection, b"p" * 16)
        await defer_job(connection, "some.task", some_id=7)
        assert await count_jobs(database) == 0, "nobody sees it before the commit"
    assert await count_jobs(database) == 1
    assert await Dialogue.all().count() == 1


async def test_a_job_rolls_back_with_the_models(database: str) -> None:
    with pytest.raises(RuntimeError):
        async with transaction() as connection:
            await defer_job(connection, "some.task", some_id=7)
            raise RuntimeError("the use case fails after it queued its follow-up")
    assert await count_jobs(database) == 0


async def test_an_id_of_either_kind_goes_with_it(database: str) -> None:
    class_id = new_id()
    async with transaction() as connection:
        await defer_job(connection, "some.task", some_id=7, class_id=class_id)
        rows = await connection.execute_query_dict("SELECT args FROM procrastinate_jobs")
    assert json.loads(rows[0]["args"]) == {"some_id": 7, "class_id": str(class_id)}


async def test_a_job_carries_ids_only(database: str) -> None:
    async with transaction() as connection:
        with pytest.raises(TypeError, match="ids only"):
            await defer_job(connection, "some.task", text="13800138000")  # type: ignore[arg-type]


async def test_what_waits_already_is_not_queued_again(database: str) -> None:
    """And the transaction of the cause goes on."""
    async with transaction() as connection:
        assert await defer_job(connection, "some.task", queueing_lock="some-7", some_id=7)
    async with transaction() as connection:
        await keep_dialogue(connection, b"p" * 16)
        assert not await defer_job(connection, "some.task", queueing_lock="some-7", some_id=7)
        assert await defer_job(connection, "some.task", queueing_lock="some-8", some_id=8)
        await keep_dialogue(connection, b"q" * 16)
    assert await count_jobs(database) == 2
    assert await Dialogue.all().count() == 2


async def test_another_refusal_is_told(database: str) -> None:
    with pytest.raises(IntegrityError):
        async with transaction() as connection:
            await defer_job(connection, None, queueing_lock="some-7", some_id=7)  # type: ignore[arg-type]
    assert await count_jobs(database) == 0
