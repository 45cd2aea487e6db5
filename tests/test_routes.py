"""The house's laws about routes, on the whole application as it is served (docs/doors.md)."""

import inspect
import re
from collections.abc import Iterator

import pytest
from aiohttp import web
from aiohttp.web_urldispatcher import StaticResource

from api.idempotency import is_idempotent
from app import create_app
from domain.faq.routing import Router
from tests.support import make_settings
from web.access import Access, access_of, permissions_of
from web.body_limits import body_limit_of, find_unlimited
from web.limits import By, limits_of


@pytest.fixture(scope="module")
def application(
    tmp_path_factory: pytest.TempPathFactory, package_router: Router
) -> web.Application:
    settings = make_settings(
        "postgres://localhost/none", "redis://127.0.0.1:9", tmp_path_factory.mktemp("var")
    )
    return create_app(settings, router=package_router)


def views_of(application: web.Application) -> Iterator[tuple[str, str, object]]:
    """(path, method, handler) of everything that the service serves."""
    for route in application.router.routes():
        if isinstance(route.resource, StaticResource) or route.resource is None:
            continue
        handler = route.handler
        methods = (
            [
                name.upper()
                for name in ("get", "post", "put", "patch", "delete")
                if hasattr(handler, name)
            ]
            if isinstance(handler, type)
            else [route.method]
        )
        yield from ((route.resource.canonical, method, handler) for method in methods)


def test_every_route_says_who_may_enter(application: web.Application) -> None:
    """Deny by default (law 10): mark the handler with `@allow(Access.…)`."""
    views = list(views_of(application))
    assert len(views) > 5
    for path, method, handler in views:
        assert access_of(handler, method), f"{method} {path} does not say who"


def test_staff_enters_with_a_permission(application: web.Application) -> None:
    """`@allow(Access.STAFF, Permission.…)`: what each role may is in domain/permissions.py."""
    for path, method, handler in views_of(application):
        if access_of(handler, method) is Access.STAFF:
            assert permissions_of(handler, method), f"{method} {path} names no permission"


def test_nobody_asks_the_api_without_a_limit(application: web.Application) -> None:
    """What is open to all below /api says how often: mark the handler with `@limited(Limit(…))`.

    A limit by SUBJECT alone is none: whoever asks names another subject each time.
    """
    open_to_all = [
        (f"{method} {path}", limits_of(handler, method))
        for path, method, handler in views_of(application)
        if path.startswith("/api/") and access_of(handler, method) is Access.ANYONE
    ]
    assert len(open_to_all) > 4
    for name, limits in open_to_all:
        assert any(limit.by is not By.SUBJECT for limit in limits), f"{name} has no limit"


def test_a_limit_has_a_name_of_its_own(application: web.Application) -> None:
    """Two limits of one name would look like one to who reads the keys in Redis."""
    limits = {
        limit
        for _, method, handler in views_of(application)
        for limit in limits_of(handler, method)
    }
    names = [limit.name for limit in limits]
    assert len(names) == len(set(names))
    for name in names:
        assert re.fullmatch(r"[a-z][a-z ]*", name), f"{name!r}: words in small letters"


def test_the_callback_is_not_limited(application: web.Application) -> None:
    """WeChat sends for all people from a few addresses."""
    callback = [view for view in views_of(application) if view[0] == "/wechat"]
    assert {method for _, method, _ in callback} >= {"GET", "POST"}
    assert not any(limits_of(handler, method) for _, method, handler in callback)


def test_every_body_has_its_limits(application: web.Application) -> None:
    """Mark the handler with `@body(most_bytes=…, seconds=…)`; without it nothing starts."""
    assert not list(find_unlimited(application))


def test_what_creates_takes_an_idempotency_key(application: web.Application) -> None:
    """A POST of the API that answers 201 is marked `@idempotent` (api/idempotency.py), unless
    its body is streamed: a transaction must not wait for a slow upload."""
    for path, method, handler in views_of(application):
        if method != "POST" or not isinstance(handler, type) or not path.startswith("/api/"):
            continue
        view = handler.post  # type: ignore[attr-defined]
        creates = "r201" in str(inspect.signature(view).return_annotation)
        limit = body_limit_of(handler, method)
        streamed = limit is not None and limit.streamed
        assert is_idempotent(handler, method) is (creates and not streamed), path
