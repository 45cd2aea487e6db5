"""`zpt serve`, `zpt worker`, `zpt migrate`, `zpt sandbox`: the parts of the running service."""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from settings import Need, Settings, read_settings

_WORKER_NICENESS = 10


def register(cli: typer.Typer) -> None:
    """Add this file's commands to `zpt`."""
    cli.command()(serve)
    cli.command()(worker)
    cli.command()(migrate)
    cli.command()(sandbox)


def serve(
    workers: Annotated[int, typer.Option(min=1, max=64, help="几个网页进程。")] = 2,
) -> None:
    """运行网页进程：公众号回调、接口、健康检查。"""
    from scripts.listening import require_free_address

    settings = read_settings(os.environ)
    require_free_address(settings.host, settings.port)
    _beside_servers(settings, lambda known: _serve(known, workers))


def _serve(settings: Settings, workers: int) -> None:
    from web.serving import Server, gunicorn_options, prepare_metrics_directory

    # prometheus_client looks at the environment while it is imported, so this comes first.
    metrics_directory = settings.var / "run" / "metrics"
    prepare_metrics_directory(metrics_directory)
    from aiohttp import web

    from app import create_app
    from content.loader import PACKAGE_CONTENT, load_content
    from domain.faq.routing import Router
    from web.logs import configure_logging
    from web.metrics import Metrics

    configure_logging()
    # Built once, before the fork: the workers share its memory and are ready at once.
    router = Router(load_content(PACKAGE_CONTENT))
    # What is built now stays: the collector need not look at it again and again.
    gc.collect()
    gc.freeze()

    async def make_application() -> web.Application:
        return create_app(settings, router=router, metrics=Metrics(metrics_directory))

    options = gunicorn_options(
        host=settings.host,
        port=settings.port,
        workers=workers,
        run_folder=settings.var / "run",
    )
    Server(make_application, options).run()


def worker() -> None:
    """运行后台进程：队列、定时任务、消息入库。"""
    _beside_servers(read_settings(os.environ), _work)


def _work(settings: Settings) -> None:
    from jobs.worker import run_worker
    from web.logs import configure_logging

    configure_logging()
    # People wait for the web processes; nobody waits for this one.
    os.nice(_WORKER_NICENESS)
    asyncio.run(run_worker(settings))


def migrate() -> None:
    """把数据库升级到这个版本，随时可以再跑一遍。"""
    _beside_servers(read_settings(os.environ, Need.NOTHING), _migrate)


def _migrate(settings: Settings) -> None:
    from models.database import migrate_database
    from scripts.reaching import require_database

    url = settings.database_url
    assert url is not None

    async def migrate_reachable() -> None:
        await require_database(url)
        await migrate_database(url, lambda line: print(f"已升级：{line}"))

    asyncio.run(migrate_reachable())
    print("数据库已经是最新的。")


def sandbox(
    fd: Annotated[int | None, typer.Option(help="已经在监听的套接字。")] = None,
    port: Annotated[int | None, typer.Option(help="监听的端口，只在本机。")] = None,
) -> None:
    """运行微信平台的替身，只在沙箱里。"""
    from sandbox.server import run

    run(read_settings(os.environ), fd=fd, port=port)


def _beside_servers(settings: Settings, part: Callable[[Settings], None]) -> None:
    """Run `part` with both URLs known.

    Where the settings leave one out the embedded servers are used; `part` then runs again as a
    child of this process, which keeps the servers for as long.
    """
    if settings.database_url and settings.redis_url:
        part(settings)
        return
    raise typer.Exit(asyncio.run(_run_as_child(settings)))


async def _run_as_child(settings: Settings) -> int:
    from scripts.embedded.attach import attach_or_start
    from scripts.embedded.processes import guard

    def say(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    async with attach_or_start(settings, say) as urls:
        environment = os.environ | {"DATABASE_URL": urls.database_url, "REDIS_URL": urls.redis_url}
        child = await asyncio.create_subprocess_exec(
            *guard([sys.executable, "-m", "scripts", *sys.argv[1:]]), env=environment
        )
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, child.send_signal, number)
        return await child.wait()
