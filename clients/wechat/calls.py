"""The calls that the product makes, with types; each is one endpoint of the platform."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from clients.wechat.catalogue import leave_out_none
from clients.wechat.errors import MalformedAnswerError
from clients.wechat.interface import LoginSession, Media, PhoneNumber, PlatformMenu, QrTicket
from settings import REAL_WECHAT_API

if TYPE_CHECKING:
    from clients.wechat.transport import Answer

API = f"{REAL_WECHAT_API}/"
SHOW_QR_CODE = "https://mp.weixin.qq.com/cgi-bin/showqrcode?ticket="
LONGEST_QR_LIFE = 2_592_000


class TypedCalls:
    """Mixed into the client, which gives `_exchange`, the account's keys and its kind."""

    appid: str
    secret: str
    kind: Any
    menu: Any

    async def _exchange(self, method: str, url_or_endpoint: str, **kwargs: Any) -> "Answer":
        raise NotImplementedError

    async def _ask(self, method: str, path: str, **kwargs: Any) -> dict[str, Any]:
        answer = await self._exchange(method, API + path, **kwargs)
        return answer.expect_object("/" + path)

    async def send_text(self, openid: str, text: str) -> None:
        message = {"touser": openid, "msgtype": "text", "text": {"content": text}}
        await self._ask("POST", "cgi-bin/message/custom/send", data=message)

    async def send_typing(self, openid: str) -> None:
        """Show "对方正在输入" for up to 15 s, or until the next message."""
        data = {"touser": openid, "command": "Typing"}
        await self._ask("POST", "cgi-bin/message/custom/typing", data=data)

    async def find_unionid(self, openid: str) -> str | None:
        query = {"openid": openid, "lang": "zh_CN"}
        answer = await self._ask("GET", "cgi-bin/user/info", params=query)
        return str(answer.get("unionid") or "") or None

    async def send_template(
        self,
        openid: str,
        template_id: str,
        data: Mapping[str, str],
        *,
        url: str | None = None,
        mini_program: Mapping[str, str] | None = None,
    ) -> str:
        path = "cgi-bin/message/template/send"
        message = leave_out_none(
            touser=openid,
            template_id=template_id,
            url=url,
            miniprogram=mini_program and dict(mini_program),
            data=_template_data(data),
        )
        return str(_take(await self._ask("POST", path, data=message), "msgid", path))

    async def send_subscribe(
        self, openid: str, template_id: str, data: Mapping[str, str], *, page: str | None = None
    ) -> None:
        # The 公众号's consents and templates are apart from the 小程序's, endpoint included.
        path = "send" if self.kind.name == "MINI_PROGRAM" else "bizsend"
        message = leave_out_none(
            touser=openid, template_id=template_id, page=page, data=_template_data(data)
        )
        await self._ask("POST", f"cgi-bin/message/subscribe/{path}", data=message)

    async def get_menu(self) -> PlatformMenu | None:
        answer: dict[str, Any] | None = await self.menu.get()
        return None if answer is None else dict(_take(answer, "menu", "cgi-bin/menu/get"))

    async def create_menu(self, menu: PlatformMenu) -> None:
        await self._ask("POST", "cgi-bin/menu/create", data=menu)

    async def delete_menu(self) -> None:
        await self._ask("GET", "cgi-bin/menu/delete")

    async def create_qr_ticket(self, scene: str, *, expires_in: int | None = None) -> QrTicket:
        if not 1 <= len(scene) <= 64:
            raise ValueError("a scene has 1 to 64 characters")
        if expires_in is not None and not 1 <= expires_in <= LONGEST_QR_LIFE:
            raise ValueError(f"a QR code lasts 1 to {LONGEST_QR_LIFE} seconds")
        path = "cgi-bin/qrcode/create"
        request = leave_out_none(
            expire_seconds=expires_in,
            action_name="QR_LIMIT_STR_SCENE" if expires_in is None else "QR_STR_SCENE",
            action_info={"scene": {"scene_str": scene}},
        )
        answer = await self._ask("POST", path, data=request)
        ticket = str(_take(answer, "ticket", path))
        return QrTicket(
            ticket=ticket,
            url=str(_take(answer, "url", path)),
            image_url=SHOW_QR_CODE + quote(ticket, safe=""),
            expires_in=answer.get("expire_seconds"),
        )

    async def upload_media(
        self, kind: str, filename: str, content: bytes, content_type: str
    ) -> str:
        path = "cgi-bin/media/upload"
        files = {"media": (filename, content, content_type)}
        answer = await self._ask("POST", path, params={"type": kind}, files=files)
        # A thumb comes back under a name of its own.
        return str(answer.get("thumb_media_id") or _take(answer, "media_id", path))

    async def download_media(self, media_id: str) -> Media:
        answer = await self._exchange(
            "GET", API + "cgi-bin/media/get", params={"media_id": media_id}
        )
        if answer.data is not None:
            raise MalformedAnswerError(0, "不是文件（视频只给地址）", "/cgi-bin/media/get")
        return Media(answer.content, answer.content_type, answer.filename)

    async def code_to_session(self, code: str) -> LoginSession:
        path = "sns/jscode2session"
        query = {
            "appid": self.appid,
            "secret": self.secret,
            "js_code": code,
            "grant_type": "authorization_code",
        }
        answer = await self._ask("GET", path, params=query)
        return LoginSession(
            openid=str(_take(answer, "openid", path)),
            session_key=str(_take(answer, "session_key", path)),
            unionid=answer.get("unionid"),
        )

    async def phone_number(self, code: str) -> PhoneNumber:
        path = "wxa/business/getuserphonenumber"
        answer = _take(await self._ask("POST", path, data={"code": code}), "phone_info", path)
        return PhoneNumber(
            number=str(_take(answer, "purePhoneNumber", path)),
            country_code=str(_take(answer, "countryCode", path)),
        )

    async def mini_program_code(
        self, scene: str, *, page: str | None = None, width: int = 430
    ) -> bytes:
        path = "wxa/getwxacodeunlimit"
        request = leave_out_none(scene=scene, page=page, width=width)
        answer = await self._exchange("POST", API + path, data=request)
        if answer.data is not None or not answer.content_type.startswith("image/"):
            raise MalformedAnswerError(0, "不是图片", "/" + path)
        return answer.content

    async def generate_url_link(
        self, path: str, query: str = "", *, expires_in_days: int = 30
    ) -> str:
        endpoint = "wxa/generate_urllink"
        request = {
            "path": path,
            "query": query,
            "expire_type": 1,
            "expire_interval": expires_in_days,
        }
        return str(_take(await self._ask("POST", endpoint, data=request), "url_link", endpoint))


def _template_data(data: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return {name: {"value": value} for name, value in data.items()}


def _take(answer: Mapping[str, Any], key: str, path: str) -> Any:
    try:
        return answer[key]
    except (KeyError, TypeError):
        raise MalformedAnswerError(0, f"没有 {key}", f"/{path}") from None
