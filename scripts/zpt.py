"""`zpt`, the operator's command. Each command lives in scripts/commands/ and loads only what it needs."""

import sys

import typer

from scripts.commands import ask, content, demo, menu, parts
from settings import SettingsError

cli = typer.Typer(
    name="zpt",
    help="职培通的运维命令。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

for command_group in (ask, content, demo, menu, parts):
    command_group.register(cli)


def main() -> None:
    """Run one command; a wrong setting ends it with one line and exit code 2."""
    try:
        cli()
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
