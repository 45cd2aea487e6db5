"""What this area needs of the WeChat platform; clients/wechat has the real one."""

from typing import Protocol


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
