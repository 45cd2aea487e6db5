"""Who waits does not blame the other side for the time in which this process was busy itself."""

import asyncio
import time

import pytest

from models.availability import Database, DatabaseAway, DatabaseSlow
from models.patience import within


async def reach() -> bool:
    return True


async def miss() -> bool:
    return False


async def answer_after(turns: int) -> str:
    """Needs the loop so many times, as an answer that has arrived and is being read."""
    for _ in range(turns):
        await asyncio.sleep(0)
    return "answer"


async def stall_the_process(times: int, seconds: float) -> None:
    """Somebody else's work keeps the loop for `seconds`, again and again."""
    for _ in range(times):
        time.sleep(seconds)
        await asyncio.sleep(0)


@pytest.mark.alone
async def test_time_in_which_this_process_was_busy_does_not_count() -> None:
    busy = asyncio.create_task(stall_the_process(4, 0.06))
    assert await within(0.1, answer_after(4)) == "answer"
    await busy


async def test_who_never_answers_is_given_up_also_by_a_busy_process() -> None:
    async def keep_busy() -> None:
        while True:
            time.sleep(0.02)
            await asyncio.sleep(0)

    busy = asyncio.create_task(keep_busy())
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        await within(0.1, asyncio.Event().wait())
    busy.cancel()
    # By the clock it is three times as long at most; a busy machine adds to it.
    assert time.monotonic() - began < 3


async def test_what_is_given_up_is_cancelled_and_not_waited_for() -> None:
    ended = asyncio.Event()

    async def cling() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.2)
            ended.set()

    with pytest.raises(TimeoutError):
        await within(0.02, cling())
    assert not ended.is_set()
    await asyncio.wait_for(ended.wait(), 5)


async def test_the_error_of_the_other_side_goes_on() -> None:
    async def fail() -> None:
        raise ConnectionError("refused")

    with pytest.raises(ConnectionError, match="refused"):
        await within(1, fail())


async def test_many_questions_at_once_wait_in_a_row_and_postgresql_is_not_away() -> None:
    """A thousand people at once are more than PostgreSQL answers in one question's time."""
    database = Database(can_reach=miss, at_once=2)

    async def ask_a_little() -> str:
        await asyncio.sleep(0.05)
        return "answer"

    asked = [database.for_one_message().ask(ask_a_little(), seconds=0.2) for _ in range(20)]
    assert await asyncio.gather(*asked) == ["answer"] * 20
    assert not database.is_away


async def test_who_waits_in_the_row_goes_on_at_once_when_postgresql_is_found_away() -> None:
    database = Database(can_reach=miss, at_once=1)
    asked: list[int] = []

    async def hang(number: int) -> None:
        asked.append(number)
        await asyncio.sleep(60)

    results = await asyncio.gather(
        *(database.ask(hang(number), seconds=0.05) for number in range(5)), return_exceptions=True
    )
    assert [type(result) for result in results] == [DatabaseAway] * 5
    assert asked == [0], "nobody else waits for the same time-out"


async def test_a_row_that_is_too_long_is_slow_and_not_away() -> None:
    database = Database(can_reach=miss, at_once=1, row_seconds=0.05)
    release = asyncio.Event()
    first = asyncio.create_task(database.ask(release.wait(), seconds=5))
    await asyncio.sleep(0)
    with pytest.raises(DatabaseSlow):
        await database.ask(answer_after(1), seconds=5)
    assert not database.is_away
    release.set()
    assert await first


async def test_whoever_is_cancelled_in_the_row_gives_up_the_place() -> None:
    database = Database(can_reach=reach, at_once=1)
    release = asyncio.Event()
    first = asyncio.create_task(database.ask(release.wait(), seconds=5))
    await asyncio.sleep(0)
    second = asyncio.create_task(database.ask(answer_after(1), seconds=5))
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    release.set()
    await first
    assert await database.ask(answer_after(1), seconds=5) == "answer"
