"""What an account sends to people: customer-service, template and subscribe messages."""

from typing import Any

from aiohttp import web

from sandbox.platform.answers import RefusalError, answer_ok
from sandbox.platform.inputs import account_of, platform_of, read_object
from sandbox.platform.memory import Platform
from sandbox.platform.templates import check_fields, check_template

TEXT_BYTES = 2048
#: An account that is shown as typing cannot be told so again for this long.
TYPING_SECONDS = 30.0
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
#: Types that carry a temporary file of their own kind; mpnews has a lasting one, which is nothing
#: that this platform keeps.
_OWN_FILE = frozenset({"image", "voice", "video"})
_THUMBS = frozenset({"thumb", "image"})


async def send_customer_service(request: web.Request) -> web.Response:
    """POST /cgi-bin/message/custom/send"""
    account = account_of(request)
    message = await read_object(request)
    platform = platform_of(request)
    person = platform.people.find(str(message.get("touser", "")))
    _check_content(message)
    _check_media(platform, message)
    platform.windows.spend(account.app_id, person.openid)
    platform.record(account, request.path, person.openid, message)
    return answer_ok()


async def show_typing(request: web.Request) -> web.Response:
    """POST /cgi-bin/message/custom/typing"""
    account = account_of(request)
    data = await read_object(request)
    platform = platform_of(request)
    openid = platform.people.find(str(data.get("touser", ""))).openid
    command, key, now = data.get("command"), (account.app_id, openid), platform.now()
    if command not in ("Typing", "CancelTyping"):
        raise RefusalError(40097)
    if not platform.windows.is_open(account.app_id, openid):
        raise RefusalError(45080)
    if command == "CancelTyping":
        platform.typing.pop(key, None)
        return answer_ok()
    if platform.typing.get(key, now) > now:
        raise RefusalError(45081)
    platform.typing = {known: ends for known, ends in platform.typing.items() if ends > now}
    platform.typing[key] = now + TYPING_SECONDS
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


def _check_media(platform: Platform, message: dict[str, Any]) -> None:
    """Raises 40007 for files that are not kept, or are of another kind."""
    kind = message["msgtype"]
    content = message[kind]
    if kind in _OWN_FILE:
        platform.find_media(content["media_id"], {kind})
    if content.get("thumb_media_id"):
        platform.find_media(content["thumb_media_id"], _THUMBS)


ROUTES = [
    web.post("/cgi-bin/message/custom/send", send_customer_service),
    web.post("/cgi-bin/message/custom/typing", show_typing),
    web.post("/cgi-bin/message/template/send", send_template),
    web.post("/cgi-bin/message/subscribe/send", send_subscribe),
    web.post("/cgi-bin/message/subscribe/bizsend", send_subscribe),
]
