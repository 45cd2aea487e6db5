"""`zpt keys`: the keys that personal data is sealed with; a new one takes over from an old one.

docs/operations.md says in which order.
"""

import asyncio
import base64
import contextlib
import os
import re
import secrets
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, NoReturn, TypeVar

import typer

from demo.accounts import FILE as ACCOUNTS_FILE
from domain.actor import System
from domain.calendar import local_now
from scripts.beside import beside_servers
from scripts.demo_keys import say_other_keys
from scripts.supervisor.running_demo import find_running_demo
from settings import DataKey, KeyUse, Need, Settings, read_settings

Result = TypeVar("Result")

keys = typer.Typer(help="给个人信息加密的密钥：新建、更换、查看。", no_args_is_help=True)

#: Something is left that the command could not do; it was told to stop.
LEFT, STOPPED = 1, 3
#: Who it was stands in the machine's own log of its users; here, that it was the command.
_OPERATOR = System("zpt keys")
#: Counting reads whole tables.
_STATEMENT_SECONDS = 3600.0


def register(cli: typer.Typer) -> None:
    """Add this file's commands to `zpt`."""
    cli.add_typer(keys, name="keys")


@keys.command()
def new(
    name: Annotated[
        str | None, typer.Argument(metavar="编号", help="新密钥的编号，不写按今天的日期。")
    ] = None,
) -> None:
    """打印一把新密钥，哪里也不存；只有这一次能看到。"""
    taken = {key.key_id for key in read_settings(os.environ, Need.NOTHING).data_keys}
    chosen = name or _choose_name(taken)
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,16}", chosen):
        _refuse("编号是 1 到 16 个字母、数字、- 或 _。")
    if chosen in taken:
        _refuse(f"编号 {chosen} 已经有了，每把密钥的编号要不一样。")
    typer.echo(f"{chosen}:{base64.b64encode(secrets.token_bytes(32)).decode()}")
    if taken:
        typer.echo(
            f"先让所有进程认识它：把它加进 ZPT_DATA_KEYS，编号后面写上 read（{chosen}:read:…），"
            "放在最后，再重启。\n接下来的步骤见 docs/operations.md。丢了密钥，"
            "用它加密的信息就再也打不开：请另外抄一份，离线保存。",
            err=True,
        )


@keys.command()
def status(
    verify: Annotated[
        bool, typer.Option("--verify", help="逐行打开、核对索引，看旧密钥去掉以后是否都还能用。")
    ] = False,
) -> None:
    """每张表里有多少行在用哪一把密钥，哪一把可以去掉。"""
    beside_servers(_settings(), lambda known: asyncio.run(_tell_status(known, verify)))


@keys.command("rotate")
def rotate_keys(
    check: Annotated[
        bool, typer.Option("--check", help="只看，不改：同 zpt keys status。")
    ] = False,
) -> None:
    """把所有个人信息改用第一把密钥加密。服务照常运行；随时可以停，再运行一遍就接着做。"""
    if check:
        status()
        return
    beside_servers(_settings(), lambda known: asyncio.run(_rotate(known)))


@keys.command()
def retire(
    name: Annotated[str, typer.Argument(metavar="编号", help="不再用来加密的旧密钥。")],
) -> None:
    """旧密钥换下以后还要留下的部分：只能查找，什么也打不开。先确认没有一行再用它。"""
    beside_servers(_settings(), lambda known: asyncio.run(_retire(known, name)))


async def _tell_status(settings: Settings, verify: bool) -> None:
    from assembly.outside import make_vault
    from domain.rotation.counting import count_keys
    from domain.rotation.tables import list_sealed_tables
    from scripts.rotation_words import say_keys, say_table, say_what_may_go

    vault = make_vault(settings)
    async with _open_database(settings):
        states = [await count_keys(table) for table in list_sealed_tables()]
        for line in (*say_keys(settings.data_keys, vault), "", *say_table(states, vault)):
            typer.echo(line)
        for line in ("", *say_what_may_go(states, settings.data_keys, vault)):
            typer.echo(line)
        typer.echo(await _say_what_waits(settings))
        wrong = await _find_wrong_order(settings)
        faults = await _count_faults(settings) if verify else 0
    if wrong:
        typer.echo(wrong)
    if faults or wrong:
        raise typer.Exit(LEFT)


async def _count_faults(settings: Settings) -> int:
    """Check every row; tells the first faults and how many there are."""
    from assembly.outside import make_vault
    from domain.rotation.counting import Fault, check_rows
    from domain.rotation.tables import list_sealed_tables
    from scripts.rotation_words import say_faults

    vault, checked = make_vault(settings), 0
    faults: list[Fault] = []
    for table in list_sealed_tables():
        after: object | None = None
        while True:
            part = await check_rows(table, vault, after)
            checked, after = checked + part.rows, part.last
            faults += part.faults
            if after is None:
                break
    for line in say_faults(faults):
        typer.echo(line)
    typer.echo(f"核对了 {checked:,} 行，{len(faults):,} 处不对。")
    return len(faults)


async def _rotate(settings: Settings) -> None:
    from assembly.outside import make_vault
    from domain.rotation.actions import note_rotation
    from domain.rotation.rotating import KeysUnfit, rotate
    from domain.rotation.tables import list_sealed_tables
    from scripts.rotation_progress import showing_progress
    from scripts.rotation_words import say_outcome, say_unfit

    vault = make_vault(settings)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with _open_database(settings):
        if wrong := await _find_wrong_order(settings):
            _refuse(f"{wrong}\n什么都没有改。")
        typer.echo(f"改用密钥 {vault.writing_key_id}。按 Ctrl-C 停下，已经改好的不会丢。")
        try:
            with showing_progress() as report:
                outcome = await _explain_loss(
                    lambda: rotate(list_sealed_tables(), vault, stop, report)
                )
        except KeysUnfit as error:
            for line in say_unfit(error):
                typer.echo(line, err=True)
            raise typer.Exit(2) from None
        if outcome.done or outcome.left:
            await note_rotation(_OPERATOR, vault.writing_key_id, outcome, now=local_now())
    for line in say_outcome(outcome, vault):
        typer.echo(line)
    if outcome.left:
        raise typer.Exit(STOPPED if outcome.stopped else LEFT)


async def _retire(settings: Settings, name: str) -> None:
    from assembly.outside import make_vault
    from domain.rotation.actions import note_retirement
    from domain.rotation.counting import count_keys
    from domain.rotation.tables import list_sealed_tables
    from domain.vault import derive_index_key

    vault = make_vault(settings)
    key = next((key for key in settings.data_keys if key.key_id == name), None)
    if key is None or key.use is KeyUse.INDEX:
        _refuse(f"ZPT_DATA_KEYS 里没有编号为 {name} 的完整密钥。")
    if name == vault.writing_key_id:
        _refuse(f"{name} 是第一把，正用来加密。先把新密钥放到它前面。")
    async with _open_database(settings):
        states = [await count_keys(table) for table in list_sealed_tables()]
        if used := sum(state.by_key.get(name, 0) for state in states):
            _refuse(f"还有 {used:,} 行在用 {name}：先运行 zpt keys rotate。")
        await note_retirement(_OPERATOR, name, now=local_now())
    typer.echo(await _say_what_waits(settings), err=True)
    if name != vault.identity_key_id:
        typer.echo(f"没有一行再用 {name}，可以从 ZPT_DATA_KEYS 里整个去掉。", err=True)
        return
    half = DataKey(name, derive_index_key(key), KeyUse.INDEX)
    typer.echo(f"{name}:{KeyUse.INDEX.value}:{base64.b64encode(half.key).decode()}")
    typer.echo(
        f"公众号的人是按 {name} 的索引认的，所以在 ZPT_DATA_KEYS 里用上面这一段换下 {name}，"
        "仍旧放在最后。它只能查找，打不开任何内容。",
        err=True,
    )


async def _find_wrong_order(settings: Settings) -> str:
    """What to say where the last key is not the one that senders are known by; "" where it is."""
    from assembly.outside import make_vault
    from domain.rotation.identities import find_identity_key

    vault, account = make_vault(settings), settings.official_account
    made_by = await find_identity_key(vault, account.app_id) if account else None
    if made_by in (None, vault.identity_key_id):
        return ""
    return (
        f"ZPT_DATA_KEYS 的顺序不对：公众号的人是按 {made_by} 的索引认的，{made_by} 要放在最后"
        f"（现在是 {vault.identity_key_id}，服务会认不出任何人）。"
    )


async def _say_what_waits(settings: Settings) -> str:
    """What may still come to PostgreSQL sealed with an old key."""
    from redis.exceptions import RedisError

    from assembly.outside import connect_redis
    from domain.messaging.records import STREAM
    from jobs.dead_letters import DEAD_LETTERS

    redis = connect_redis(settings)
    try:
        waiting, dead = [await redis.xlen(stream) for stream in (STREAM, DEAD_LETTERS)]
    except (RedisError, OSError, TimeoutError):
        return "Redis 现在连不上，不知道里面还有没有等着入库的消息。"
    finally:
        await redis.aclose()
    spooled = len(list((settings.var / "spool").glob("*")))
    return (
        f"还没入库的消息：Redis 里 {waiting:,} 条、死信 {dead:,} 条，本机磁盘上 {spooled:,} 个文件"
        "（里面可能有用旧密钥加密的；都处理完再去掉旧密钥）。"
    )


@contextlib.asynccontextmanager
async def _open_database(settings: Settings) -> AsyncIterator[None]:
    from assembly.outside import database, database_url_of
    from models.database import missing_migrations
    from observing.logs import configure_logging
    from scripts.reaching import require_database

    configure_logging(level="WARNING")
    await require_database(database_url_of(settings))
    async with database(settings, statement_seconds=_STATEMENT_SECONDS):
        if await missing_migrations():
            _refuse("数据库还是旧版本，先运行 zpt migrate。")
        yield


async def _explain_loss(work: Callable[[], Awaitable[Result]]) -> Result:
    """Turn a lost PostgreSQL into a line."""
    from models.availability import says_away

    try:
        return await work()
    except Exception as error:
        if not says_away(error):
            raise
        typer.echo("数据库断开了。已经改好的不会丢，数据库恢复以后再运行一遍就接着做。", err=True)
        raise typer.Exit(LEFT) from None


def _settings() -> Settings:
    """The settings; beside a running demo those that it was started with, or a refusal."""
    demo = find_running_demo(os.environ)
    if demo is None:
        return read_settings(os.environ, Need.DATA_KEYS)
    given = os.environ.get("ZPT_DATA_KEYS")
    own = {"ZPT_DATA_KEYS": given} if given else {}
    settings = read_settings({**os.environ, **demo, **own}, Need.DATA_KEYS)
    if wrong := say_other_keys(settings, given=bool(given)):
        _refuse(wrong)
    # Said once: a command without the servers' addresses runs again as its own child.
    if not given and settings.database_url and settings.redis_url:
        names = "、".join(key.key_id for key in settings.data_keys)
        typer.echo(
            f"旁边的演示用的是它自己的密钥 {names}（{settings.var / ACCOUNTS_FILE}）。"
            "想在演示上试换密钥，见 docs/operations.md 的 On the demo。",
            err=True,
        )
    return settings


def _choose_name(taken: set[str]) -> str:
    today = f"k{local_now():%y%m%d}"
    names = (today, *(f"{today}-{number}" for number in range(2, 100)))
    return next(name for name in names if name not in taken)


def _refuse(reason: str) -> NoReturn:
    typer.echo(reason, err=True)
    raise typer.Exit(2)
