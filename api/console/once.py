"""A form that is sent twice makes one thing: the second click goes where the first one went.

`@once` marks the handler of a form that creates. The form's key (Form.once) stands in a hidden
field; what the first coming was answered is kept with what it did, as the API keeps it for
Idempotency-Key (domain.idempotency). A marked handler asks nothing of the outside and takes no
file: sheets are known by their contents.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from api.console.forgery import TOKEN
from api.console.form import ONCE
from api.console.ground import ground_of, now_for
from api.console.page import DONE, go_to
from domain.idempotency.actions import do_once
from domain.idempotency.rules import Answer, Asked
from web.access import ACTOR
from web.forms import FORM, read_form

_MARK = "__once__"
_MOST_KEY = 36

Marked = TypeVar("Marked", bound=Callable[..., Any])


def once(handler: Marked) -> Marked:
    """Mark a handler that creates something and answers with `go_to`."""
    setattr(handler, _MARK, True)
    return handler


def go_where_the_first_went() -> Middleware:
    """Middleware, inside of forgery.py's. Raises DomainError idempotency_key_reused for another
    content under the same key, request_in_progress where the first is not done in 3 seconds."""

    @web.middleware
    async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not getattr(request.match_info.handler, _MARK, False) or request.content_type != FORM:
            return await handler(request)
        form = await read_form(request)
        key = form.get(ONCE, "")
        if not 0 < len(key) <= _MOST_KEY:
            return await handler(request)
        sent: list[web.StreamResponse] = []

        async def produce() -> Answer:
            response = await handler(request)
            sent.append(response)
            if response.status != 303:
                return Answer(response.status if response.status >= 400 else 409, "")
            return Answer(201, json.dumps([response.headers["Location"], response.get(DONE, "")]))

        asked = Asked(f"POST {request.path}", key, _write(form))
        vault, actor = ground_of(request).vault, request[ACTOR]
        first, again = await do_once(actor, vault, asked, produce, now=now_for(request))
        if not again:
            return sent[0]
        path, done = json.loads(first.body)
        return go_to(request, path, done=done)

    return answer


def _write(form: Mapping[str, str]) -> bytes:
    """What is asked, without the token of the session."""
    fields = {name: value for name, value in form.items() if name != TOKEN}
    return json.dumps(fields, sort_keys=True).encode()
