"""Tokens, logins and phone numbers: who is who."""

import base64
import secrets

from aiohttp import web

from sandbox.platform.answers import RefusalError, answer_json, answer_ok
from sandbox.platform.inputs import account_of, platform_of, read_object


async def give_token(request: web.Request) -> web.Response:
    """GET /cgi-bin/token"""
    query = request.query
    if query.get("grant_type") != "client_credential":
        raise RefusalError(40002)
    tokens = platform_of(request).tokens
    account = tokens.authenticate(query.get("appid", ""), query.get("secret", ""))
    token, life = tokens.give(account)
    return answer_json({"access_token": token, "expires_in": life})


async def give_stable_token(request: web.Request) -> web.Response:
    """POST /cgi-bin/stable_token"""
    data = await read_object(request)
    if data.get("grant_type") != "client_credential":
        raise RefusalError(40002)
    tokens = platform_of(request).tokens
    account = tokens.authenticate(str(data.get("appid", "")), str(data.get("secret", "")))
    token, life = tokens.give_stable(account, force_refresh=data.get("force_refresh") is True)
    return answer_json({"access_token": token, "expires_in": life})


async def exchange_login_code(request: web.Request) -> web.Response:
    """GET /sns/jscode2session"""
    query = request.query
    platform = platform_of(request)
    account = platform.tokens.authenticate(query.get("appid", ""), query.get("secret", ""))
    if not account.is_mini_program:
        raise RefusalError(40013)
    person = platform.people.spend_login_code(query.get("js_code", ""))
    return answer_json(
        {
            "session_key": base64.b64encode(secrets.token_bytes(16)).decode(),
            "openid": person.openid,
            "unionid": person.unionid,
        }
    )


async def give_phone_number(request: web.Request) -> web.Response:
    """POST /wxa/business/getuserphonenumber"""
    account = account_of(request, mini_program=True)
    data = await read_object(request)
    platform = platform_of(request)
    person = platform.people.spend_phone_code(str(data.get("code", "")))
    if not person.phone:
        raise RefusalError(40029)
    return answer_ok(
        phone_info={
            "phoneNumber": person.phone,
            "purePhoneNumber": person.phone,
            "countryCode": "86",
            "watermark": {"timestamp": int(platform.now()), "appid": account.app_id},
        }
    )


async def describe_user(request: web.Request) -> web.Response:
    """GET /cgi-bin/user/info"""
    account_of(request, mini_program=False)
    platform = platform_of(request)
    person = platform.people.find(request.query.get("openid", ""))
    if person.openid in platform.unfollowed:
        return answer_json({"subscribe": 0, "openid": person.openid})
    return answer_json(
        {
            "subscribe": 1,
            "openid": person.openid,
            "unionid": person.unionid,
            "language": "zh_CN",
            "subscribe_scene": "ADD_SCENE_QR_CODE",
        }
    )


ROUTES = [
    web.get("/cgi-bin/token", give_token),
    web.post("/cgi-bin/stable_token", give_stable_token),
    web.get("/sns/jscode2session", exchange_login_code),
    web.post("/wxa/business/getuserphonenumber", give_phone_number),
    web.get("/cgi-bin/user/info", describe_user),
]
