"""What an account sends to people: customer-service, template and subscribe messages."""

from typing import Any

from aiohttp import web

from sandbox.platform.answers import RefusalError, answer_ok
from sandbox.platform.inputs import account_of, platform_of, read_object
from sandbox.platform.templates import check_fields, check_template

TEXT_BYTES = 2048
#: A message type and the fields of it that must not be empty.
KINDS = {
    "text": ("content",),
    "image": ("media_id",),
    "voice": ("media_id",),
    "video": ("media_id",),
    "news": ("articles",),
    "mpnews": ("media_id",),
    "mpnewsarticle": ("article_id",),
    "msgmenu": ("list",),
    "wxcard": ("card_id",),
    "miniprogrampage": ("title", "pagepath"),
    "link": ("title", "url"),
    "music": ("musicurl",),
}


async def send_customer_service(request: web.Request) -> web.Response:
    """POST /cgi-bin/message/custom/send"""
    account = account_of(request)
    message = await read_object(request)
    platform = platform_of(request)
    person = platform.people.find(str(message.get("touser", "")))
    _check_content(message)
    platform.windows.spend(account.app_id, person.openid)
    platform.record(account, request.path, person.openid, message)
    return answer_ok()


async def show_typing(request: web.Request) -> web.Response:
    """POST /cgi-bin/message/custom/typing"""
    account_of(request)
    data = await read_object(request)
    platform_of(request).people.find(str(data.get("touser", "")))
    if data.get("command") not in ("Typing", "CancelTyping"):
        raise RefusalError(40097)
    return answer_ok()


async def send_template(request: web.Request) -> web.Response:
    """POST /cgi-bin/message/template/send"""
    account = account_of(request, mini_program=False)
    message = await read_object(request)
    platform = platform_of(request)
    person = platform.people.find(str(message.get("touser", "")))
    check_template(message.get("template_id"))
    if person.openid in platform.unfollowed:
        raise RefusalError(43004)
    if not isinstance(message.get("data"), dict):
        raise RefusalError(47003)
    number = platform.record(account, request.path, person.openid, message)
    return answer_ok(msgid=number)


async def send_subscribe(request: web.Request) -> web.Response:
    """POST /cgi-bin/message/subscribe/send (小程序) and …/bizsend (公众号)"""
    account = account_of(request, mini_program=request.path.endswith("/send"))
    message = await read_object(request)
    platform = platform_of(request)
    person = platform.people.find(str(message.get("touser", "")))
    template_id = check_template(message.get("template_id"))
    check_fields(message.get("data"))
    platform.consents.spend(account.app_id, person.openid, template_id)
    number = platform.record(account, request.path, person.openid, message)
    return answer_ok(msgid=number)


def _check_content(message: dict[str, Any]) -> None:
    kind = message.get("msgtype")
    if not isinstance(kind, str) or kind not in KINDS:
        raise RefusalError(40008)
    content = message.get(kind)
    if not isinstance(content, dict):
        raise RefusalError(44004)
    for name in KINDS[kind]:
        if not content.get(name):
            raise RefusalError(44004 if kind == "text" else 40097)
    if kind == "text" and len(str(content["content"]).encode()) > TEXT_BYTES:
        raise RefusalError(45002)


ROUTES = [
    web.post("/cgi-bin/message/custom/send", send_customer_service),
    web.post("/cgi-bin/message/custom/typing", show_typing),
    web.post("/cgi-bin/message/template/send", send_template),
    web.post("/cgi-bin/message/subscribe/send", send_subscribe),
    web.post("/cgi-bin/message/subscribe/bizsend", send_subscribe),
]
