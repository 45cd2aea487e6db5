"""Object by object: what is not one's own looks as if it were not there, whoever asks."""

from tests.integration.isolation.asking import ask, read_tables
from tests.integration.isolation.cases import AT_CONSOLES, CASES, ON_PHONES, PUBLIC
from tests.integration.isolation.conftest import Served
from tests.test_routes import views_of

_PARTS = ("/api/v1/", "/console/", "/screen/")


async def test_every_route_with_an_id_has_a_case(served: Served) -> None:
    """Write one into cases.py: the thing that is asked for, and who may."""
    routes = {
        f"{method} {path}"
        for path, method, _ in views_of(served.app)
        if "{" in path and path.startswith(_PARTS) and method != "HEAD"
    }
    assert routes == {case.route for case in CASES} | PUBLIC


async def test_who_may_not_is_refused_and_changes_nothing(served: Served) -> None:
    """401, 403 or 404, and the same bytes as for an id that nothing has."""
    wrong = []
    for case in CASES:
        # How often one may ask is not what is asked here.
        await served.redis.flushdb()
        before = await read_tables()
        for who in AT_CONSOLES if case.at_console else ON_PHONES:
            if who in case.may:
                continue
            answer = await ask(served, who, case)
            nothing = await ask(served, who, case, at_nothing=True)
            if not answer.refused or answer != nothing:
                wrong.append(
                    f"{case.route} as {who}: {answer.status}, for nothing {nothing.status}"
                )
        after = await read_tables()
        wrong += [f"{case.route} changed {name}" for name in after if after[name] != before[name]]
    assert not wrong, "\n".join(wrong)


async def test_who_may_is_let_in(served: Served) -> None:
    """Else the other test would prove nothing: they are answered otherwise than about nothing.
    What is deleted comes last, for all of it happens in one city."""
    wrong = []
    order = {"GET": 0, "POST": 1, "PUT": 1, "DELETE": 2}
    for case in sorted(CASES, key=lambda case: order[case.method]):
        await served.redis.flushdb()
        for who in sorted(case.may):
            nothing = await ask(served, who, case, at_nothing=True)
            answer = await ask(served, who, case)
            if answer == nothing or answer.status >= 500:
                wrong.append(f"{case.route} as {who}: {answer.status}")
    assert not wrong, "\n".join(wrong)
