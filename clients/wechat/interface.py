"""What the product asks of the WeChat platform, as Protocols; nothing here knows HTTP.

Every method raises a `WeChatApiError` of clients/wechat/errors.py when it fails.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

#: The platform's own shape of a custom menu: {"button": [{"name", "type", "key", "sub_button"}]}.
PlatformMenu = dict[str, Any]


@dataclass(frozen=True, slots=True)
class LoginSession:
    """What a `wx.login` code stands for. The session key never leaves the server."""

    openid: str
    session_key: str = field(repr=False)
    #: Only when both accounts are bound to one open-platform account.
    unionid: str | None = None


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """`number` without the country code."""

    number: str = field(repr=False)
    country_code: str = "86"


@dataclass(frozen=True, slots=True)
class QrTicket:
    """A QR code that opens the official account with a scene."""

    ticket: str
    #: What the code says, for drawing it ourselves.
    url: str
    #: Where the platform draws it.
    image_url: str
    #: Seconds; None: for ever.
    expires_in: int | None


@dataclass(frozen=True, slots=True)
class Media:
    """A temporary media file (临时素材, kept 3 days by the platform)."""

    content: bytes = field(repr=False)
    content_type: str
    filename: str | None


class OfficialAccountApi(Protocol):
    """The 公众号."""

    async def send_text(self, openid: str, text: str) -> None:
        """A customer-service message (客服消息), at most 2048 bytes of UTF-8.

        Raises CustomerServiceWindowError or CustomerServiceCountError where the person's last
        action no longer allows one.
        """

    async def find_unionid(self, openid: str) -> str | None:
        """Who the follower is in all accounts of one open-platform account; None for who does not
        follow, and where the account belongs to none."""

    async def send_template(
        self,
        openid: str,
        template_id: str,
        data: Mapping[str, str],
        *,
        url: str | None = None,
        mini_program: Mapping[str, str] | None = None,
    ) -> str:
        """A template message (模板消息); returns the platform's message id."""

    async def send_subscribe(
        self, openid: str, template_id: str, data: Mapping[str, str], *, page: str | None = None
    ) -> None:
        """A subscribe message (订阅通知). Raises ConsentMissingError where no consent is left."""

    async def get_menu(self) -> PlatformMenu | None:
        """The custom menu that is set, None where there is none."""

    async def create_menu(self, menu: PlatformMenu) -> None:
        """Set the custom menu; phones show it within 5 minutes."""

    async def delete_menu(self) -> None:
        """Remove the custom menu."""

    async def create_qr_ticket(self, scene: str, *, expires_in: int | None = None) -> QrTicket:
        """A QR code with `scene` (1 to 64 characters); `expires_in` seconds, at most 2592000,
        None for one that lasts for ever (the platform allows 100,000 of these)."""

    async def upload_media(
        self, kind: str, filename: str, content: bytes, content_type: str
    ) -> str:
        """Store a temporary file (`kind`: image, voice, video, thumb); returns its media id."""

    async def download_media(self, media_id: str) -> Media:
        """The bytes of what a person sent. Raises MediaError where it has expired."""


class MiniProgramApi(Protocol):
    """The 小程序."""

    async def code_to_session(self, code: str) -> LoginSession:
        """Who stands behind a `wx.login` code. Raises LoginCodeError, BlockedUserError."""

    async def phone_number(self, code: str) -> PhoneNumber:
        """The phone number behind a getPhoneNumber code. Raises LoginCodeError."""

    async def send_subscribe(
        self, openid: str, template_id: str, data: Mapping[str, str], *, page: str | None = None
    ) -> None:
        """A subscribe message (订阅消息). Raises ConsentMissingError where no consent is left."""

    async def mini_program_code(
        self, scene: str, *, page: str | None = None, width: int = 430
    ) -> bytes:
        """The picture of an unlimited mini-program code; `scene` at most 32 visible characters."""

    async def generate_url_link(
        self, path: str, query: str = "", *, expires_in_days: int = 30
    ) -> str:
        """A link that opens the mini-program from a text message or a browser."""


class WeChatApi(OfficialAccountApi, MiniProgramApi, Protocol):
    """Both accounts' calls. One client serves one account; see `AsyncWeChatClient`."""

    async def close(self) -> None:
        """Give the connections back. The client is not used afterwards."""
