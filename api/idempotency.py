"""`Idempotency-Key`: a POST that creates may be sent again, and gives its first answer again.

`@idempotent` marks a view, or one method of it. Who gives no key is served as ever. The view and
the keeping of its answer are one transaction (domain.idempotency.actions.do_once): a marked view
calls nothing outside, and its body is not streamed.
"""

import re
from collections.abc import Callable
from typing import Any, TypeVar

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from domain.calendar import Clock
from domain.idempotency.actions import do_once
from domain.idempotency.rules import Answer, Asked
from domain.vault import Vault
from web.access import ACTOR
from web.fields import refuse_field

HEADER = "Idempotency-Key"
#: Says of an answer that it is one given before.
REPLAYED = "Idempotency-Replayed"
#: Characters of a key; a UUID has 36.
MOST_KEY = 200

_MARK = "__idempotent__"
_KEY = re.compile(r"[!-~]+")

Marked = TypeVar("Marked", bound=Callable[..., Any])


def idempotent(handler: Marked) -> Marked:
    """Mark a view that creates something, for somebody who is signed in."""
    setattr(handler, _MARK, True)
    return handler


def is_idempotent(handler: object, method: str) -> bool:
    """Whether `handler` is marked for an HTTP method such as "POST"."""
    own = getattr(handler, method.lower(), None) if isinstance(handler, type) else None
    return method == "POST" and bool(getattr(own, _MARK, getattr(handler, _MARK, False)))


def answer_once(vault: Vault, clock: Clock) -> Middleware:
    """Middleware, inside of those that check the body: what a key was answered, it gets again.

    Raises DomainError invalid_input for a key that is none, and what do_once raises.
    """

    @web.middleware
    async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
        actor = request.get(ACTOR)
        key = request.headers.get(HEADER)
        if (
            key is None
            or actor is None
            or not is_idempotent(request.match_info.handler, request.method)
        ):
            return await handler(request)
        asked = Asked(f"{request.method} {request.path}", _check_key(key), await request.read())
        sent: list[web.Response] = []

        async def produce() -> Answer:
            response = await handler(request)
            assert isinstance(response, web.Response), "a marked view answers at once"
            sent.append(response)
            return Answer(response.status, response.text or "")

        first, again = await do_once(actor, vault, asked, produce, now=clock())
        return _show_again(first) if again else sent[0]

    return answer


def _check_key(key: str) -> str:
    if len(key) > MOST_KEY:
        raise refuse_field(HEADER, "string_too_long", place="header", max_length=MOST_KEY)
    if not _KEY.fullmatch(key):
        raise refuse_field(HEADER, "string_pattern_mismatch", place="header")
    return key


def _show_again(answer: Answer) -> web.Response:
    return web.Response(
        body=answer.body.encode(),
        status=answer.status,
        content_type="application/json",
        headers={"Cache-Control": "no-store", REPLAYED: "true"},
    )
