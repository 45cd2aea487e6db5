"""No page of another site acts in the name of who is signed in here (CSRF).

Two things are asked of whatever changes something: that the browser does not say it comes from
elsewhere, and that the form carries the token of the session. Our pages are served with
Referrer-Policy no-referrer, for which browsers write `Origin: null` on a form of our own: null
says nothing, Sec-Fetch-Site does.
"""

import hmac
from collections.abc import Mapping
from urllib.parse import urlsplit

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from api.console.ground import VISIT
from domain.errors import DomainError
from web.forms import FORM, read_form
from web.uploads import MULTIPART

#: The field of the token.
TOKEN = "csrf"  # noqa: S105 (its name, not its value)
_READING = frozenset({hdrs.METH_GET, hdrs.METH_HEAD})


def refuse_forged() -> Middleware:
    """Middleware: raises DomainError foreign_form for what did not come from a page of ours.

    A file's form is streamed to its handler, which reads it with `receive_upload` (form.py): the
    token is asked for there.
    """

    @web.middleware
    async def refuse(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method not in _READING and request.match_info.http_exception is None:
            require_same_site(request)
            if VISIT in request and request.content_type != MULTIPART:
                # What has no form at all has no token either.
                form = await read_form(request) if request.content_type == FORM else {}
                require_token(request, form)
        return await handler(request)

    return refuse


def require_token(request: web.Request, form: Mapping[str, str]) -> None:
    """Raises DomainError foreign_form where `form` lacks the token of this session."""
    given = form.get(TOKEN, "").encode()
    if not hmac.compare_digest(given, request[VISIT].csrf.encode()):
        raise DomainError("foreign_form")


def require_same_site(request: web.Request) -> None:
    """Raises DomainError foreign_form where the browser says that it comes from elsewhere."""
    if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        raise DomainError("foreign_form")
    origin = request.headers.get(hdrs.ORIGIN, "null")
    if origin != "null" and urlsplit(origin).netloc != request.headers.get(hdrs.HOST):
        raise DomainError("foreign_form")
