"""The mini-program on somebody's phone: what WeChat does for it, as far as the page needs it."""

from aiohttp import web

from sandbox.phone.acts import ActError, read_text
from sandbox.phone.door import answer
from sandbox.platform.answers import RefusalError
from sandbox.platform.inputs import platform_of, read_object


async def give_login_code(request: web.Request) -> web.Response:
    """POST /sandbox/phone/login-codes {"openid"}: what wx.login would give there, as {"code"}; of
    the demo's people the one that stands in its file, which is good again and again."""
    try:
        openid = read_text(await read_object(request), "openid", 64)
        people = platform_of(request).people
        code = people.meet(openid).login_code or people.make_login_code(openid)
    except RefusalError:
        raise ActError("不知道是谁的手机") from None
    return answer({"code": code})


ROUTES = [web.post("/sandbox/phone/login-codes", give_login_code)]
