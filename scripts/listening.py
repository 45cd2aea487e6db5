"""Whether HOST and PORT can be listened on, asked before anything is started."""

import errno
import socket

from settings import SettingsError


def require_free_address(host: str, port: int) -> None:
    """Raises SettingsError, naming HOST or PORT, where `host`:`port` cannot be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As the server does: connections of the last run that are dying do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        # UnicodeError: a name that cannot be one, "a..b", is refused before it is looked up.
        except (socket.gaierror, UnicodeError):
            raise SettingsError(
                "HOST", f"{host!r} 不是这台机器能用的地址，一般写 127.0.0.1 或 0.0.0.0"
            ) from None
        except OSError as error:
            raise _explain(error, host, port) from None


def _explain(error: OSError, host: str, port: int) -> SettingsError:
    if error.errno == errno.EADDRNOTAVAIL:
        return SettingsError(
            "HOST", f"{host} 不是这台机器的地址，一般写 127.0.0.1，要让别的机器连就写 0.0.0.0"
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return SettingsError("PORT", f"{port} 这样小的端口要有权限才能用，请换一个，例如 8081")
    if error.errno == errno.EADDRINUSE:
        return SettingsError(
            "PORT", f"{host}:{port} 已经被别的程序占着；停掉它，或者换一个，例如 PORT=8081"
        )
    return SettingsError("PORT", f"{host}:{port} 用不了（{error.strerror}），请换一个再试")
