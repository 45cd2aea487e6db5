"""Who may enter: every handler says so, and one that does not is shut.

`@allow(Access.X)` marks a function, a view class or one method of a view class (the method's
mark counts before its class's). The middleware asks the guard of that mark before the handler
runs, and then whether who was let in has the permissions that the mark names. To what exactly
they reach, the action asks (domain/permissions.py). tests/test_routes.py walks the router with
`access_of` and `permissions_of`.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple, TypeVar

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from domain.actor import Actor
from domain.errors import DomainError
from domain.permissions import Permission, may

log = structlog.get_logger("web.access")

_MARK = "__access__"

#: Raises DomainError or an aiohttp HTTPException where the request may not enter; sets
#: `request[ACTOR]` where it finds out who asks.
Guard = Callable[[web.Request], Awaitable[None]]

Marked = TypeVar("Marked", bound=Callable[..., Any])


class Access(Enum):
    """The kinds of visitor a route may admit."""

    #: Open to all; holds nothing of one person.
    ANYONE = "anyone"
    #: The WeChat platform; the handler itself checks the signature, which covers the body.
    WECHAT_SIGNED = "wechat_signed"
    #: Loopback and trusted proxies; for others the route looks as if it were not there.
    METRICS = "metrics"
    #: Only where WeChat is our own stand-in: whoever reaches the demo, but no page of another
    #: site (web/sandbox.py).
    SANDBOX = "sandbox"
    #: A person with a session (mini-program token).
    SIGNED_IN = "signed_in"
    #: An officer, operator, editor or institution with a console session; the mark names a
    #: permission, at the least Permission.USE_CONSOLE.
    STAFF = "staff"
    #: Whoever may show the class screen in the path: staff of the holder, or the holder of a
    #: link to it (api/screen/guard.py).
    SCREEN = "screen"


#: Who is signed in: set by the guard that let the request in, handed to the action. Limits count
#: by its `key` (web/limits.py).
ACTOR: web.RequestKey[Actor] = web.RequestKey("actor")

#: No guard runs for these: the first admits all, the second cannot be judged without the body.
UNGUARDED = frozenset({Access.ANYONE, Access.WECHAT_SIGNED})


class _Mark(NamedTuple):
    access: Access
    permissions: tuple[Permission, ...]


def allow(access: Access, *permissions: Permission) -> Callable[[Marked], Marked]:
    """Mark a handler function, view class or view method with who may enter.

    They must have all `permissions`. Raises ValueError for STAFF without one, for an account alone
    says nothing, and for permissions where nobody is asked who they are.
    """
    if permissions and access in UNGUARDED:
        raise ValueError(f"{access} asks nobody who they are: it cannot ask for a permission")
    if access is Access.STAFF and not permissions:
        raise ValueError("STAFF enters with a permission: @allow(Access.STAFF, Permission.…)")

    def mark(handler: Marked) -> Marked:
        setattr(handler, _MARK, _Mark(access, permissions))
        return handler

    return mark


def access_of(handler: object, method: str = "*") -> Access | None:
    """The mark of `handler` for an HTTP method such as "GET"; None where it has none.

    A view class with the method "*" has a mark only where all its methods agree on one or
    the class itself is marked; ask method by method to see the others.
    """
    if isinstance(handler, type) and method == "*":
        names = [name for name in _VERBS if hasattr(handler, name)]
        marks = {access_of(handler, name) for name in names}
        return marks.pop() if len(marks) == 1 else None
    mark = _mark_for(handler, method)
    return None if mark is None else mark.access


def permissions_of(handler: object, method: str) -> tuple[Permission, ...]:
    """What who enters `handler` by an HTTP method such as "GET" must be permitted; () for none."""
    mark = _mark_for(handler, method)
    return () if mark is None else mark.permissions


def guard_access(guards: Mapping[Access, Guard]) -> Middleware:
    """The middleware that denies by default.

    `guards` has one entry for each access that some route uses and that is not in UNGUARDED;
    a mark whose guard is missing is denied like no mark at all.
    """

    @web.middleware
    async def enforce(request: web.Request, handler: Handler) -> web.StreamResponse:
        match = request.match_info
        if match.http_exception is not None:
            return await handler(request)
        access = access_of(match.handler, request.method)
        if access in UNGUARDED:
            return await handler(request)
        guard = None if access is None else guards.get(access)
        if guard is None:
            if _is_unknown_method(match.handler, request.method):
                return await handler(request)
            log.error("route_without_access", handler=_name_of(match.handler))
            raise DomainError("no_permission")
        await guard(request)
        _require_permissions(request, permissions_of(match.handler, request.method))
        return await handler(request)

    return enforce


def _require_permissions(request: web.Request, permissions: Sequence[Permission]) -> None:
    actor = request.get(ACTOR)
    if permissions and (actor is None or not all(may(actor, needed) for needed in permissions)):
        raise DomainError("no_permission")


_VERBS = ("get", "head", "post", "put", "patch", "delete", "options", "connect", "trace")


def _mark_for(handler: object, method: str) -> _Mark | None:
    if isinstance(handler, type):
        return _mark_on(getattr(handler, method.lower(), None)) or _mark_on(handler)
    return _mark_on(handler)


def _mark_on(handler: object) -> _Mark | None:
    mark = getattr(handler, _MARK, None)
    return mark if isinstance(mark, _Mark) else None


def _is_unknown_method(handler: object, method: str) -> bool:
    """A view class without this method answers 405 by itself: nothing of it would run."""
    known = method.lower() in _VERBS and hasattr(handler, method.lower())
    return isinstance(handler, type) and not known


def _name_of(handler: object) -> str:
    return f"{getattr(handler, '__module__', '')}.{getattr(handler, '__qualname__', handler)}"
