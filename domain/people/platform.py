"""What this area needs of the WeChat platform; clients/wechat has the real one."""

from typing import Protocol

import structlog

from clients.wechat.errors import BlockedUserError, LoginCodeError, WeChatApiError
from domain.errors import DomainError
from domain.people.rules import normalise_phone

log = structlog.get_logger(__name__)

#: Of a code; the platform's have 32 characters.
MOST_CODE = 128


class Login(Protocol):
    """Who has logged in. The session key, which comes with it, is not kept."""

    @property
    def openid(self) -> str: ...
    @property
    def unionid(self) -> str | None: ...


class PhoneNumber(Protocol):
    """A phone that WeChat has checked."""

    @property
    def number(self) -> str: ...
    @property
    def country_code(self) -> str: ...


class MiniProgram(Protocol):
    """The platform as the mini-program reaches it; its failures are the client's."""

    async def code_to_session(self, code: str) -> Login: ...
    async def phone_number(self, code: str) -> PhoneNumber: ...


async def exchange_login_code(platform: MiniProgram | None, code: str) -> Login:
    """Who stands behind a `wx.login` code. A network call: not inside a transaction.

    Raises DomainError code_spent (wrong, used, or older than 5 minutes), login_blocked,
    unavailable.
    """
    try:
        return await _require(platform).code_to_session(code)
    except WeChatApiError as error:
        raise _refusal_of(error) from None


async def exchange_phone_code(platform: MiniProgram | None, code: str) -> str:
    """The normalised phone behind a getPhoneNumber code, which is another than the login's.

    Raises as `exchange_login_code`, and DomainError phone_wrong.
    """
    try:
        found = await _require(platform).phone_number(code)
    except WeChatApiError as error:
        raise _refusal_of(error) from None
    home = found.country_code.lstrip("+") in ("", "86")
    return normalise_phone(found.number if home else f"+{found.country_code}{found.number}")


def _require(platform: MiniProgram | None) -> MiniProgram:
    if platform is None:
        log.error("mini_program_missing")
        raise DomainError("unavailable", about="wechat")
    return platform


def _refusal_of(error: WeChatApiError) -> DomainError:
    """What the person can do about it: another code, another way, or to wait."""
    if isinstance(error, LoginCodeError):
        return DomainError("code_spent")
    if isinstance(error, BlockedUserError):
        return DomainError("login_blocked")
    # Busy, unreachable, out of quota, or a secret that is no longer right: ours to mend.
    log.warning("wechat_call_failed", code=error.code, errcode=error.errcode)
    return DomainError("unavailable", about="wechat")
