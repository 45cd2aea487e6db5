"""`zpt export signin`, `zpt export table2`: the forms that are handed in (学员签到表, P32-A2)."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from scripts.beside import beside_servers
from scripts.commands.imports import settings_of_data
from scripts.commands.rosters import exports
from settings import Settings

if TYPE_CHECKING:
    from content.schema import Content
    from domain.vault import Vault

OutOption = Annotated[
    Path | None, typer.Option("--out", metavar="FILE.xlsx", help="存到哪里。", dir_okay=False)
]
_DAY = ["%Y-%m-%d"]


def register(cli: typer.Typer) -> None:
    """Nothing: `zpt export` is there already."""


@exports.command("signin")
def export_signin(
    class_id: Annotated[UUID, typer.Argument(metavar="班期编号", help="班期编号。")],
    out: OutOption = None,
    names: Annotated[
        bool, typer.Option("--names", help="姓名完整，身份证号打码；要写 --reason。")
    ] = False,
    unmasked: Annotated[
        bool, typer.Option("--unmasked", help="姓名和身份证号都完整；要写 --reason。")
    ] = False,
    reason: Annotated[str, typer.Option("--reason", help="为什么要，会记在审计日志里。")] = "",
) -> None:
    """导出一个班的学员签到表，A4 横向，可以直接打印。不写别的，姓名和身份证号都打码。"""
    if (names or unmasked) and not reason.strip():
        raise typer.BadParameter("要写明为什么：--reason 交补贴材料")
    file = out or Path(f"签到表-{class_id}.xlsx")

    async def work(vault: "Vault", content: "Content", now: datetime) -> bytes:
        from domain.actor import System
        from domain.attendance import sheets

        shown = sheets.Shown.NAMES if names else sheets.Shown.MASKED
        made = await sheets.export_signin(
            System("zpt export"),
            vault,
            content,
            class_id=class_id,
            shown=sheets.Shown.WHOLE if unmasked else shown,
            reason=reason,
            now=now,
        )
        return made.content

    beside_servers(settings_of_data(), lambda settings: _export(settings, file, work))
    typer.echo(f"签到表存在 {file}。" + ("里面有个人信息，用完请删掉。" if reason else ""))


@exports.command("table2")
def export_table2(
    year: Annotated[
        int | None, typer.Option("--year", min=2000, max=2099, help="哪一年开班的，不写是今年。")
    ] = None,
    first: Annotated[
        datetime | None, typer.Option("--from", formats=_DAY, help="从哪天起开班的。")
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=_DAY, help="到哪天为止开班的。")
    ] = None,
    county: Annotated[str, typer.Option("--county", help="只要这个县区的，写代码。")] = "",
    out: OutOption = None,
    filled_by: Annotated[str, typer.Option("--filled-by", help="填表人，不写留着手写。")] = "",
    phone: Annotated[str, typer.Option("--phone", help="联系电话，不写留着手写。")] = "",
) -> None:
    """导出《项目制培训情况统计表》（鲁人社字〔2021〕32号附件2），只有项目制班。"""
    if (first is None) != (last is None) or (year and first):
        raise typer.BadParameter("写 --year，或者 --from 和 --to 一起写。")
    if first and last and last < first:
        raise typer.BadParameter("--to 比 --from 还早。")
    file = out or Path("项目制培训情况统计表.xlsx")

    async def work(vault: "Vault", content: "Content", now: datetime) -> bytes:  # noqa: ARG001
        from domain.actor import System
        from domain.attendance import table2
        from domain.attendance.projects import Period, year_of

        if county and county not in {one.code for one in content.counties}:
            raise typer.BadParameter(f"没有代码是“{county}”的县区。")
        days: tuple[date, date] | None = (first.date(), last.date()) if first and last else None
        return await table2.export_table2(
            System("zpt export"),
            content,
            Period(*days) if days else year_of(year or now.year),
            county,
            filled=table2.Filled(filled_by, phone),
            now=now,
        )

    beside_servers(settings_of_data(), lambda settings: _export(settings, file, work))
    typer.echo(f"统计表存在 {file}。")


def _export(
    settings: Settings,
    file: Path,
    work: Callable[["Vault", "Content", datetime], Awaitable[bytes]],
) -> None:
    from assembly.faq import content_folder
    from assembly.outside import database, make_vault
    from content.loader import load_content
    from domain.calendar import local_now
    from domain.errors import DomainError
    from web.words import STAFF, fill, word_refusal

    content = load_content(content_folder(settings))

    async def run() -> bytes:
        async with database(settings):
            return await work(make_vault(settings), content, local_now())

    try:
        made = asyncio.run(run())
    except DomainError as error:
        title, detail = (
            word_refusal(content.texts, STAFF, error.code, part) for part in ("title", "detail")
        )
        said = fill(f"{title}。{detail}", error.facts)
        typer.echo("没有这个班。" if error.code == "not_found" else said, err=True)
        raise typer.Exit(2) from None
    # People may be named in it: for nobody else on this machine.
    file.touch(mode=0o600)
    file.write_bytes(made)
