import asyncio
import time

from web.health import find_missing


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


async def test_checks_run_at_the_same_time_and_are_cut_off():
    started = time.monotonic()
    missing = await find_missing({"database": hangs, "redis": hangs, "x": passes}, seconds=0.1)
    assert missing == ["database", "redis"]
    assert time.monotonic() - started < 0.5


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
