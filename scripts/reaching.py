"""Whether the database that DATABASE_URL names can be reached, told in one line if not."""

import socket

import asyncpg

from settings import SettingsError

_CONNECT_SECONDS = 5.0

#: The driver's own words name users and hosts, so only these are said.
_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (asyncpg.InvalidAuthorizationSpecificationError, "用户名或密码不对"),
    (asyncpg.InvalidCatalogNameError, "没有这个名字的数据库"),
    (asyncpg.TooManyConnectionsError, "数据库的连接已经用满"),
    (asyncpg.CannotConnectNowError, "数据库正在启动或停止，过一会儿再试"),
    (ConnectionRefusedError, "那个地址上没有数据库在运行"),
    (FileNotFoundError, "那个文件夹里没有数据库的套接字"),
    (socket.gaierror, "找不到这个主机名"),
    (TimeoutError, f"{_CONNECT_SECONDS:.0f} 秒没有应答"),
)


async def require_database(url: str) -> None:
    """Raises SettingsError where `url` leads to no database; never tells what `url` holds."""
    try:
        connection = await asyncpg.connect(url, timeout=_CONNECT_SECONDS)
    except (
        OSError,
        TimeoutError,
        UnicodeError,
        ValueError,
        asyncpg.PostgresError,
        asyncpg.InterfaceError,
    ) as error:
        raise SettingsError("DATABASE_URL", f"连不上数据库：{_explain(error)}") from None
    await connection.close()


def _explain(error: Exception) -> str:
    for kind, reason in _REASONS:
        if isinstance(error, kind):
            return reason
    return "地址不通" if isinstance(error, OSError) else type(error).__name__
