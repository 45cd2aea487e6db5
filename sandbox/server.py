"""The stand-in as a process: loopback only, and only with ZPT_SANDBOX=1."""

import socket
from collections.abc import AsyncIterator, Awaitable, Callable

from aiohttp import web

from sandbox import control
from sandbox.callback.posting import PATIENCE
from sandbox.phone import door, mini_program, page
from sandbox.phone.acts import ActError
from sandbox.phone.api_calls import watch_call
from sandbox.phone.conversations import CONVERSATIONS, Conversations
from sandbox.phone.deliveries import Deliverer
from sandbox.phone.door import DELIVERER, SENDER
from sandbox.phone.sends import Sender
from sandbox.phone.typing_lights import TYPING_LIGHTS, TypingLights
from sandbox.platform import accounts, messages, things
from sandbox.platform.answers import RefusalError, answer_refusal
from sandbox.platform.inputs import PLATFORM
from sandbox.platform.memory import Platform
from sandbox.same_site import refuse_other_sites
from settings import Settings, SettingsError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
LARGEST_BODY = 12 * 1024 * 1024
LOOPBACK = "127.0.0.1"
DEFAULT_PORT = 8090


@web.middleware
async def answer_as_the_platform(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Faults first, then the handler; a refusal becomes an errcode."""
    if request.path.startswith("/sandbox"):
        refuse_other_sites(request)
        try:
            return await handler(request)
        except ActError as error:
            return door.answer_error(error)
        except RefusalError as refusal:
            return control.refuse_in_plain_http(refusal)
    platform = request.app[PLATFORM]
    platform.calls[request.path] += 1
    response: web.StreamResponse
    try:
        response = await platform.faults.strike(request.path) or await handler(request)
    except RefusalError as refusal:
        response = answer_refusal(refusal)
    app = request.app
    await watch_call(
        request, response, platform, app[CONVERSATIONS], app[TYPING_LIGHTS], app[DELIVERER]
    )
    return response


def create_application(
    settings: Settings, *, service: str | None = None, patience: float = PATIENCE
) -> web.Application:
    """The stand-in's application. Raises SettingsError outside the sandbox.

    `service` is the address that has /wechat below it; None: where the settings let it listen.
    The platform waits `patience` seconds for its answer.
    """
    if not settings.sandbox:
        raise SettingsError("ZPT_SANDBOX", "模拟的微信平台只在沙箱里运行，要设为 1")
    if settings.official_account is None and settings.mini_program is None:
        raise SettingsError("WECHAT_MP_APP_ID", "没有设置，模拟的微信平台要有一个账号")
    application = web.Application(
        middlewares=[answer_as_the_platform], client_max_size=LARGEST_BODY
    )
    platform = application[PLATFORM] = Platform(settings)
    conversations = application[CONVERSATIONS] = Conversations(platform.now)
    application[DELIVERER] = Deliverer(
        platform, conversations, (service or _find_service(settings)).rstrip("/"), patience
    )
    application[TYPING_LIGHTS] = TypingLights(conversations)
    application[SENDER] = Sender(platform, conversations)
    for part in (accounts, messages, things, control, door, mini_program, page):
        application.add_routes(part.ROUTES)
    application.on_shutdown.append(_end_streams)
    application.cleanup_ctx.append(_deliver)
    return application


async def _end_streams(application: web.Application) -> None:
    application[CONVERSATIONS].close()


async def _deliver(application: web.Application) -> AsyncIterator[None]:
    yield
    application[TYPING_LIGHTS].close()
    await application[SENDER].close()
    await application[DELIVERER].close()


def _find_service(settings: Settings) -> str:
    host = {"0.0.0.0": LOOPBACK, "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - compared only
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


def run(
    settings: Settings,
    *,
    fd: int | None = None,
    port: int | None = None,
    service: str | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT, on an inherited socket or on a loopback port.

    `service` as in `create_application`.
    """
    application = create_application(settings, service=service)
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
        # The supervisor's patience is one second.
        shutdown_timeout=0.5,
    )


def _require_loopback(listener: socket.socket) -> None:
    if listener.family == socket.AF_UNIX:
        return
    if listener.getsockname()[0] not in (LOOPBACK, "::1"):
        listener.close()
        raise SettingsError("ZPT_SANDBOX", "模拟的微信平台只能在本机地址上监听")
