"""The drills by name: what is killed, and for how long it stays dead."""

from collections.abc import Callable, Mapping

from tests.kills.drill import Plan
from tests.kills.estate import Estate


def kill_one_process(estate: Estate) -> Plan:
    """One of the two processes behind one port."""
    return Plan(estate.kill_one_worker)


def kill_web_server(estate: Estate) -> Plan:
    """A whole web server: its parent and both processes."""
    return Plan(lambda: estate.kill("web"))


def kill_redis(estate: Estate) -> Plan:
    return Plan(lambda: estate.kill("redis"))


def kill_postgres(estate: Estate) -> Plan:
    """The postmaster and all its children, as where memory runs out."""
    return Plan(lambda: estate.kill("postgres"))


def kill_both_stores(estate: Estate) -> Plan:
    """Redis and PostgreSQL, and nobody restarts them for a while."""
    return Plan(lambda: estate.kill("redis", "postgres"), held=estate.nobody_restarts())


def kill_everything(estate: Estate) -> Plan:
    """The two stores, and when records wait in memory alone, both web servers."""
    return Plan(
        lambda: estate.kill("redis", "postgres"),
        held=estate.nobody_restarts(),
        late_kill=lambda: estate.kill("web", "other"),
    )


PLANS: Mapping[str, Callable[[Estate], Plan]] = {
    plan.__name__.removeprefix("kill_"): plan
    for plan in (
        kill_one_process,
        kill_web_server,
        kill_redis,
        kill_postgres,
        kill_both_stores,
        kill_everything,
    )
}
