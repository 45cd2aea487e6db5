"""`zpt menu`: the official account's custom menu, from content/menus to the platform."""

import asyncio
import os
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from clients.wechat import AsyncWeChatClient

#: The file that `zpt menu sync` sets.
MENU_FILE = Path(__file__).parents[2] / "content" / "menus" / "official_account.yaml"

menu = typer.Typer(help="公众号的自定义菜单。", no_args_is_help=True)


def register(cli: typer.Typer) -> None:
    """Add this file's commands to `zpt`."""
    cli.add_typer(menu, name="menu")


@menu.command("show")
def show_menu() -> None:
    """看平台上现在的菜单。"""
    _run(_show())


@menu.command("sync")
def sync_menu(
    yes: Annotated[bool, typer.Option("--yes", help="不再询问，直接改。")] = False,
) -> None:
    """先列出要改什么，同意后改平台上的菜单，再读回来核对。"""
    _run(_sync(ask=not yes))


def _run(command: Coroutine[object, object, None]) -> None:
    from clients.wechat.errors import WeChatApiError
    from clients.wechat.menus import MenuFileError

    try:
        asyncio.run(command)
    except (WeChatApiError, MenuFileError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


def _open_client() -> "AsyncWeChatClient":
    """The official account's client. Its token stays in this process: stable_token answers
    the same one to all, so a command run once disturbs nobody.

    Where the environment names no account and a demo is running, the account is the demo's.
    """
    from assembly.outside import open_official_account
    from scripts.supervisor.running_demo import find_running_demo
    from settings import Need, read_settings

    environment: Mapping[str, str] = os.environ
    demo = find_running_demo(environment)
    if demo is not None:
        typer.echo("环境里没有写公众号的账号，这次用正在运行的演示里的沙箱账号。")
        environment = {**environment, **demo}
    return open_official_account(read_settings(environment, Need.WECHAT), None)


async def _show() -> None:
    from clients.wechat.menus import describe_menu

    async with _open_client() as client:
        lines = describe_menu(await client.get_menu())
    typer.echo("\n".join(lines) or "平台上还没有菜单。")


async def _sync(*, ask: bool) -> None:
    from clients.wechat.menus import compare_menus, read_menu

    wanted = read_menu(MENU_FILE)
    async with _open_client() as client:
        changes = compare_menus(await client.get_menu(), wanted)
        if not changes:
            typer.echo("菜单已经是最新的，没有要改的。")
            return
        typer.echo("\n".join(changes))
        if ask and not typer.confirm("按上面的改吗？（- 去掉，+ 加上）"):
            typer.echo("没有改动。")
            return
        await client.create_menu(wanted)
        left = compare_menus(await client.get_menu(), wanted)
    if left:
        typer.echo("平台收下了，但读回来不一样：\n" + "\n".join(left), err=True)
        raise typer.Exit(1)
    typer.echo("菜单已更新。手机上最多 5 分钟后看到，重新关注可以马上看到。")
