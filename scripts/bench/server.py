"""One server process for the bench, pinned to one core: the whole door, or one of its yardsticks.

`python -m scripts.bench.server door|unrouted|bare|wechatpy` reads its settings from the
environment, prints "PORT seconds-to-ready" once it answers, and "MB" of memory when it is told to
stop.
"""

import asyncio
import contextlib
import gc
import os
import resource
import signal
import sys
import time

import uvloop
from aiohttp import web

_BEGAN = time.perf_counter()


async def _serve(app: web.Application) -> None:
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    port = runner.addresses[0][1]
    print(port, round(time.perf_counter() - _BEGAN, 2), flush=True)
    await stop.wait()
    await runner.cleanup()
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, flush=True)


def _make_bare() -> web.Application:
    """What aiohttp alone costs: read the body, answer as many bytes as a reply has."""
    body = b"x" * 1400

    async def answer(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(body=body, content_type="application/xml")

    app = web.Application()
    app.router.add_post("/wechat", answer)
    return app


def _make_wechatpy() -> web.Application:
    """aiohttp with wechatpy as its documents show it: no routing, no deduplication, no record."""
    from wechatpy import create_reply, parse_message
    from wechatpy.crypto import WeChatCrypto

    from settings import read_settings

    account = read_settings(os.environ).official_account
    assert account is not None
    crypto = WeChatCrypto(account.token, account.aes_key, account.app_id)
    answer_text = "每人每月500元，最长6个月。" * 12

    async def answer(request: web.Request) -> web.Response:
        query = request.query
        message = parse_message(
            crypto.decrypt_message(
                await request.text(), query["msg_signature"], query["timestamp"], query["nonce"]
            )
        )
        reply = create_reply(answer_text, message).render()
        body = crypto.encrypt_message(reply, query["nonce"], query["timestamp"])
        return web.Response(text=body, content_type="application/xml")

    app = web.Application()
    app.router.add_post("/wechat", answer)
    return app


def _make_door() -> web.Application:
    from app import create_app
    from observing.logs import configure_logging
    from settings import read_settings

    configure_logging(level="WARNING")
    return create_app(read_settings(os.environ))


def _make_unrouted() -> web.Application:
    """The whole door, but every question gets the first one's answer: what routing costs there."""
    from datetime import date

    from app import create_app
    from assembly.faq import contact_of, model_store
    from content.loader import PACKAGE_CONTENT, load_content
    from domain.faq.routing import Router, Routing
    from observing.logs import configure_logging
    from settings import read_settings

    class FixedRouter(Router):
        fixed: Routing | None = None

        def route(self, q: str, as_of: date) -> Routing:
            self.fixed = self.fixed or super().route(q, as_of)
            return self.fixed

    configure_logging(level="WARNING")
    settings = read_settings(os.environ)
    router = FixedRouter(
        load_content(PACKAGE_CONTENT),
        contact=contact_of(settings, PACKAGE_CONTENT),
        models=model_store(settings),
    )
    return create_app(settings, router=router)


_MAKERS = {
    "door": _make_door,
    "unrouted": _make_unrouted,
    "bare": _make_bare,
    "wechatpy": _make_wechatpy,
}


def main() -> None:
    """Serve until SIGTERM."""
    with contextlib.suppress(AttributeError, OSError):
        # Pinning is Linux's; elsewhere the figures are noisier.
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    app = _MAKERS[sys.argv[1]]()
    # As `zpt serve` does.
    gc.collect()
    gc.freeze()
    uvloop.run(_serve(app))


if __name__ == "__main__":
    main()
