"""`POST /api/v1/login`, `/logout`: the mini-program's sessions."""

import secrets
from datetime import timedelta
from typing import Annotated

from aiohttp_pydantic.oas.typing import r200
from pydantic import Field

from api.limits import LOGINS
from api.refusals import refuses
from api.sessions import SESSION, SESSIONS, hash_token
from api.tools import TOOLS
from api.views import Shape, View, send
from domain.actor import System
from domain.login.actions import SESSION_LASTS, log_in, log_out
from domain.people.platform import MOST_CODE, exchange_login_code
from web.access import ACTOR, Access, allow
from web.body_limits import body
from web.limits import limited

Code = Annotated[str, Field(min_length=1, max_length=MOST_CODE)]


class LoginCode(Shape):
    code: Code


class LoggedIn(Shape):
    token: str
    expires_in: int
    bound: bool


class Done(Shape):
    done: bool


@allow(Access.ANYONE)
class LoginView(View):
    @limited(LOGINS)
    @body(most_bytes=4096, seconds=5)
    @refuses("code_spent", "login_blocked")
    async def post(self, login: LoginCode) -> r200[LoggedIn]:
        tools = self.request.app[TOOLS]
        named = await exchange_login_code(tools.mini_program, login.code)
        token = secrets.token_urlsafe(32)
        session = await log_in(
            System("login"), tools.vault, named, token_hash=hash_token(token), now=tools.clock()
        )
        await self.request.app[SESSIONS].forget(session.stale)
        seconds = SESSION_LASTS // timedelta(seconds=1)
        bound = session.person is not None
        return send(LoggedIn(token=token, expires_in=seconds, bound=bound))


@allow(Access.SIGNED_IN)
class LogoutView(View):
    @body(most_bytes=1024, seconds=5)
    async def post(self) -> r200[Done]:
        session, tools = self.request[SESSION], self.request.app[TOOLS]
        stale = await log_out(
            self.request[ACTOR], identity=session.identity, session=session.id, now=tools.clock()
        )
        await self.request.app[SESSIONS].forget([stale])
        return send(Done(done=True))
