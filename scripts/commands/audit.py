"""`zpt audit`: whether the log of what staff saw and did is as it was written."""

import asyncio
import os
from typing import TYPE_CHECKING, Annotated

import typer

from domain.calendar import LOCAL
from scripts.beside import beside_servers
from settings import Need, Settings, read_settings

if TYPE_CHECKING:
    from domain.audit.verifying import Checkpoint, Verdict

audit = typer.Typer(help="工作人员看了什么、改了什么的记录。", no_args_is_help=True)

#: Reading the whole log takes as long as it takes.
_STATEMENT_SECONDS = 3600.0
_WHY = {
    "changed": "内容和当时记下的对不上",
    "missing": "少了一条",
    "unchained": "有一条没有连进来",
    "cut": "和检查点对不上：到那里为止的记录被换过，或者末尾被剪掉了",
    "unprotected": "数据库里防改动的触发器被关掉或删掉了",
}


def register(cli: typer.Typer) -> None:
    """Add this file's commands to `zpt`."""
    cli.add_typer(audit, name="audit")


@audit.callback()
def group() -> None:
    """工作人员看了什么、改了什么的记录。"""


@audit.command()
def verify(
    checkpoint: Annotated[
        str | None,
        typer.Option(
            metavar="编号:摘要",
            help="和这个检查点比，不写就和夜里在这台机器上记下的最新一个比。",
        ),
    ] = None,
) -> None:
    """从头核对每一条，和最新的检查点比。都对退出码是 0；不对是 1，并说出第一处在哪里。"""
    from domain.audit.verifying import Checkpoint

    try:
        wanted = None if checkpoint is None else Checkpoint.read(checkpoint)
    except ValueError:
        typer.echo("检查点要照打印的样子写：编号:64 位摘要。", err=True)
        raise typer.Exit(2) from None
    settings = read_settings(os.environ, Need.NOTHING)
    if settings.database_url:
        _verify(settings, wanted)
    else:
        beside_servers(settings, lambda known: _verify(known, wanted))


def _verify(settings: Settings, checkpoint: "Checkpoint | None") -> None:
    if checkpoint is None:
        checkpoint = _take_newest(settings)
    verdict = asyncio.run(_check(settings, checkpoint))
    typer.echo(f"核对了{verdict.checked:,}条。")
    if verdict.fault is not None:
        typer.echo(_say_fault(verdict), err=True)
        raise typer.Exit(1)
    if verdict.last is not None:
        typer.echo(f"都对。检查点 {verdict.last}")
        typer.echo("请把它抄到别处，下次用 --checkpoint 核对：到这里为止的就不可能被换掉或剪掉。")


def _take_newest(settings: Settings) -> "Checkpoint | None":
    """The newest that the nightly job has written down here; says which, or that there is none."""
    from assembly.outside import open_checkpoints
    from domain.audit.checkpoints import CheckpointsDamaged

    file = open_checkpoints(settings)
    try:
        newest = file.read_newest()
    except CheckpointsDamaged:
        typer.echo(f"{file.path} 里没有一行读得懂：它被人动过，或者坏了。", err=True)
        raise typer.Exit(1) from None
    if newest is None:
        typer.echo(
            f"这台机器上还没有记下过检查点（{file.path}），末尾有没有被剪掉、"
            "整段有没有被换过，这次查不出来。",
            err=True,
        )
        return None
    at, known = newest.at.astimezone(LOCAL), newest.checkpoint
    typer.echo(f"和 {at:%Y-%m-%d %H:%M} 记下的检查点比（到第{known.position:,}条）。")
    return known


async def _check(settings: Settings, checkpoint: "Checkpoint | None") -> "Verdict":
    from assembly.outside import database
    from domain.audit.verifying import verify_log
    from models.database import missing_migrations
    from scripts.reaching import require_database

    assert settings.database_url is not None
    await require_database(settings.database_url)
    async with database(settings, statement_seconds=_STATEMENT_SECONDS):
        if await missing_migrations():
            typer.echo("这个数据库还没有升级到这个版本：先运行 zpt migrate。", err=True)
            raise typer.Exit(2)
        return await verify_log(checkpoint)


def _say_fault(verdict: "Verdict") -> str:
    fault = verdict.fault
    assert fault is not None
    where = [f"第{fault.position}条" if fault.position else ""]
    where += [f"编号 {fault.entry_id}" if fault.entry_id else ""]
    where += [f"{fault.at.astimezone(LOCAL):%Y-%m-%d %H:%M:%S}" if fault.at else ""]
    told = "，".join(filter(None, where))
    return f"不对：{_WHY[fault.why]}{f'（{told}）' if told else ''}。它前面的都对。"
