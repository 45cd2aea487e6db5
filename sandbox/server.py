"""The stand-in as a process: loopback only, and only with ZPT_SANDBOX=1."""

import socket
from collections.abc import Awaitable, Callable

from aiohttp import web

from sandbox import accounts, control, messages, things
from sandbox.answers import RefusalError, answer_refusal
from sandbox.inputs import PLATFORM
from sandbox.platform import Platform
from settings import Settings, SettingsError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
LARGEST_BODY = 12 * 1024 * 1024
LOOPBACK = "127.0.0.1"
DEFAULT_PORT = 8090


@web.middleware
async def answer_as_the_platform(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Faults first, then the handler; a refusal becomes an errcode."""
    if request.path.startswith("/sandbox/"):
        try:
            return await handler(request)
        except RefusalError as refusal:
            return control.refuse_in_plain_http(refusal)
    platform = request.app[PLATFORM]
    platform.calls[request.path] += 1
    try:
        return await platform.faults.strike(request.path) or await handler(request)
    except RefusalError as refusal:
        return answer_refusal(refusal)


def create_application(settings: Settings) -> web.Application:
    """The stand-in's application. Raises SettingsError outside the sandbox."""
    if not settings.sandbox:
        raise SettingsError("ZPT_SANDBOX", "模拟的微信平台只在沙箱里运行，要设为 1")
    if settings.official_account is None and settings.mini_program is None:
        raise SettingsError("WECHAT_MP_APP_ID", "没有设置，模拟的微信平台要有一个账号")
    application = web.Application(
        middlewares=[answer_as_the_platform], client_max_size=LARGEST_BODY
    )
    application[PLATFORM] = Platform(settings)
    for part in (accounts, messages, things, control):
        application.add_routes(part.ROUTES)
    return application


def run(settings: Settings, *, fd: int | None = None, port: int | None = None) -> None:
    """Serve until SIGTERM or SIGINT, on an inherited socket or on a loopback port."""
    application = create_application(settings)
    listener = socket.socket(fileno=fd) if fd is not None else None
    if listener is not None:
        _require_loopback(listener)
    web.run_app(
        application,
        sock=listener,
        host=LOOPBACK if listener is None else None,
        port=(port or DEFAULT_PORT) if listener is None else None,
        access_log=None,  # query strings hold tokens and secrets
        print=None,
        shutdown_timeout=2.0,
    )


def _require_loopback(listener: socket.socket) -> None:
    if listener.family == socket.AF_UNIX:
        return
    if listener.getsockname()[0] not in (LOOPBACK, "::1"):
        listener.close()
        raise SettingsError("ZPT_SANDBOX", "模拟的微信平台只能在本机地址上监听")
