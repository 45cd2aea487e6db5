"""`zpt staff`: the first supervisor, who cannot be made by another one."""

import asyncio
import getpass
import os
import sys
from typing import Annotated

import typer

from scripts.beside import beside_servers
from scripts.supervisor.running_demo import find_running_demo
from settings import Need, Settings, read_settings

staff = typer.Typer(
    help="工作台的账号。平时在工作台里办，这里只管第一位主管。", no_args_is_help=True
)


def register(cli: typer.Typer) -> None:
    """Add this file's commands to `zpt`."""
    cli.add_typer(staff, name="staff")


@staff.callback()
def group() -> None:
    """工作台的账号。平时在工作台里办，这里只管第一位主管。"""


@staff.command()
def create(
    username: Annotated[str, typer.Argument(metavar="用户名", help="如 wang.min。")],
    name: Annotated[str, typer.Option(help="同事怎么称呼。")],
    ask: Annotated[
        bool, typer.Option("--ask", help="现在就输一个自己的密码，不打印临时密码。")
    ] = False,
) -> None:
    """添加一位主管。打印一次临时密码，第一次登录时换成自己的，再设两步验证。"""
    demo = find_running_demo(os.environ)
    settings = read_settings({**os.environ, **(demo or {})}, Need.DATA_KEYS)
    beside_servers(settings, lambda known: _create(known, username, name, ask))


def _create(settings: Settings, username: str, name: str, ask: bool) -> None:
    from content.loader import PACKAGE_CONTENT, load_content
    from domain.errors import DomainError
    from web.words import STAFF, fill, word_refusal

    password = _ask_password() if ask else None
    try:
        issued = asyncio.run(_make(settings, username, name, password))
    except DomainError as error:
        texts = load_content(PACKAGE_CONTENT).texts
        typer.echo(fill(word_refusal(texts, STAFF, error.code, "detail"), error.facts), err=True)
        raise typer.Exit(1) from None
    typer.echo(f"已添加主管 {username}。", err=True)
    if issued is not None:
        typer.echo("临时密码只显示这一次，3天内有效：", err=True)
        typer.echo(issued)


async def _make(settings: Settings, username: str, name: str, password: str | None) -> str | None:
    """The temporary password; None where one was given."""
    from assembly.console import make_hasher
    from assembly.outside import database, make_vault
    from domain.actor import Role, System
    from domain.calendar import local_now
    from domain.staff.actions import create_account
    from domain.staff.rules import Post
    from domain.staff.tools import StaffTools

    hasher = make_hasher()
    try:
        tools = StaffTools(make_vault(settings), hasher, frozenset, settings.sandbox)
        async with database(settings):
            issued = await create_account(
                System("zpt staff create"),
                tools,
                username=username,
                name=name,
                post=Post(Role.SUPERVISOR),
                password=password,
                now=local_now(),
            )
    finally:
        hasher.close()
    return issued.temporary_password


def _ask_password() -> str:
    """Typed twice, and not shown; a line of the input where nobody types."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("密码：")
    if first != getpass.getpass("再输一遍："):
        typer.echo("两遍不一样，没有添加。", err=True)
        raise typer.Exit(1)
    return first
