"""The composition root: settings -> clients -> web application, put together here alone."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from aiohttp import web
from redis.asyncio import Redis

from api import application as api
from bot.dispatch import Dispatcher
from bot.handling import Tools
from bot.inbox import Inbox
from bot.ledger import RedisLedger
from bot.record_buffer import RecordBuffer
from bot.shared_ledger import SharedLedger
from bot.webhook import PATH as WEBHOOK_PATH
from bot.webhook import Webhook
from bot.wire import Wire
from clients.shared_state import connect_redis
from content.loader import PACKAGE_CONTENT
from domain.calendar import Clock, local_now
from domain.faq.assembly import build_router
from domain.faq.live import LiveRouter
from domain.faq.queries import answer_question
from domain.faq.reloading import ContentWatcher
from domain.faq.routing.router import Router
from domain.messaging import actions
from domain.messaging.queries import list_open_dialogues
from domain.vault import Vault
from models.availability import Database
from models.database import close_database, missing_migrations, open_database, ping_database
from observing.metrics import Metrics
from settings import Settings
from web import application
from web.health import keep_result
from web.home import add_home_page
from web.limits import Limiter
from web.pages import make_environment
from web.uploads import add_upload_folder

#: One line in so many for the callback: at full speed lines cost more than they tell.
_LOG_ONE_CALLBACK_IN = 100


def create_app(
    settings: Settings,
    *,
    router: Router | None = None,
    metrics: Metrics | None = None,
    clock: Clock = local_now,
) -> web.Application:
    """The web application. `database_url`, `redis_url` and the official account must be set.

    Connects to nothing until it is started; starts, and answers policy questions, with
    PostgreSQL and Redis away.
    """
    if settings.database_url is None or settings.redis_url is None:
        raise ValueError("the web application needs DATABASE_URL and REDIS_URL")
    live = LiveRouter(router or build_router(settings))
    metrics = metrics or Metrics()
    vault = Vault(settings.data_keys)
    redis = connect_redis(settings.redis_url)
    # Of its own: a flood of anonymous calls must not take the callback's connections.
    limits_redis = connect_redis(settings.redis_url)
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
        log_every={WEBHOOK_PATH: _LOG_ONE_CALLBACK_IN},
    )
    add_home_page(app, make_environment(), live.texts)
    add_upload_folder(app, settings.var / "uploads")
    _close_at_end(app, limits_redis)
    _open_database_at_start(app, settings.database_url)
    _add_official_account(app, settings, live, metrics, vault, redis, clock)
    _watch_content(app, settings, live, metrics)
    # Cleanup runs in this order: the database closes after its last user.
    _close_database_at_end(app)
    app.add_subapp(
        "/api",
        api.create(
            answer_question=lambda text: answer_question(
                live.current, text, clock().date()
            ).to_json(),
            list_policies=lambda: live.content.policies,
            texts=live.texts,
            public_url=settings.public_url,
        ),
    )
    return app


def _add_official_account(
    app: web.Application,
    settings: Settings,
    live: LiveRouter,
    metrics: Metrics,
    vault: Vault,
    redis: Redis,
    clock: Clock,
) -> None:
    account = settings.official_account
    if account is None:
        raise ValueError("the web application needs the official account")
    redis_ledger = RedisLedger(redis)
    buffer = RecordBuffer([redis_ledger.put_records, actions.store_records], settings.var / "spool")
    database = Database(metrics.fallbacks.labels("postgres").inc)
    count_unexpected = metrics.unexpected_errors.labels("bot").inc
    ledger = SharedLedger(
        redis_ledger,
        buffer,
        lambda: _list_dialogues(clock),
        database,
        count_fallback=metrics.fallbacks.labels("redis").inc,
        count_unexpected=count_unexpected,
    )
    tools = Tools(
        vault,
        Dispatcher(live, vault, metrics.unknown_events.inc),
        database,
        clock,
        count_unexpected,
    )
    inbox = Inbox(
        account.app_id,
        tools,
        ledger,
        observe=_MessageCounter(metrics),
        count_late=metrics.late_answers.inc,
    )
    webhook = Webhook(
        Wire(account), inbox, count_refused=lambda reason: metrics.refused.labels(reason).inc()
    )
    webhook.add_routes(app)

    async def start(_app: web.Application) -> None:
        buffer.start()

    async def finish(_app: web.Application) -> None:
        # By now the last request is answered; what it left behind is finished here.
        await inbox.close()
        await ledger.close()
        await buffer.close()
        await redis.aclose()

    app.on_startup.append(start)
    app.on_cleanup.append(finish)


def _watch_content(
    app: web.Application, settings: Settings, live: LiveRouter, metrics: Metrics
) -> None:
    folder = settings.content or PACKAGE_CONTENT
    watcher = ContentWatcher(
        folder,
        live,
        examine=lambda: _examine_content(folder),
        build=lambda: build_router(settings, folder),
        count=lambda result: metrics.content_changes.labels(result).inc(),
    )

    async def watch(_app: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(watcher.run())
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    app.cleanup_ctx.append(watch)


async def _examine_content(folder: Path) -> tuple[int, list[str]]:
    """Check `folder` and train on it in a process of its own, which gives way to this one."""
    command = (sys.executable, "-m", "scripts", "content", "build", "--content", str(folder))
    child = await asyncio.create_subprocess_exec(
        "nice", *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        printed, _ = await child.communicate()
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    return child.returncode or 0, printed.decode(errors="replace").splitlines()


class _MessageCounter:
    """Counts messages by type and outcome; looking a labelled counter up is dear, so it is kept."""

    def __init__(self, metrics: Metrics) -> None:
        self._counter = metrics.bot_messages
        self._children: dict[tuple[str, str], Callable[[], None]] = {}

    def __call__(self, kind: str, outcome: str) -> None:
        name = (kind, outcome)
        if name not in self._children:
            self._children[name] = self._counter.labels(*name).inc
        self._children[name]()


def _close_at_end(app: web.Application, redis: Redis) -> None:
    async def finish(_app: web.Application) -> None:
        await redis.aclose()

    app.on_cleanup.append(finish)


def _open_database_at_start(app: web.Application, url: str) -> None:
    async def start(_app: web.Application) -> None:
        await open_database(url)

    app.on_startup.append(start)


def _close_database_at_end(app: web.Application) -> None:
    async def finish(_app: web.Application) -> None:
        await close_database()

    app.on_cleanup.append(finish)


async def _list_dialogues(clock: Clock) -> list[tuple[bytes, bytes, int]]:
    now = clock()
    return [
        (dialogue.person, dialogue.state_sealed, int((dialogue.expires_at - now).total_seconds()))
        for dialogue in await list_open_dialogues(now)
    ]


async def _check_migrations() -> None:
    missing = await missing_migrations()
    if missing:
        raise RuntimeError(f"not migrated: {', '.join(missing)}")
