"""Operators read Chinese: every command and option says what it does in it."""

import re
from collections.abc import Iterator

import typer
from typer.core import TyperGroup

from scripts.zpt import cli


def commands_of(command: object, path: str) -> Iterator[tuple[str, object]]:
    yield path, command
    if isinstance(command, TyperGroup):
        for name, inner in command.commands.items():
            yield from commands_of(inner, f"{path} {name}")


def test_every_command_and_option_is_told_in_chinese() -> None:
    found = dict(commands_of(typer.main.get_command(cli), "zpt"))
    assert "zpt demo say" in found
    silent = []
    for path, command in found.items():
        told = {path: command.help}  # type: ignore[attr-defined]
        for parameter in command.params:  # type: ignore[attr-defined]
            told[f"{path} {parameter.name}"] = parameter.help
        silent += [name for name, text in told.items() if not re.search("[一-鿿]", text or "")]
    assert silent == []
