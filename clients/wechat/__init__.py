"""The WeChat platform: `open_official_account` and `open_mini_program` give the real client."""

from redis.asyncio import Redis

from clients.wechat.client import AccountKind, AsyncWeChatClient
from clients.wechat.errors import WeChatApiError
from clients.wechat.interface import MiniProgramApi, OfficialAccountApi, WeChatApi
from clients.wechat.transport import Limits
from settings import MiniProgram, OfficialAccount

__all__ = [
    "AccountKind",
    "AsyncWeChatClient",
    "Limits",
    "MiniProgramApi",
    "OfficialAccountApi",
    "WeChatApi",
    "WeChatApiError",
    "open_mini_program",
    "open_official_account",
]


def open_official_account(
    account: OfficialAccount, api_base: str, redis: "Redis | None"
) -> AsyncWeChatClient:
    """The 公众号's client; to be closed. `redis` None: the token stays in this process."""
    kind = AccountKind.OFFICIAL_ACCOUNT
    return AsyncWeChatClient(
        account.app_id, account.secret, kind=kind, api_base=api_base, redis=redis
    )


def open_mini_program(
    account: MiniProgram, api_base: str, redis: "Redis | None"
) -> AsyncWeChatClient:
    """The 小程序's client; to be closed."""
    kind = AccountKind.MINI_PROGRAM
    return AsyncWeChatClient(
        account.app_id, account.secret, kind=kind, api_base=api_base, redis=redis
    )
