"""What the service sends through the platform's API, as it shows on the phones."""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from sandbox.phone.cards import show_card, show_message
from sandbox.phone.conversations import Conversations
from sandbox.phone.deliveries import Deliverer
from sandbox.phone.delivery_reports import report_delivery
from sandbox.phone.typing_lights import TypingLights
from sandbox.platform.answers import WORDS
from sandbox.platform.memory import Platform

TYPING = "/cgi-bin/message/custom/typing"
#: Path: the channel, and what a message is called in a sentence.
CHANNELS = {
    "/cgi-bin/message/custom/send": ("customer_service", "客服消息"),
    "/cgi-bin/message/template/send": ("template", "模板消息"),
    "/cgi-bin/message/subscribe/send": ("subscribe", "小程序订阅消息"),
    "/cgi-bin/message/subscribe/bizsend": ("subscribe", "订阅通知"),
}
#: Refusals in words; of others the platform's own are given.
REASONS = {
    -1: "系统繁忙",
    40001: "令牌失效",
    40003: "没有这个人",
    40007: "没有这个文件，或者文件种类不对",
    40008: "消息类型不对",
    40014: "令牌不对",
    40037: "模板编号不对",
    42001: "令牌过期",
    43004: "对方没有关注",
    43101: "对方拒收",
    44004: "内容是空的",
    45002: "内容太长",
    45015: "窗口已关闭",
    45047: "窗口里的次数用完了",
    45080: "对方最近没有来过，不能显示",
    45081: "已经在显示了",
    47003: "字段不合规定",
}


async def watch_call(
    request: web.Request,
    response: web.StreamResponse,
    platform: Platform,
    conversations: Conversations,
    lights: TypingLights,
    deliverer: Deliverer,
) -> None:
    """Show a call that sends something, once it is answered; others are nothing to a phone."""
    path = request.path
    if path != TYPING and path not in CHANNELS:
        return
    message = _read(await request.read())
    openid = str(message.get("touser", ""))
    answer = _read(response.body if isinstance(response, web.Response) else None)
    api = {"endpoint": path, "request": message, "response": answer}
    if answer.get("errcode") != 0 or response.status != 200:
        if openid in {person.openid for person in platform.people.all()}:
            text = _tell_refusal(path, answer, response.status)
            conversations.add(openid, "system", kind="refused", text=text, api=api)
        return
    if path == TYPING:
        lights.switch(openid, on=message.get("command") == "Typing")
        return
    channel, _ = CHANNELS[path]
    if channel == "customer_service":
        shown = show_message(platform, message)
    else:
        shown = show_card(channel, message)
    conversations.add(openid, "theirs", channel=channel, answers=None, **shown, api=api)
    if channel != "customer_service":
        report_delivery(deliverer, conversations, channel, message, answer.get("msgid"))


def _tell_refusal(path: str, answer: Mapping[str, Any], status: int) -> str:
    what = "“正在输入”" if path == TYPING else f"一条{CHANNELS[path][1]}"
    code = answer.get("errcode")
    if not isinstance(code, int):
        return f"平台没有好好答复{what}：HTTP {status}，不是 JSON"
    return f"平台拒收了{what}：{code} {REASONS.get(code) or WORDS.get(code, '')}"


def _read(body: object) -> dict[str, Any]:
    if not isinstance(body, bytes | bytearray):
        return {}
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}
