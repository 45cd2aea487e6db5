"""`zpt serve`, `zpt worker`, `zpt migrate`, `zpt sandbox`: the parts of the running service."""

import asyncio
import gc
import os
from typing import Annotated

import typer

from scripts.beside import beside_servers
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
    beside_servers(settings, lambda known: _serve(known, workers))


def _serve(settings: Settings, workers: int) -> None:
    from web.serving import Server, gunicorn_options, prepare_metrics_directory

    # prometheus_client looks at the environment while it is imported, so this comes first.
    metrics_directory = settings.var / "run" / "metrics"
    prepare_metrics_directory(metrics_directory)
    from aiohttp import web

    from app import create_app
    from assembly.faq import build_router
    from observing.logs import configure_logging
    from observing.metrics import Metrics

    configure_logging()
    # Built once, before the fork: the workers share its memory and are ready at once.
    router = build_router(settings)
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
    beside_servers(read_settings(os.environ), _work)


def _work(settings: Settings) -> None:
    from assembly.worker import run_worker
    from jobs.worker import WorkerEnded
    from observing.logs import configure_logging

    configure_logging()
    # People wait for the web processes; nobody waits for this one.
    os.nice(_WORKER_NICENESS)
    try:
        asyncio.run(run_worker(settings))
    except WorkerEnded:
        raise typer.Exit(1) from None


def migrate() -> None:
    """把数据库升级到这个版本，随时可以再跑一遍。"""
    beside_servers(read_settings(os.environ, Need.NOTHING), migrate_to_end)


def migrate_to_end(settings: Settings) -> None:
    """Bring the tables up to date, telling each step. Raises SettingsError for DATABASE_URL."""
    from models.database import migrate_database
    from observing.logs import configure_logging
    from scripts.reaching import require_database

    configure_logging(level="WARNING")
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
    service: Annotated[
        str | None,
        typer.Option(metavar="URL", help="手机把消息送到哪个服务，默认按 HOST 和 PORT。"),
    ] = None,
) -> None:
    """运行微信平台的替身和手机，只在沙箱里。"""
    from sandbox.server import run

    run(read_settings(os.environ), fd=fd, port=port, service=service)
