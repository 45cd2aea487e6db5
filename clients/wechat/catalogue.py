"""wechatpy's catalogue of API calls, with those mended that do not fit a coroutine transport.

Almost every method of wechatpy only describes a call and returns what `client.get` or
`client.post` returns, so with a coroutine below it can be awaited as it stands. Mended here
are those that use the result at once, read the token, or call `requests` themselves.
"""

from collections.abc import AsyncIterator, Awaitable
from typing import IO, Any, NoReturn

from optionaldict import optionaldict
from wechatpy.client.api import (
    WeChatCard,
    WeChatCloud,
    WeChatCustomService,
    WeChatDataCube,
    WeChatDevice,
    WeChatJSAPI,
    WeChatMaterial,
    WeChatMedia,
    WeChatMenu,
    WeChatQRCode,
    WeChatTag,
    WeChatUser,
)
from wechatpy.utils import WeChatSigner

from clients.wechat.errors import MenuMissingError, UnsupportedCallError
from settings import REAL_WECHAT_API

Json = dict[str, Any]


def refuse(call: str, instead: str) -> NoReturn:
    """Raise UnsupportedCallError for a call that cannot be made to work without blocking."""
    raise UnsupportedCallError(0, f"{call}：请改用 {instead}")


class JSAPI(WeChatJSAPI):  # type: ignore[misc]
    """The cached tickets used a synchronous session; caching is the caller's now."""

    async def get_jsapi_ticket(self) -> str:
        """A fresh JS-SDK ticket, good for 2 hours; the platform counts these calls."""
        return str((await self.get_ticket("jsapi"))["ticket"])

    async def get_jsapi_card_ticket(self) -> str:
        """A fresh card ticket, good for 2 hours."""
        return str((await self.get_ticket("wx_card"))["ticket"])


class Card(WeChatCard):  # type: ignore[misc]
    async def get_redirect_url(self, url: str, encrypt_code: str, card_id: str) -> str:
        """The outside link of a card; asks the platform for the card's code first."""
        signer = WeChatSigner()
        signer.add_data(self.secret, await self.decrypt_code(encrypt_code), card_id)
        return f"{url}?encrypt_code={encrypt_code}&card_id={card_id}&signature={signer.signature}"


class DataCube(WeChatDataCube):  # type: ignore[misc]
    def get_user_summary(self, begin_date: object, end_date: object) -> Awaitable[list[Json]]:
        dates = {
            "begin_date": self._to_date_str(begin_date),
            "end_date": self._to_date_str(end_date),
        }
        call: Awaitable[list[Json]] = self._post(
            "getusersummary", data=dates, result_processor=lambda answer: answer["list"]
        )
        return call


class User(WeChatUser):  # type: ignore[misc]
    async def iter_followers(self, first_user_id: str | None = None) -> AsyncIterator[str]:
        """All followers' openids, page by page: `async for`."""
        while True:
            page = await self.get_followers(first_user_id)
            for openid in page.get("data", {}).get("openid", ()):
                yield openid
            first_user_id = page.get("next_openid")
            if not first_user_id or "data" not in page:
                return


class Tag(WeChatTag):  # type: ignore[misc]
    async def iter_tag_users(
        self, tag_id: int, first_user_id: str | None = None
    ) -> AsyncIterator[str]:
        """The openids of those with a tag, page by page: `async for`."""
        while True:
            page = await self.get_tag_users(tag_id, first_user_id)
            for openid in page.get("data", {}).get("openid", ()):
                yield openid
            first_user_id = page.get("next_openid")
            if not first_user_id or "data" not in page:
                return


class Cloud(WeChatCloud):  # type: ignore[misc]
    def upload_file(self, *_arguments: object, **_named: object) -> NoReturn:
        refuse("cloud.upload_file", "对象存储（本产品不用云开发）")


class Device(WeChatDevice):  # type: ignore[misc]
    def get_qrcode_url(self, ticket: str, data: object = None) -> str:
        """As wechatpy's, which fails on Python 3 when there are data."""
        if data:
            refuse("device.get_qrcode_url(data)", "不带 data 的调用")
        return str(super().get_qrcode_url(ticket))


class QRCode(WeChatQRCode):  # type: ignore[misc]
    def show(self, ticket: str | Json) -> Awaitable[bytes]:
        """The picture of the code; needs no access token."""
        if isinstance(ticket, dict):
            ticket = ticket["ticket"]
        call: Awaitable[bytes] = self._get(
            "https://mp.weixin.qq.com/cgi-bin/showqrcode", params={"ticket": ticket}
        )
        return call


class Material(WeChatMaterial):  # type: ignore[misc]
    def add(
        self,
        media_type: str,
        media_file: IO[bytes],
        title: str | None = None,
        introduction: str | None = None,
    ) -> Awaitable[Json]:
        """Store a permanent file. A video needs `title` and `introduction`; ValueError without."""
        fields = None
        if media_type == "video":
            if not title or not introduction:
                raise ValueError("a video needs a title and an introduction")
            # A form field, as the platform documents it; wechatpy puts it into the query.
            fields = {"description": {"title": title, "introduction": introduction}}
        call: Awaitable[Json] = self._post(
            "material/add_material",
            params={"type": media_type},
            files={"media": media_file},
            data=fields,
        )
        return call


class CustomService(WeChatCustomService):  # type: ignore[misc]
    def delete_account(self, account: str) -> Awaitable[Json]:
        call: Awaitable[Json] = self._get(
            f"{REAL_WECHAT_API}/customservice/kfaccount/del", params={"kf_account": account}
        )
        return call


class MediaFiles(WeChatMedia):  # type: ignore[misc]
    def get_url(self, *_arguments: object, **_named: object) -> NoReturn:
        # The address holds the access token: whoever sees it can act as the account.
        refuse("media.get_url", "download_media")


class Menu(WeChatMenu):  # type: ignore[misc]
    async def get(self) -> Json | None:
        """The custom menu, None where there is none (wechatpy catches too early to see it)."""
        try:
            menu: Json = await self._get("menu/get")
        except MenuMissingError:
            return None
        return menu


def leave_out_none(**values: object) -> Json:
    """A JSON object of those that are not None."""
    return dict(optionaldict(values))
