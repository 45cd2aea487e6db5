"""(stub until written) zpt demo."""

import typer


def register(cli: typer.Typer) -> None:
    """Add this file's commands to `zpt`."""
