"""(stub until written) zpt ask."""

import typer


def register(cli: typer.Typer) -> None:
    """Add this file's commands to `zpt`."""
