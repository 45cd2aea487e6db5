"""`zpt`, the operator's command. Each lives in scripts/commands/ and loads what it needs."""

import sys

import typer

from scripts.commands import (
    ask,
    audit,
    content,
    demo,
    faq,
    imports,
    keys,
    menu,
    parts,
    rosters,
    sheets,
    staff,
)
from scripts.embedded.errors import EmbeddedError
from settings import SettingsError

cli = typer.Typer(
    name="zpt",
    help="职培通的运维命令。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

for command_group in (
    ask,
    audit,
    content,
    demo,
    faq,
    imports,
    keys,
    menu,
    parts,
    rosters,
    sheets,
    staff,
):
    command_group.register(cli)


def main() -> None:
    """Run one command. What the operator can mend ends it with one line, not with a traceback."""
    try:
        cli()
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(2) from None
    except EmbeddedError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(error.exit_code) from None


if __name__ == "__main__":
    main()
