"""`zpt content check`: the editors' linter over a content folder."""

from pathlib import Path
from typing import Annotated

import typer

group = typer.Typer(help="检查编辑写的内容。", no_args_is_help=True)


def register(cli: typer.Typer) -> None:
    """Add `zpt content` to `zpt`."""
    cli.add_typer(group, name="content")


@group.callback()
def _group() -> None:
    """检查编辑写的内容。"""


@group.command()
def check(
    content: Annotated[
        Path | None, typer.Option(metavar="DIR", help="内容所在的文件夹，默认是自带的。")
    ] = None,
) -> None:
    """逐条检查内容，有错时写出文件和行号，并以 1 退出。"""
    # Loaded here, so that other commands do not wait for the dictionary.
    from content.loader import PACKAGE_CONTENT, read_content_folder
    from domain.faq.content_check import check_content

    folder = PACKAGE_CONTENT if content is None else content
    if not folder.is_dir():
        typer.echo(f"没有这个文件夹：{folder}", err=True)
        raise typer.Exit(2)
    loaded = read_content_folder(folder)
    report = check_content(loaded)
    for problem in report.problems:
        typer.echo(str(problem))
    if loaded.content is not None:
        said = loaded.content
        phrasings = sum(len(entry.phrasings) for entry in said.entries)
        typer.echo(
            f"{len(said.entries)} 条问答、{phrasings} 个问法，"
            f"{len(said.services)} 项服务，{len(said.smalltalk)} 种寒暄，"
            f"{len(said.topics)} 个话题。"
        )
        if report.uncovered:
            typer.echo(
                f"提醒：{report.clauses} 条条款里还有 {len(report.uncovered)} 条没有问答："
                f"{' '.join(report.uncovered)}"
            )
    if report.problems:
        typer.echo(f"有 {len(report.problems)} 处要改。")
        raise typer.Exit(1)
    typer.echo("没有发现问题。")
