"""How the platform answers: HTTP 200 with an errcode, whatever happened."""

import json
import secrets
from typing import Any

from aiohttp import web

#: The platform's own words, for the codes that the stand-in gives.
WORDS = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40004: "invalid media type",
    40007: "invalid media_id",
    40008: "invalid message type",
    40013: "invalid appid",
    40014: "invalid access_token",
    40015: "invalid button type",
    40016: "invalid button size",
    40017: "invalid button type",
    40018: "invalid button name size",
    40019: "invalid button key size",
    40020: "invalid button url size",
    40023: "invalid sub button size",
    40024: "invalid sub button type",
    40025: "invalid sub button name size",
    40026: "invalid sub button key size",
    40027: "invalid sub button url size",
    40029: "invalid code",
    40037: "invalid template_id",
    40053: "invalid action info",
    40097: "invalid args",
    40125: "invalid appsecret",
    40129: "invalid scene",
    40163: "code been used",
    40169: "invalid length for scene, or the data is not json string",
    40226: "code blocked",
    41001: "access_token missing",
    41002: "appid missing",
    41004: "appsecret missing",
    41005: "media data missing",
    41008: "missing code",
    41030: "invalid page",
    42001: "access_token expired",
    43004: "require subscribe",
    43101: "user refuse to accept the msg",
    44004: "empty content",
    45001: "media size out of limit",
    45002: "content size out of limit",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    45015: "response out of time limit or subscription is canceled",
    45047: "out of response count limit",
    45080: "api forbidden: need to have interacted with the user",
    45081: "already in typing state",
    46003: "menu no exist",
    47001: "data format error",
    47003: "argument invalid!",
    48001: "api unauthorized",
}


class RefusalError(Exception):
    """The platform says no, with `errcode`."""

    def __init__(self, errcode: int, errmsg: str | None = None) -> None:
        super().__init__(errcode)
        self.errcode = errcode
        self.errmsg = errmsg or WORDS.get(errcode, "error")


def answer_json(data: dict[str, Any]) -> web.Response:
    """JSON in raw UTF-8, as the platform sends it."""
    return web.Response(
        text=json.dumps(data, ensure_ascii=False), content_type="application/json", charset="utf-8"
    )


def answer_ok(**more: Any) -> web.Response:
    return answer_json({"errcode": 0, "errmsg": "ok", **more})


def answer_refusal(refusal: RefusalError) -> web.Response:
    errmsg = f"{refusal.errmsg} rid: {secrets.token_hex(4)}-{secrets.token_hex(4)}"
    return answer_json({"errcode": refusal.errcode, "errmsg": errmsg})
