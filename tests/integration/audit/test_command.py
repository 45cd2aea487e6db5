"""`zpt audit verify` and `zpt staff create` as an operator runs them."""

import os
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from domain.actor import Role
from models.audit import AuditEntry
from models.staff import StaffAccount
from tests.integration.audit.test_log import tamper, write_many
from tests.support import make_environment

ROOT = Path(__file__).parents[3]


def zpt(environment: dict[str, str], *arguments: str, typed: str = "") -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "scripts", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        input=typed,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def here(database: str, tmp_path: Path) -> dict[str, str]:
    return {"DATABASE_URL": database, "ZPT_VAR": str(tmp_path)}


async def test_a_log_in_order(here: dict[str, str]) -> None:
    await write_many(3)
    code, said, _ = zpt(here, "audit", "verify")
    assert code == 0 and "核对了3条" in said
    checkpoint = said.split("检查点 ")[1].split()[0]
    code, said, _ = zpt(here, "audit", "verify", "--checkpoint", checkpoint)
    assert code == 0
    wrong = "3:" + "0" * 64
    code, _, told = zpt(here, "audit", "verify", "--checkpoint", wrong)
    assert code == 1 and "检查点" in told
    assert zpt(here, "audit", "verify", "--checkpoint", "x")[0] == 2


async def test_a_broken_log_says_where(database: str, here: dict[str, str]) -> None:
    ids = await write_many(4)
    await tamper(
        database, "audit_entries", f"UPDATE audit_entries SET role = 'editor' WHERE id = '{ids[2]}'"
    )
    code, said, told = zpt(here, "audit", "verify")
    assert (code, said.strip()) == (1, "核对了2条。")
    assert "第3条" in told and str(ids[2]) in told and "2026-11-30 09:30:00" in told


async def test_a_database_of_an_older_version_is_told(
    servers: object, database_url: str, tmp_path: Path
) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    await connection.close()
    code, _, told = zpt({"DATABASE_URL": database_url, "ZPT_VAR": str(tmp_path)}, "audit", "verify")
    assert code == 2 and "zpt migrate" in told


@pytest.fixture
def environment(database: str, redis_url: str, tmp_path: Path) -> dict[str, str]:
    return make_environment(database, redis_url, tmp_path)


async def test_the_first_supervisor(environment: dict[str, str]) -> None:
    code, said, _ = zpt(environment, "staff", "create", "boss.one", "--name", "周建国")
    assert code == 0 and len(said.strip()) == 19
    account = await StaffAccount.get()
    assert account.role == Role.SUPERVISOR.value and account.temporary_until is not None
    assert said.strip() not in account.password_hash
    entry = await AuditEntry.get()
    assert (entry.event, entry.actor) == ("staff.create", "system zpt staff create")
    code, said, told = zpt(environment, "staff", "create", "boss.one", "--name", "周建国")
    assert code == 1 and "已经有这个用户名" in told


async def test_a_password_of_ones_own(environment: dict[str, str]) -> None:
    asking = ("staff", "create", "boss.two", "--name", "韩雪梅", "--ask")
    code, _, told = zpt(environment, *asking, typed="liaocheng2026\n")
    assert code == 1 and "太容易猜" in told
    code, said, _ = zpt(environment, *asking, typed="从南门走到湖边要半个小时\n")
    assert (code, said) == (0, "")
    assert (await StaffAccount.get()).temporary_until is None
