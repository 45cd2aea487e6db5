"""The web application: what the HTTP doors share, and the doors."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress

from aiohttp import web
from redis.asyncio import Redis

from api import application as api
from api.audiences import audience_of
from api.console.page import PREFIX as CONSOLE_PREFIX
from api.screen.ground import PREFIX as SCREEN_PREFIX
from api.sessions import Sessions
from api.tools import Tools
from assembly.camera import make_camera
from assembly.console import Console
from assembly.faq import build_router, make_watcher
from assembly.official_account import add_official_account, add_schools, make_explainer
from assembly.outside import (
    connect_redis,
    database,
    database_url_of,
    make_vault,
    open_files,
    open_mini_program,
)
from assembly.screen import Screens
from bot.webhook import PATH as WEBHOOK_PATH
from clients.wechat import AsyncWeChatClient
from domain.calendar import Clock
from domain.faq.live import LiveRouter
from domain.faq.queries import answer_question
from domain.faq.routing.router import Router
from models.availability import Database
from models.database import missing_migrations, ping_database
from observing.metrics import Metrics
from settings import Settings
from web import application
from web.access import Access
from web.health import keep_result
from web.home import add_home_page
from web.limits import Limiter
from web.pages import make_environment
from web.sandbox import add_sandbox, refuse_other_sites
from web.uploads import add_upload_folder

#: One line in so many for the callback: at full speed lines cost more than they tell.
_LOG_ONE_CALLBACK_IN = 100


def make_web(
    settings: Settings, *, router: Router | None, metrics: Metrics | None, clock: Clock
) -> web.Application:
    """The application as it is served. Raises assembly.outside.PartMissing.

    `router` and `metrics` None: its own.
    """
    # Missing, it is told now and not at the start.
    database_url_of(settings)
    live = LiveRouter(router or build_router(settings))
    metrics = metrics or Metrics()
    vault = make_vault(settings)
    redis = connect_redis(settings, patient=True)
    # Of its own: a flood of anonymous calls must not take the callback's connections.
    limits_redis = connect_redis(settings)
    mini_program = open_mini_program(settings, redis)
    files = open_files(settings)
    console = Console(
        settings,
        vault,
        lambda: live.content,
        clock,
        lambda: live.current.contact,
        files,
    )
    screens = Screens(console)
    sessions = Sessions(
        vault,
        limits_redis,
        Database(metrics.fallbacks.labels("postgres").inc),
        clock,
        metrics.fallbacks.labels("redis").inc,
    )
    app = application.create(
        texts=live.texts,
        metrics=metrics,
        checks={
            "database": ping_database,
            "redis": redis.ping,
            "migrations": keep_result(_check_migrations),
        },
        limiter=Limiter(
            vault,
            limits_redis,
            trusted_proxies=settings.trusted_proxies,
            count_fallback=metrics.fallbacks.labels("redis").inc,
        ),
        trusted_proxies=settings.trusted_proxies,
        guards={
            Access.SIGNED_IN: sessions.guard,
            Access.SANDBOX: refuse_other_sites([settings.public_url, f"//{settings.host}"]),
            Access.STAFF: console.guard,
            Access.SCREEN: screens.guard,
        },
        framed_pages={CONSOLE_PREFIX: console.render_refusal},
        audience_of=audience_of,
        log_every={WEBHOOK_PATH: _LOG_ONE_CALLBACK_IN},
    )
    add_home_page(app, make_environment(), live.texts, sandbox=settings.sandbox)
    add_upload_folder(app, settings.var / "uploads")
    watcher = make_watcher(
        settings, live, lambda result: metrics.content_changes.labels(result).inc()
    )
    # They end in the opposite order: what is used outlives who uses it.
    app.cleanup_ctx.append(lambda _app: database(settings))
    app.cleanup_ctx.append(lambda _app: _closing(redis, limits_redis))
    if mini_program is not None:
        app.cleanup_ctx.append(lambda _app: _closing_client(mini_program))
    schools = add_schools(app, live, clock)
    if settings.sandbox:
        explainer = make_explainer(live, metrics, vault, clock, schools)
        camera = make_camera(live, vault, clock)
        add_sandbox(app, settings.wechat_api_base, explainer, camera)
    add_official_account(app, settings, live, metrics, vault, redis, clock, schools)
    app.cleanup_ctx.append(lambda _app: _at_work(watcher.run()))
    app.add_subapp(
        "/api",
        api.create(
            answer_question=lambda text: answer_question(
                live.current, text, clock().date()
            ).to_json(),
            list_policies=lambda: live.content.policies,
            texts=live.texts,
            public_url=settings.public_url,
            tools=Tools(
                vault,
                redis,
                clock,
                lambda: live.content,
                mini_program,
                lambda: live.current.contact,
                settings.public_url,
                files,
            ),
            sessions=sessions,
        ),
    )
    app.add_subapp(CONSOLE_PREFIX, console.application)
    app.add_subapp(SCREEN_PREFIX, screens.application)
    return app


@asynccontextmanager
async def _closing(*clients: Redis) -> AsyncIterator[None]:
    yield
    for client in clients:
        await client.aclose()


@asynccontextmanager
async def _closing_client(client: AsyncWeChatClient) -> AsyncIterator[None]:
    yield
    await client.close()


@asynccontextmanager
async def _at_work(part: Coroutine[object, object, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(part)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _check_migrations() -> None:
    missing = await missing_migrations()
    if missing:
        raise RuntimeError(f"not migrated: {', '.join(missing)}")
