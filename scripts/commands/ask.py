"""`zpt ask`: routes questions with no server and no database."""

from __future__ import annotations

import json
import os
import sys
from datetime import date, datetime
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from domain.calendar import LOCAL
from settings import Need, read_settings

if TYPE_CHECKING:
    from domain.faq.routing import Router


def register(cli: typer.Typer) -> None:
    """Add `zpt ask` to `zpt`."""
    cli.command()(ask)


def ask(
    question: Annotated[str | None, typer.Argument(metavar="问题", help="要问的话。")] = None,
    as_of: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="按哪一天回答，默认今天。")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出完整的结果对象。")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="再说明为什么这样答。")] = False,
    batch: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.jsonl",
            help="每行一个带 q 的 JSON 对象，逐行输出结果，读不了的行输出 error 和行号 line；"
            "- 是标准输入，空行跳过。",
        ),
    ] = None,
    content: Annotated[
        Path | None, typer.Option(metavar="DIR", help="内容所在的文件夹，默认是自带的。")
    ] = None,
) -> None:
    """问一句话，看会怎么回答。"""
    if (question is None) == (batch is None):
        _refuse("要么写一个问题，要么用 --batch 给一个文件")
    if batch is not None and explain:
        _refuse("--explain 只能问一句话时用")
    day = _read_day(as_of)
    lines = [] if batch is None else _read_lines(batch)
    router = _build_router(content)
    if question is None:
        raise typer.Exit(_answer_batch(router, lines, day))
    result = router.route(question, day)
    if as_json:
        shown: dict[str, Any] = result.to_json()
        if explain:
            shown["explain"] = router.explain(question, day).splitlines()
        _write_json(shown)
        return
    _write(result.answer)
    if explain:
        _write("\n" + router.explain(question, day))


def _answer_batch(router: Router, lines: list[bytes], day: date) -> int:
    """One object a line in the order of `lines`; the exit code is 1 where one could not be read."""
    code = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        question = _read_question(line)
        if isinstance(question, str):
            _write_json(router.route(question, day).to_json())
        else:
            code = 1
            error = f"第 {number} 行不是带文字 q 的 JSON 对象"
            _write_json({"q": question, "line": number, "error": error})
    return code


def _read_question(line: bytes) -> str | float | None:
    """What stands as q in `line`: a text where the line is good. None where nothing is there
    that JSON could repeat in a line of its own."""
    try:
        item = json.loads(line)
    except (ValueError, RecursionError):
        return None
    question = item.get("q") if isinstance(item, dict) else None
    if isinstance(question, float) and not isfinite(question):
        return None
    return question if isinstance(question, str | int | float) else None


def _read_lines(batch: Path) -> list[bytes]:
    try:
        data = sys.stdin.buffer.read() if str(batch) == "-" else batch.read_bytes()
    except OSError:
        _refuse(f"读不了这个文件：{batch}")
    return data.removeprefix(b"\xef\xbb\xbf").split(b"\n")


def _read_day(text: str | None) -> date:
    if text is None:
        return datetime.now(LOCAL).date()
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=LOCAL).date()
    except ValueError:
        _refuse(f"日期要写成 2021-06-01 这样，{text} 不是一个日期")


def _build_router(folder: Path | None) -> Router:
    # Loaded here, so that other commands do not wait for the dictionary.
    from assembly.faq import build_router
    from content.loader import ContentError

    if folder is not None and not folder.is_dir():
        _refuse(f"没有这个文件夹：{folder}")
    try:
        return build_router(read_settings(os.environ, Need.NOTHING), folder)
    except (ContentError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


def _refuse(reason: str) -> NoReturn:
    typer.echo(reason, err=True)
    raise typer.Exit(2)


def _write_json(item: dict[str, Any]) -> None:
    _write(json.dumps(item, ensure_ascii=False))


def _write(text: str) -> None:
    # UTF-8 whatever the terminal's locale; half a surrogate pair is shown as its escape, which
    # is also how JSON writes it.
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace") + b"\n")
    sys.stdout.flush()
