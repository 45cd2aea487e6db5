"""Door 1 in the web application: the official account's callback and what stands behind it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

from aiohttp import web
from redis.asyncio import Redis

from assembly.outside import official_account_of
from bot.dispatch import Dispatcher
from bot.explaining import Explaining
from bot.handling.message import Tools
from bot.inbox import Inbox
from bot.ledger.in_redis import RedisLedger
from bot.ledger.shared import SharedLedger
from bot.records.buffer import RecordBuffer
from bot.schools import Schools
from bot.webhook import Webhook
from bot.wire.envelope import Wire
from domain.calendar import Clock
from domain.faq.live import LiveRouter
from domain.messaging import actions
from domain.messaging.queries import list_open_dialogues
from domain.vault import Vault
from models.availability import Database
from observing.metrics import Metrics
from settings import Settings

#: A look at the directory may take so long at the end of the process.
_CLOSE_SECONDS = 1.0
#: For tests, which do not wait until it looks again.
SCHOOLS = web.AppKey("schools", Schools)


def add_official_account(
    app: web.Application,
    settings: Settings,
    live: LiveRouter,
    metrics: Metrics,
    vault: Vault,
    redis: Redis,
    clock: Clock,
    schools: Schools,
) -> None:
    """Add the callback to `app`; what it leaves behind is finished when `app` is cleaned up.

    `redis` and the database are the caller's, who opens them before and closes them afterwards.
    """
    account = official_account_of(settings)
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
        Dispatcher(
            live,
            vault,
            metrics.unknown_events.inc,
            asks_after_school=schools.are_meant,
            wants_class_of_school=schools.are_wanted,
        ),
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

    async def work(_app: web.Application) -> AsyncIterator[None]:
        buffer.start()
        yield
        # By now the last request is answered; what it left behind is finished here.
        await inbox.close()
        await ledger.close()
        await buffer.close()

    app.cleanup_ctx.append(work)


def add_schools(app: web.Application, live: LiveRouter, clock: Clock) -> Schools:
    """The directory's names at hand, read anew as long as `app` runs."""
    schools = Schools(live, Database(), clock)
    app[SCHOOLS] = schools

    async def work(_app: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(schools.run())
        yield
        schools.close()
        await asyncio.wait({task}, timeout=_CLOSE_SECONDS)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    app.cleanup_ctx.append(work)
    return schools


def make_explainer(
    live: LiveRouter, metrics: Metrics, vault: Vault, clock: Clock, schools: Schools
) -> Explaining:
    """What says on the sandbox's phone how a message reached its answer.

    Its dispatcher counts nothing, and its patience with PostgreSQL is its own.
    """
    database = Database(metrics.fallbacks.labels("postgres").inc)
    dispatcher = Dispatcher(
        live,
        vault,
        asks_after_school=schools.are_meant,
        wants_class_of_school=schools.are_wanted,
    )
    return Explaining(live, dispatcher, vault, database, clock)


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


async def _list_dialogues(clock: Clock) -> list[tuple[bytes, bytes, int]]:
    now = clock()
    return [
        (dialogue.sender, dialogue.copy, int((dialogue.expires_at - now).total_seconds()))
        for dialogue in await list_open_dialogues(now)
    ]
