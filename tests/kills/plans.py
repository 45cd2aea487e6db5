"""The drills by name: what is killed, and for how long it stays dead."""

from collections.abc import Awaitable, Callable, Mapping

from tests.kills.drill import Report, run_drill
from tests.kills.estate import Estate


async def one_process(estate: Estate) -> Report:
    """One of the two processes behind one port."""
    return await run_drill(estate, "one_process", estate.kill_one_worker)


async def web_server(estate: Estate) -> Report:
    """A whole web server: its parent and both processes."""
    return await run_drill(estate, "web_server", lambda: estate.kill("web"))


async def redis(estate: Estate) -> Report:
    return await run_drill(estate, "redis", lambda: estate.kill("redis"))


async def postgres(estate: Estate) -> Report:
    """The postmaster and all its children, as where memory runs out."""
    return await run_drill(estate, "postgres", lambda: estate.kill("postgres"))


async def both_stores(estate: Estate) -> Report:
    """Redis and PostgreSQL, and nobody restarts them for a while."""
    return await run_drill(
        estate,
        "both_stores",
        lambda: estate.kill("redis", "postgres"),
        held=estate.nobody_restarts(),
    )


async def everything(estate: Estate) -> Report:
    """The two stores, and when records wait in memory alone, both web servers."""
    return await run_drill(
        estate,
        "everything",
        lambda: estate.kill("redis", "postgres"),
        held=estate.nobody_restarts(),
        late_kill=lambda: estate.kill("web", "other"),
    )


PLANS: Mapping[str, Callable[[Estate], Awaitable[Report]]] = {
    plan.__name__: plan
    for plan in (one_process, web_server, redis, postgres, both_stores, everything)
}
