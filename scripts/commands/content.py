"""`zpt content check`: the editors' linter over a content folder."""

import os
import re
from pathlib import Path
from typing import Annotated

import typer

from settings import Need, read_settings

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
    _check(content)


@group.command()
def learn() -> None:
    """学一遍问法，存起来，启动时就不用再学；已经存过的马上结束。"""
    from assembly.faq import build_router, content_folder, model_store
    from content.loader import load_content

    settings = read_settings(os.environ, Need.NOTHING)
    if not model_store(settings).has(load_content(content_folder(settings))):
        build_router(settings)


@group.command()
def build(
    content: Annotated[
        Path | None, typer.Option(metavar="DIR", help="内容所在的文件夹，默认是自带的。")
    ] = None,
) -> None:
    """检查内容并训练分类器，存起来给运行的程序用；有错时以 1 退出，什么也不存。"""
    from fcntl import LOCK_EX, flock

    # Several processes may ask for it at once: the first trains, the others find it done.
    folder = read_settings(os.environ, Need.NOTHING).var / "models"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "build.lock").open("a") as lock:
        flock(lock, LOCK_EX)
        _check(content)


def list_texts_asked_for() -> list[str]:
    """The keys that the official account's code says, and two for each code of a refusal."""
    import bot
    from web.problems import STATUS_OF_CODE

    sources = (file for folder in bot.__path__ for file in Path(folder).rglob("*.py"))
    said = {
        key
        for file in sources
        for key in re.findall(r'"(bot\.[a-z_]+)"', file.read_text(encoding="utf-8"))
    }
    told = {f"errors.{code}.{part}" for code in STATUS_OF_CODE for part in ("title", "detail")}
    return sorted(said | told)


def _check(content: Path | None) -> None:
    # Loaded here, so that other commands do not wait for the dictionary.
    from assembly.faq import contact_of, content_folder, model_store
    from content.loader import read_content_folder
    from domain.faq.content_check import check_content

    settings = read_settings(os.environ, Need.NOTHING)
    folder = content or content_folder(settings)
    if not folder.is_dir():
        typer.echo(f"没有这个文件夹：{folder}", err=True)
        raise typer.Exit(2)
    loaded = read_content_folder(folder)
    report = check_content(
        loaded, contact_of(settings, folder), model_store(settings), list_texts_asked_for()
    )
    for problem in report.problems:
        typer.echo(str(problem))
    if loaded.content is not None:
        said = loaded.content
        phrasings = sum(len(entry.phrasings) for entry in said.entries)
        typer.echo(
            f"{len(said.entries)} 条问答、{phrasings} 个问法，{report.clauses} 条条款，"
            f"{len(said.services)} 项服务，{len(said.smalltalk)} 种寒暄，"
            f"{len(said.topics)} 个话题。"
        )
    if report.problems:
        typer.echo(f"有 {len(report.problems)} 处要改。")
        raise typer.Exit(1)
    typer.echo("没有发现问题。")
