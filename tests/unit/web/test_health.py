import asyncio
import time

import pytest

from web.health import (
    KEPT_FAILURE_SECONDS,
    KEPT_SECONDS,
    find_missing,
    keep_result,
    share_calls,
)


async def passes():
    return 1


async def fails():
    raise ConnectionError("no")


async def hangs():
    await asyncio.sleep(30)


async def test_missing_are_named_in_order():
    checks = {"database": fails, "redis": passes, "migrations": fails}
    assert await find_missing(checks) == ["database", "migrations"]
    assert await find_missing({"redis": passes}) == []


@pytest.mark.alone
async def test_checks_run_at_the_same_time_and_are_cut_off():
    started = time.monotonic()
    missing = await find_missing({"database": hangs, "redis": hangs, "x": passes}, seconds=0.1)
    assert missing == ["database", "redis"]
    assert time.monotonic() - started < 0.5


@pytest.mark.alone
async def test_a_check_that_will_not_be_cancelled_is_not_waited_for():
    let_go = asyncio.Event()

    async def clings():
        try:
            await asyncio.sleep(30)
        finally:
            await let_go.wait()
            raise ConnectionError("too late to matter")

    started = time.monotonic()
    missing = await find_missing({"database": clings, "redis": passes}, seconds=0.1)
    assert missing == ["database"]
    assert time.monotonic() - started < 0.5
    let_go.set()
    await asyncio.sleep(0.01)
    # The fixture no_task_left_behind sees to it that nothing is left.


async def test_those_who_ask_at_the_same_time_share_the_checks():
    asked = 0

    async def ask():
        nonlocal asked
        asked += 1
        await asyncio.sleep(0.02)
        return ["redis"]

    shared = share_calls(ask)
    one_who_leaves = asyncio.create_task(shared())
    others = [asyncio.create_task(shared()) for _ in range(5)]
    await asyncio.sleep(0)
    one_who_leaves.cancel()
    assert await asyncio.gather(*others) == [["redis"]] * 5
    assert asked == 1
    assert await shared() == ["redis"]
    assert asked == 2


async def test_a_dear_check_is_believed_for_a_while():
    now, asked, broken = 100.0, 0, False

    async def check():
        nonlocal asked
        asked += 1
        if broken:
            raise ConnectionError("secret")

    kept = keep_result(check, clock=lambda: now)
    await kept()
    broken = True
    now += KEPT_SECONDS - 0.1
    await kept()
    assert asked == 1
    now += 0.2
    for _ in range(3):
        with pytest.raises(RuntimeError, match="ConnectionError"):
            await kept()
    assert asked == 2
    broken = False
    now += KEPT_FAILURE_SECONDS
    await kept()
    assert asked == 3
