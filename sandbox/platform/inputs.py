"""What a handler needs of a request: the state, the account behind the token, the JSON."""

import json
from typing import Any

from aiohttp import web

from sandbox.platform.answers import RefusalError
from sandbox.platform.memory import Platform
from sandbox.platform.tokens import Account

PLATFORM: web.AppKey[Platform] = web.AppKey("platform", Platform)


def platform_of(request: web.Request) -> Platform:
    return request.app[PLATFORM]


def account_of(request: web.Request, *, mini_program: bool | None = None) -> Account:
    """The account of the access token; 48001 where it is of the other kind."""
    account = platform_of(request).tokens.check(request.query.get("access_token", ""))
    if mini_program is not None and account.is_mini_program is not mini_program:
        raise RefusalError(48001)
    return account


async def read_object(request: web.Request) -> dict[str, Any]:
    """The body as a JSON object; 47001 where it is none. The content type does not matter."""
    try:
        data = json.loads((await request.read()).decode("utf-8"))
    except (ValueError, RecursionError):
        raise RefusalError(47001) from None
    if not isinstance(data, dict):
        raise RefusalError(47001)
    return data
