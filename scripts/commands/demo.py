"""`zpt demo`: the whole service with the WeChat sandbox, and the phone that talks to it."""

import asyncio
import json
import os
import re
import sys
import time
from typing import Annotated
from uuid import UUID

import typer

from scripts.beside import beside_servers
from settings import Need, Settings, SettingsError, read_settings

demo = typer.Typer(
    help="在本机运行整个服务和微信沙箱；子命令是沙箱里的手机。",
    invoke_without_command=True,
)

#: Of the people of the demo, so many are named to whoever asks for one who is not there.
_MOST_NAMED = 5


def register(cli: typer.Typer) -> None:
    """Add this file's commands to `zpt`."""
    cli.add_typer(demo, name="demo")


@demo.callback()
def run(context: typer.Context) -> None:
    """在前台运行整个服务，按 Ctrl-C 停下。"""
    if context.invoked_subcommand is not None:
        return
    from scripts.supervisor.demo import refuse_real_credentials, run_demo
    from scripts.supervisor.supervisor import SupervisorError

    began = time.monotonic()

    def say_progress(line: str) -> None:
        try:
            print(f"[{time.monotonic() - began:5.1f} 秒] {line}", flush=True)
        except OSError:
            # Nobody reads any more; that is no reason to leave the parts running unwatched.
            sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123

    try:
        refuse_real_credentials(os.environ)
    except SupervisorError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(error.exit_code) from None
    settings = read_settings(os.environ, Need.NOTHING)
    raise typer.Exit(asyncio.run(run_demo(settings, os.environ, say_progress)))


@demo.command(hidden=True)
def prepare() -> None:
    """升级数据库，放好演示数据，写 demo.json；随时可以再跑一遍，只在沙箱里。"""
    beside_servers(read_settings(os.environ), _prepare)


def _prepare(settings: Settings) -> None:
    from assembly.outside import database, make_vault, open_files
    from demo.accounts import AccountsDamaged
    from demo.file import seed_world
    from demo.keys import write_keys
    from demo.world import NotTheSandbox, make_world
    from domain.calendar import local_now
    from scripts.commands.parts import migrate_to_end
    from scripts.supervisor.children import say_step
    from scripts.supervisor.demo import local_url

    try:
        base_url = local_url(settings.host, settings.port)
        vault, files = make_vault(settings), open_files(settings)
        world = make_world(settings, vault, base_url, local_now(), files)
    except NotTheSandbox:
        raise SettingsError("ZPT_SANDBOX", "演示数据只放进沙箱；用 make run 或 zpt demo") from None
    except AccountsDamaged as error:
        raise SettingsError("ZPT_VAR", str(error)) from None

    write_keys(settings.var, settings.data_keys, make_vault(settings))

    async def seed() -> None:
        async with database(settings):
            written = await seed_world(world, settings.var, report=say_step)
            print(f"已写好：{written}")

    migrate_to_end(settings)
    asyncio.run(seed())


@demo.command()
def say(
    text: Annotated[str, typer.Argument(help="要说的话。")],
    speaker: Annotated[
        str | None, typer.Option("--as", help="以演示里的谁的身份说；不写是第一个人。")
    ] = None,
) -> None:
    """用沙箱里的手机说一句话，走真的回调，把回话打印出来。"""
    demo_file = read_settings(os.environ, Need.NOTHING).var / "demo.json"
    try:
        people = json.loads(demo_file.read_text(encoding="utf-8"))["people"]
    except FileNotFoundError:
        print("演示还没有启动过：先运行 make run。", file=sys.stderr)
        raise typer.Exit(2) from None
    chosen = next((p for p in people if speaker in (None, p["name"])), None)
    if chosen is None:
        names = "、".join(person["name"] for person in people[:_MOST_NAMED])
        print(
            f"演示里没有 {speaker}；一共{len(people)}人，比如：{names}。都在 {demo_file} 里。",
            file=sys.stderr,
        )
        raise typer.Exit(2)
    from sandbox.callback import posting

    reply = posting.say(text, demo_file, chosen["openid"])
    # On a phone links are words that can be tapped.
    shown = re.sub(r"<a [^>]*>([^<]*)</a>", r"〔\1〕", reply.text or "")
    print(shown or f"（没有回话：{reply.status} {reply.kind}）")


@demo.command()
def code(
    session: Annotated[str, typer.Argument(metavar="课次", help="课次的编号，demo.json 里有。")],
) -> None:
    """打印一节课现在的签到码，和大屏上的一样，15秒换一次；只在沙箱里。"""
    from assembly.outside import make_vault
    from domain.attendance.codes import code_at, secret_of
    from domain.calendar import local_now
    from scripts.supervisor.running_demo import find_running_demo

    running = find_running_demo(os.environ)
    if running is None and os.environ.get("ZPT_SANDBOX") != "1":
        print("演示没有在运行：先运行 make run。签到码只有沙箱里能打印。", file=sys.stderr)
        raise typer.Exit(2)
    settings = read_settings({**os.environ, **(running or {})}, Need.DATA_KEYS)
    try:
        secret = secret_of(make_vault(settings), UUID(session))
    except ValueError:
        print(f"{session} 不是课次的编号。", file=sys.stderr)
        raise typer.Exit(2) from None
    print(code_at(secret, local_now()))
