"""Messages that the sandbox sends in the service's place, so that one can see each kind arrive.

They go through the platform's own API over HTTP, with a token of the account, as a service's
would: windows, consents and faults hold, and what is refused shows on the phone.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from sandbox.phone.acts import ActError
from sandbox.phone.card_templates import TEMPLATES, CardTemplate
from sandbox.phone.conversations import Conversations
from sandbox.phone.pictures import draw_ready
from sandbox.platform.answers import WORDS
from sandbox.platform.memory import Platform

MOST_UNDER_WAY = 20
#: Longer than the slowest of the faults that one can switch on.
PATIENCE = aiohttp.ClientTimeout(total=30)

_CUSTOM = "/cgi-bin/message/custom/send"
_WINDOW = "要在对方发过消息或点过菜单之后"
_CONSENT = "要先同意接收一次"
_PICTURE = "sign-in-sheet"
#: What a subscribe or template message says, by what a field is called there; else by the first
#: part of its name.
_VALUES_BY_LABEL = {
    "补贴项目": "职业培训补贴",
    "地点": "三楼教室",
    "备注": "请带上身份证",
    "事项": "中式面点师3班报名",
    "结果": "已受理",
}
_VALUES = {
    "thing": "中式面点师3班",
    "character_string": "LC20260618001",
    "phrase": "已受理",
    "amount": "500.00元",
    "time": "2026年6月18日8:30",
    "date": "2026年6月18日",
    "keyword": "中式面点师3班",
}


@dataclass(frozen=True, slots=True)
class Send:
    """One kind that can be sent. `account`: official or mini, whose token it takes."""

    kind: str
    title: str
    note: str
    account: str = "official"

    def to_json(self) -> dict[str, str]:
        return {"kind": self.kind, "title": self.title, "note": self.note}


SENDS = {
    send.kind: send
    for send in (
        Send("text", "客服消息（文字）", _WINDOW),
        Send("msgmenu", "客服消息（菜单，可以点）", _WINDOW),
        Send("image", "客服消息（图片）", _WINDOW),
        Send("news", "客服消息（图文）", _WINDOW),
        Send("miniprogrampage", "客服消息（小程序卡片）", _WINDOW),
        Send("template", "模板消息", "对方关注着就能收到"),
        Send("subscribe", "订阅通知（公众号）", _CONSENT),
        Send("subscribe_mini", "订阅消息（小程序）", _CONSENT, "mini"),
        Send("typing", "“正在输入”", _WINDOW),
    )
}


class _RefusedError(Exception):
    """The API refused a call that leads to the message; the phone is told in words."""


@dataclass(slots=True)
class Sender:
    """Sends in the service's place. Tasks are kept here until they end."""

    platform: Platform
    conversations: Conversations
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _session: aiohttp.ClientSession | None = None

    def list_sends(self) -> list[Send]:
        """The kinds for which there is an account."""
        return [send for send in SENDS.values() if self._credentials(send) is not None]

    def send(self, openid: str, kind: object) -> None:
        """Begin to send one message of `kind`; it, or its refusal, comes as an item.

        Raises ActError.
        """
        send = SENDS.get(kind) if isinstance(kind, str) else None
        if send is None:
            raise ActError("没有这一种消息", 404)
        if self._credentials(send) is None:
            raise ActError("沙箱里没有这个账号", 409)
        if len(self._tasks) >= MOST_UNDER_WAY:
            raise ActError("正在发的太多了，等一会儿再发", 429)
        task = asyncio.create_task(self._send(openid, send))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Give up what is under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def _send(self, openid: str, send: Send) -> None:
        try:
            token = await self._fetch_token(send)
            path, message = await self._make(send, token)
            # What becomes of it the platform's own door shows (api_calls.py).
            await self._call(path, token, {"touser": openid, **message})
        except _RefusedError as refusal:
            self.conversations.add(openid, "system", kind="refused", text=str(refusal), api=None)

    async def _make(self, send: Send, token: str) -> tuple[str, dict[str, Any]]:
        """The path and the message, but for whom it is."""
        if send.kind == "typing":
            return "/cgi-bin/message/custom/typing", {"command": "Typing"}
        if send.kind == "template":
            return "/cgi-bin/message/template/send", _fill(_find("template", "official"))
        if send.kind == "subscribe":
            return "/cgi-bin/message/subscribe/bizsend", _fill(_find("subscribe", "official"))
        if send.kind == "subscribe_mini":
            return "/cgi-bin/message/subscribe/send", _fill(_find("subscribe", "mini"))
        content = await _MAKERS[send.kind](self, token)
        return _CUSTOM, {"msgtype": send.kind, send.kind: content}

    async def _make_text(self, _token: str) -> dict[str, Any]:
        return {"content": "您好，您问的事有结果了：报名已经受理，开班前再通知您。"}

    async def _make_msgmenu(self, _token: str) -> dict[str, Any]:
        listed = _list_menu_keys(self.platform.menu)[:3] or [("1", "满意"), ("2", "不满意")]
        return {
            "head_content": "您还想了解哪一样？",
            "list": [{"id": key, "content": name} for key, name in listed],
            "tail_content": "点一下就行。",
        }

    async def _make_image(self, token: str) -> dict[str, Any]:
        return {"media_id": await self._upload(token, "image")}

    async def _make_news(self, _token: str) -> dict[str, Any]:
        article = {
            "title": "中式面点师3班开始报名",
            "description": "6月18日开班，学满课时并且考核合格，可以申请补贴。",
            "url": "https://example.com/classes/3",
            "picurl": f"{self.platform.settings.wechat_api_base}/sandbox/pictures/{_PICTURE}.png",
        }
        return {"articles": [article]}

    async def _make_page(self, token: str) -> dict[str, Any]:
        mini = self.platform.settings.mini_program
        return {
            "title": "上课签到",
            "appid": mini.app_id if mini else "wxsandbox",
            "pagepath": "pages/checkin/index",
            "thumb_media_id": await self._upload(token, "thumb"),
        }

    async def _fetch_token(self, send: Send) -> str:
        app_id, secret = self._credentials(send) or ("", "")
        data = {"grant_type": "client_credential", "appid": app_id, "secret": secret}
        answer = await self._call("/cgi-bin/stable_token", None, data)
        return _take(answer, "access_token", "没能拿到令牌，这条没有发")

    async def _upload(self, token: str, kind: str) -> str:
        form = aiohttp.FormData()
        picture = draw_ready(_PICTURE)
        form.add_field("media", picture, filename=f"{_PICTURE}.png", content_type="image/png")
        answer = await self._call(f"/cgi-bin/media/upload?type={kind}", token, form)
        name = "thumb_media_id" if kind == "thumb" else "media_id"
        return _take(answer, name, "图片没能传上去，这条没有发")

    async def _call(self, path: str, token: str | None, data: Any) -> dict[str, Any]:
        """What the API answers; {} for what is no JSON."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=PATIENCE)
        body = {"data": data} if isinstance(data, aiohttp.FormData) else {"json": data}
        url = self.platform.settings.wechat_api_base.rstrip("/") + path
        params = {"access_token": token} if token else {}
        try:
            async with self._session.post(url, params=params, **body) as response:
                answer = json.loads(await response.read())
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return {}
        return answer if isinstance(answer, dict) else {}

    def _credentials(self, send: Send) -> tuple[str, str] | None:
        settings = self.platform.settings
        account = settings.mini_program if send.account == "mini" else settings.official_account
        return (account.app_id, account.secret) if account else None


_MAKERS: Mapping[str, Callable[[Sender, str], Awaitable[dict[str, Any]]]] = {
    "text": Sender._make_text,
    "msgmenu": Sender._make_msgmenu,
    "image": Sender._make_image,
    "news": Sender._make_news,
    "miniprogrampage": Sender._make_page,
}


def _take(answer: Mapping[str, Any], name: str, otherwise: str) -> str:
    """Raises _RefusedError where the answer does not have it."""
    found = answer.get(name)
    if isinstance(found, str):
        return found
    code = answer.get("errcode")
    why = f"{code} {WORDS.get(code, '')}".strip() if isinstance(code, int) else "答的不是 JSON"
    raise _RefusedError(f"{otherwise}：{why}")


def _find(kind: str, account: str) -> CardTemplate:
    return next(
        template
        for template in TEMPLATES.values()
        if (template.kind, template.account) == (kind, account)
    )


def _fill(template: CardTemplate) -> dict[str, Any]:
    data = {
        name: {"value": _VALUES_BY_LABEL.get(label) or _VALUES[name.rstrip("0123456789")]}
        for name, label in template.fields.items()
    }
    return {"template_id": template.template_id, "data": data}


def _list_menu_keys(menu: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """Key and name of the service's own buttons: a tap on such a line opens what they open."""
    buttons = (menu or {}).get("button", [])
    below = [sub for button in buttons for sub in button.get("sub_button") or [button]]
    return [(sub["key"], sub["name"]) for sub in below if sub.get("type") == "click"]
