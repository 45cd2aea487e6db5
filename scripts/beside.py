"""A command beside the servers: those that are named or run already, or its own for a while."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable

import typer

from settings import Settings


def beside_servers(settings: Settings, part: Callable[[Settings], None]) -> None:
    """Run `part` with both URLs known.

    Where the settings leave one out the embedded servers are used; `part` then runs again as a
    child of this process, which keeps the servers for as long.
    """
    if settings.database_url and settings.redis_url:
        part(settings)
        return
    raise typer.Exit(asyncio.run(_run_as_child(settings)))


async def _run_as_child(settings: Settings) -> int:
    from scripts.embedded.attach import attach_or_start
    from scripts.embedded.processes import guard

    def say(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    async with attach_or_start(settings, say) as urls:
        environment = os.environ | {"DATABASE_URL": urls.database_url, "REDIS_URL": urls.redis_url}
        child = await asyncio.create_subprocess_exec(
            *guard([sys.executable, "-m", "scripts", *sys.argv[1:]]), env=environment
        )
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, child.send_signal, number)
        return await child.wait()
