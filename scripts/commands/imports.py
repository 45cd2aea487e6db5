"""`zpt import`: sheets into the database, once each; the refused rows go back as a sheet."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer

from scripts.beside import beside_servers
from scripts.supervisor.running_demo import find_running_demo
from settings import Need, Settings, read_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from content.schema import Content
    from domain.sheets.reading import Sheet
    from domain.sheets.table import Fault, Row
    from domain.vault import Vault

#: Other areas add their sheets to it.
group = typer.Typer(help="导入表格（xlsx 或 csv）。", no_args_is_help=True)

FileArgument = Annotated[
    Path, typer.Argument(metavar="FILE", help="表格文件。", exists=True, dir_okay=False)
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="只检查，说明会怎样，什么也不改。")]
SheetOption = Annotated[
    str | None, typer.Option("--sheet", metavar="名称", help="文件里有几张表时，读哪一张。")
]
RefusedOption = Annotated[
    Path | None,
    typer.Option("--refused", metavar="FILE.xlsx", help="把没收下的行连同原因存成表格。"),
]

_SHOWN = 20


class Report(Protocol):
    """What is read of a report of an import."""

    @property
    def sheet(self) -> "Sheet": ...
    @property
    def refused(self) -> "Sequence[tuple[Row, Sequence[Fault]]]": ...
    @property
    def repeated(self) -> datetime | None: ...


#: (vault, what is said, the file) -> what became of it.
Import = Callable[["Vault", "Content", bytes], Awaitable[Report]]


def register(cli: typer.Typer) -> None:
    """Add `zpt import` to `zpt`."""
    cli.add_typer(group, name="import")


@group.command()
def directory(
    file: FileArgument,
    dry_run: DryRunOption = False,
    sheet: SheetOption = None,
    refused: RefusedOption = None,
) -> None:
    """导入培训机构目录。同一个文件导入几次都一样。"""

    def make(settings: Settings) -> None:
        from domain.actor import System
        from domain.calendar import local_now
        from domain.institutions.importing import import_directory

        def run(vault: "Vault", content: "Content", data: bytes) -> Awaitable[Report]:
            return import_directory(
                System("zpt import"),
                vault,
                data,
                counties={county.code: county.name for county in content.counties},
                sheet_name=sheet,
                dry_run=dry_run,
                now=local_now(),
            )

        take_over(settings, file, run, dry_run=dry_run, refused=refused)

    beside_servers(settings_of_data(), make)


@group.command()
def standards(
    file: FileArgument,
    dry_run: DryRunOption = False,
    sheet: SheetOption = None,
    refused: RefusedOption = None,
    examples: Annotated[
        bool, typer.Option("--examples", help="这些是示例金额，不是正式标准。")
    ] = False,
) -> None:
    """导入补贴标准目录。同一个文件导入几次都一样。"""

    def make(settings: Settings) -> None:
        from domain.actor import System
        from domain.calendar import local_now
        from domain.standards.importing import import_standards

        def run(_vault: "Vault", _content: "Content", data: bytes) -> Awaitable[Report]:
            return import_standards(
                System("zpt import"),
                data,
                sheet_name=sheet,
                examples=examples,
                dry_run=dry_run,
                now=local_now(),
            )

        take_over(settings, file, run, dry_run=dry_run, refused=refused)

    beside_servers(settings_of_data(), make)


def take_over(
    settings: Settings, file: Path, run: Import, *, dry_run: bool, refused: Path | None
) -> None:
    """Import `file` and say what became of it. Exits with 1 where rows were refused, with 2
    where the file was."""
    from assembly.faq import content_folder
    from assembly.outside import database, make_vault
    from content.loader import load_content
    from domain.errors import DomainError
    from domain.sheets.limits import LIMITS
    from domain.sheets.refused import send_back, word_faults
    from web.words import STAFF, fill, find_refusal

    content = load_content(content_folder(settings))
    with file.open("rb") as stream:
        data = stream.read(LIMITS.most_bytes + 1)

    async def work() -> Report:
        async with database(settings):
            return await run(make_vault(settings), content, data)

    try:
        report = asyncio.run(work())
    except DomainError as refusal:
        about = refusal.facts.get("about")
        part = f"about.{about}" if about else "detail"
        words = find_refusal(content.texts, STAFF, refusal.code, part) or refusal.code
        typer.echo(fill(words, refusal.facts), err=True)
        raise typer.Exit(2) from None
    for line in describe(report, dry_run=dry_run):
        typer.echo(line)
    for _, faults in report.refused[:_SHOWN]:
        typer.echo("  " + word_faults(content.texts, faults))
    if len(report.refused) > _SHOWN:
        typer.echo(f"  ……还有 {len(report.refused) - _SHOWN} 行")
    if refused is not None and report.refused:
        refused.write_bytes(send_back(report.sheet, report.refused, content.texts))
        typer.echo(f"没收下的行存在 {refused}，改好可以直接再导入。")
    if report.refused:
        raise typer.Exit(1)


def describe(report: Report, *, dry_run: bool) -> list[str]:
    """What is said of an import, in lines."""
    sheet = report.sheet
    lines = []
    if sheet.name:
        others = f"，没有读：{'、'.join(sheet.others)}" if sheet.others else ""
        lines.append(f"读的是“{sheet.name}”这张表{others}。")
    if sheet.hidden:
        lines.append(f"有 {len(sheet.hidden)} 行是隐藏的，也读了：第{_rows(sheet.hidden)}行。")
    if sheet.notes:
        lines.append(f"没有当作数据：第{_rows(sheet.notes)}行（合计、备注一类）。")
    if report.repeated is not None:
        day = report.repeated.strftime("%Y-%m-%d %H:%M")
        lines.append(f"这个文件 {day} 已经导入过，这次什么也没有改。")
    else:
        counts = [
            f"{words} {getattr(report, name)} 行"
            for name, words in (("added", "新增"), ("changed", "变更"), ("unchanged", "没有变化"))
            if hasattr(report, name)
        ]
        head = "只是检查，没有改动。导入的话：" if dry_run else "导入完成："
        lines.append(head + "，".join(counts) + f"，没收下 {len(report.refused)} 行。")
    return lines


def _rows(numbers: "Sequence[int]") -> str:
    shown = "、".join(map(str, numbers[:_SHOWN]))
    return shown + ("……" if len(numbers) > _SHOWN else "")


def settings_of_data() -> Settings:
    """The settings, with the demo's key where they name none and the demo is running."""
    demo = find_running_demo(os.environ)
    return read_settings({**os.environ, **(demo or {})}, Need.DATA_KEYS)
