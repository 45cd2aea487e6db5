"""Pages served from a thread, for a browser that is driven from the test's own."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager

from aiohttp import web

#: Makes an application in the loop that will serve it, with whatever it stands on.
Made = Callable[[], AbstractAsyncContextManager[web.Application]]


@contextmanager
def serving(make: Made) -> Iterator[str]:
    """The address of what `make` makes, on a free port, for as long as it is served."""
    loop = asyncio.new_event_loop()
    started = threading.Event()
    stop = asyncio.Event()
    port: list[int] = []

    async def serve() -> None:
        async with make() as app:
            runner = web.AppRunner(app)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            port.append(runner.addresses[0][1])
            started.set()
            await stop.wait()
            await runner.cleanup()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    try:
        assert started.wait(60), "the pages are not served"
        yield f"http://127.0.0.1:{port[0]}"
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(30)
        loop.close()
