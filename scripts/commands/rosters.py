"""`zpt import roster`, `zpt export roster`: the rosters of classes (学员名单)."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from scripts.beside import beside_servers
from scripts.commands.imports import (
    DryRunOption,
    FileArgument,
    RefusedOption,
    SheetOption,
    group,
    settings_of_data,
    take_over,
)
from settings import Settings

if TYPE_CHECKING:
    from content.schema import Content
    from domain.enrolments.roster import RosterReport
    from domain.vault import Vault

#: Other areas add their sheets to it.
exports = typer.Typer(help="导出表格（xlsx）。", no_args_is_help=True)

#: What becomes of a row, or would.
_WORDS = {
    "added": "报上",
    "confirmed": "原来报过，现在确认",
    "corrected": "改手机号",
    "already": "已经在名单里",
}


def register(cli: typer.Typer) -> None:
    """Add `zpt export` to `zpt`; `zpt import roster` is in the group of imports."""
    cli.add_typer(exports, name="export")


@group.command("roster")
def import_one(
    file: FileArgument,
    class_id: Annotated[UUID, typer.Option("--class", metavar="编号", help="班期编号。")],
    dry_run: DryRunOption = False,
    sheet: SheetOption = None,
    refused: RefusedOption = None,
) -> None:
    """导入一个班的学员名单。同一个文件导入几次都一样；改好的文件只收新的和改过的。"""

    def make(settings: Settings) -> None:
        from assembly.faq import contact_of, content_folder
        from domain.actor import System
        from domain.calendar import local_now
        from domain.enrolments.notice import Teller
        from domain.enrolments.roster import import_roster

        contact = contact_of(settings, content_folder(settings))

        async def run(vault: "Vault", content: "Content", data: bytes) -> "RosterReport":
            report = await import_roster(
                System("zpt import"),
                vault,
                Teller(content, contact),
                class_id=class_id,
                content=data,
                sheet_name=sheet,
                dry_run=dry_run,
                now=local_now(),
            )
            if dry_run and report.repeated is None:
                _show_rows(report)
            return report

        take_over(settings, file, run, dry_run=dry_run, refused=refused)

    beside_servers(settings_of_data(), make)


@exports.command("roster")
def export_one(
    class_id: Annotated[UUID, typer.Argument(metavar="班期编号", help="班期编号。")],
    file: Annotated[Path, typer.Argument(metavar="FILE.xlsx", help="存到哪里。", dir_okay=False)],
    masked: Annotated[bool, typer.Option("--masked", help="姓名和号码打码。")] = False,
) -> None:
    """导出一个班的学员花名册，有姓名和身份证号，导出会记在审计日志里。"""

    def make(settings: Settings) -> None:
        from assembly.faq import content_folder
        from assembly.outside import database, make_vault
        from content.loader import load_content
        from domain.actor import System
        from domain.calendar import local_now
        from domain.enrolments.exporting import export_roster
        from domain.errors import DomainError

        texts = load_content(content_folder(settings)).texts

        async def work() -> bytes:
            async with database(settings):
                _, content = await export_roster(
                    System("zpt export"),
                    make_vault(settings),
                    texts,
                    class_id=class_id,
                    unmasked=not masked,
                    now=local_now(),
                )
                return content

        try:
            content = asyncio.run(work())
        except DomainError:
            typer.echo("没有这个班。", err=True)
            raise typer.Exit(2) from None
        # With people's names and numbers in it: for nobody else on this machine.
        file.touch(mode=0o600)
        file.write_bytes(content)
        typer.echo(f"花名册存在 {file}。里面有个人信息，用完请删掉。")

    beside_servers(settings_of_data(), make)


def _show_rows(report: "RosterReport") -> None:
    """Row by row what would happen; of those that are refused the reasons follow below."""
    for line in report.lines:
        if line.what is not None:
            typer.echo(f"  第{line.row.number}行 {line.name} {_WORDS[line.what]}")
