"""Commands that cannot start say why in one line that names the variable, and exit with 2."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.listening import require_free_address
from settings import SettingsError
from tests.conftest import Servers, replace_database

ROOT = Path(__file__).parents[3]
SECRET = "not-to-be-told"
ACCOUNT = {
    "WECHAT_MP_APP_ID": "wxsandbox0123456789",
    "WECHAT_MP_SECRET": "0" * 32,
    "WECHAT_MP_TOKEN": "token",
    "WECHAT_MP_AES_KEY": "A" * 43,
    "ZPT_DATA_KEYS": "k1:" + "A" * 43 + "=",
}


def run_zpt(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scripts", *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def assert_one_line(run: subprocess.CompletedProcess[str], variable: str) -> None:
    assert run.returncode == 2
    assert run.stdout == ""
    (line,) = run.stderr.splitlines()
    assert line.startswith(f"{variable}：")
    assert SECRET not in line


def test_migrate_names_a_database_that_cannot_be_reached(servers: Servers, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    unreachable = f"postgres://someone:{SECRET}@127.0.0.1:{port}/nowhere"
    common = {"REDIS_URL": servers.redis_url, "ZPT_VAR": str(tmp_path)}
    assert_one_line(run_zpt("migrate", DATABASE_URL=unreachable, **common), "DATABASE_URL")
    absent = replace_database(servers.database_url, "no_such_database")
    run = run_zpt("migrate", DATABASE_URL=absent, **common)
    assert_one_line(run, "DATABASE_URL")
    assert "没有这个名字的数据库" in run.stderr


def test_serve_names_a_port_that_is_taken(servers: Servers, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        run = run_zpt(
            "serve",
            PORT=str(listener.getsockname()[1]),
            HOST="127.0.0.1",
            DATABASE_URL=servers.database_url,
            REDIS_URL=servers.redis_url,
            ZPT_VAR=str(tmp_path),
            **ACCOUNT,
        )
    assert_one_line(run, "PORT")


@pytest.mark.parametrize("host", ["999.1.1.1", "192.0.2.1", "a..b", "2001:db8::1"])
def test_a_host_that_is_not_ours_is_not_told_as_a_taken_port(host: str) -> None:
    with pytest.raises(SettingsError) as caught:
        require_free_address(host, 8080)
    assert caught.value.variable == "HOST"


def test_an_address_that_is_free_passes() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    require_free_address("127.0.0.1", port)
