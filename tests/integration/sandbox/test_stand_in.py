"""The stand-in's own rules, where they go beyond what the client's contract shows."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from sandbox.server import create_application, run
from settings import SettingsError
from tests.contract.support import MINI, OFFICIAL, StandIn, make_settings, run_stand_in

ROOT = Path(__file__).parents[3]
ENVIRONMENT = {
    "ZPT_SANDBOX": "1",
    "WECHAT_API_BASE": "http://127.0.0.1:1",
    "WECHAT_MP_APP_ID": OFFICIAL.app_id,
    "WECHAT_MP_SECRET": OFFICIAL.secret,
    "WECHAT_MP_TOKEN": OFFICIAL.token,
    "WECHAT_MP_AES_KEY": OFFICIAL.aes_key,
}


@pytest.fixture
async def stand_in(tmp_path: Path) -> AsyncIterator[StandIn]:
    async with run_stand_in(tmp_path) as running:
        yield running


async def ask_stable(stand_in: StandIn, *, force: bool = False, **more: Any) -> Any:
    data = {
        "grant_type": "client_credential",
        "appid": OFFICIAL.app_id,
        "secret": OFFICIAL.secret,
        "force_refresh": force,
        **more,
    }
    url = f"{stand_in.url}/cgi-bin/stable_token"
    async with stand_in.session.post(url, json=data) as response:
        assert response.status == 200
        return await response.json()


async def ask_menu(stand_in: StandIn, token: str | None) -> Any:
    query = {} if token is None else {"access_token": token}
    async with stand_in.session.get(f"{stand_in.url}/cgi-bin/menu/get", params=query) as response:
        assert response.status == 200
        return (await response.json())["errcode"]


OK = 46003  # a good token finds that there is no menu


async def test_stable_token_is_the_same_until_its_last_five_minutes(stand_in: StandIn):
    first = await ask_stable(stand_in)
    assert (await ask_stable(stand_in))["access_token"] == first["access_token"]
    await stand_in.tell("clock", advance_s=7200 - 305)
    assert (await ask_stable(stand_in))["access_token"] == first["access_token"]
    await stand_in.tell("clock", advance_s=10)
    second = await ask_stable(stand_in)
    assert second["access_token"] != first["access_token"]
    assert second["expires_in"] == 7200
    # Both are good in the overlap, then the first has expired.
    assert await ask_menu(stand_in, first["access_token"]) == OK
    await stand_in.tell("clock", advance_s=301)
    assert await ask_menu(stand_in, first["access_token"]) == 42001
    assert await ask_menu(stand_in, second["access_token"]) == OK


async def test_a_forced_refresh_ends_the_old_token_at_once_and_is_rationed(stand_in: StandIn):
    first = await ask_stable(stand_in)
    second = await ask_stable(stand_in, force=True)
    assert await ask_menu(stand_in, first["access_token"]) == 40001
    assert (await ask_stable(stand_in, force=True))["access_token"] == second["access_token"]
    for _ in range(19):
        await stand_in.tell("clock", advance_s=31)
        assert "access_token" in await ask_stable(stand_in, force=True)
    await stand_in.tell("clock", advance_s=31)
    assert (await ask_stable(stand_in, force=True))["errcode"] == 45009


async def test_token_gives_a_new_one_each_time_apart_from_stable_token(stand_in: StandIn):
    stable = (await ask_stable(stand_in))["access_token"]
    query = {
        "grant_type": "client_credential",
        "appid": OFFICIAL.app_id,
        "secret": OFFICIAL.secret,
    }
    tokens = []
    for _ in range(2):
        async with stand_in.session.get(f"{stand_in.url}/cgi-bin/token", params=query) as response:
            tokens.append((await response.json())["access_token"])
    assert len({stable, *tokens}) == 3
    assert [await ask_menu(stand_in, token) for token in (stable, *tokens)] == [OK] * 3
    await stand_in.tell("clock", advance_s=301)
    assert await ask_menu(stand_in, tokens[0]) == 42001
    assert await ask_menu(stand_in, tokens[1]) == OK


@pytest.mark.parametrize(
    ("wrong", "errcode"),
    [
        ({"appid": "wxother"}, 40013),
        ({"secret": "x"}, 40125),
        ({"appid": ""}, 41002),
        ({"secret": ""}, 41004),
        ({"grant_type": "x"}, 40002),
    ],
)
async def test_wrong_credentials(stand_in: StandIn, wrong: dict[str, Any], errcode: int):
    assert (await ask_stable(stand_in, **wrong))["errcode"] == errcode


async def test_a_missing_and_an_unknown_token(stand_in: StandIn):
    assert await ask_menu(stand_in, None) == 41001
    assert await ask_menu(stand_in, "70_invented") == 40001


def click(name: str = "按钮", key: str = "k") -> Any:
    return {"type": "click", "name": name, "key": key}


@pytest.mark.parametrize(
    ("buttons", "errcode"),
    [
        ([], 40016),
        ([click()] * 4, 40016),
        ([click("五" * 5 + "xx")], 40018),
        ([click("")], 40018),
        ([click(key="k" * 129)], 40019),
        ([{"type": "view", "name": "a", "url": ""}], 40020),
        ([{"type": "dance", "name": "a"}], 40017),
        ([{"name": "a", "sub_button": [click()] * 6}], 40023),
        ([{"name": "a", "sub_button": [click("字" * 21)]}], 40025),
        ([{"name": "a", "sub_button": [{"name": "b", "sub_button": [click()]}]}], 40023),
        ([click("五" * 5 + "x"), {"name": "a", "sub_button": [click("字" * 20)] * 5}], 0),
    ],
)
async def test_menu_limits(stand_in: StandIn, buttons: list[Any], errcode: int):
    token = (await ask_stable(stand_in))["access_token"]
    async with stand_in.session.post(
        f"{stand_in.url}/cgi-bin/menu/create",
        params={"access_token": token},
        data=json.dumps({"button": buttons}, ensure_ascii=False).encode(),
    ) as response:
        assert (await response.json())["errcode"] == errcode


async def test_the_demo_file_is_read_again_when_it_changes(tmp_path: Path, stand_in: StandIn):
    query = {
        "appid": MINI.app_id,
        "secret": MINI.secret,
        "js_code": "hint",
        "grant_type": "authorization_code",
    }

    async def login() -> Any:
        url = f"{stand_in.url}/sns/jscode2session"
        async with stand_in.session.get(url, params=query) as response:
            return await response.json()

    assert (await login())["errcode"] == 40029
    people = [{"openid": "oLate00000", "login_code_hint": "hint", "phone": "13800000009"}]
    (tmp_path / "demo.json").write_text(json.dumps({"people": people}))
    assert (await login())["openid"] == "oLate00000"


async def test_faults_strike_as_often_as_told(stand_in: StandIn):
    await stand_in.fail("/cgi-bin/menu/get", errcode=45009, times=2)
    codes = [await ask_menu(stand_in, None) for _ in range(3)]
    assert codes == [45009, 45009, 41001]
    async with stand_in.session.post(
        f"{stand_in.url}/sandbox/faults", json={"endpoint": "*", "wrong": 1}
    ) as response:
        assert response.status == 400


async def test_reset_forgets_people_and_faults(stand_in: StandIn):
    await stand_in.tell("interactions", openid="oPerson00")
    await stand_in.fail("*", errcode=-1)
    await stand_in.tell("reset")
    assert await ask_menu(stand_in, None) == 41001
    assert stand_in.platform.people.all() == []


def test_it_refuses_outside_the_sandbox(tmp_path: Path):
    with pytest.raises(SettingsError) as caught:
        create_application(make_settings(tmp_path, sandbox=False))
    assert caught.value.variable == "ZPT_SANDBOX"


def test_it_refuses_a_socket_that_others_can_reach(tmp_path: Path):
    with socket.socket() as listener:
        listener.bind(("0.0.0.0", 0))
        listener.listen()
        with pytest.raises(SettingsError):
            run(make_settings(tmp_path), fd=os.dup(listener.fileno()))


@pytest.mark.parametrize(
    "change",
    [
        {"ZPT_SANDBOX": "0"},
        {"WECHAT_MP_APP_ID": "wx0123456789abcdef"},
        {"WECHAT_API_BASE": "https://api.weixin.qq.com"},
    ],
)
def test_the_process_refuses_real_credentials(tmp_path: Path, change: dict[str, str]):
    done = subprocess.run(
        [sys.executable, "-m", "sandbox", "--port", "1"],
        cwd=ROOT,
        env={**ENVIRONMENT, "ZPT_VAR": str(tmp_path), **change},
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1 and "ZPT_SANDBOX" in done.stderr


async def test_the_process_serves_an_inherited_socket_and_stops_at_sigterm(tmp_path: Path):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/sandbox/healthz"
        process = subprocess.Popen(
            [sys.executable, "-m", "sandbox", "--fd", str(listener.fileno())],
            cwd=ROOT,
            env={**ENVIRONMENT, "ZPT_VAR": str(tmp_path)},
            pass_fds=[listener.fileno()],
            stderr=subprocess.PIPE,
        )
    try:
        async with (
            aiohttp.ClientSession() as session,
            session.get(url, timeout=aiohttp.ClientTimeout(total=10)) as response,
        ):
            assert response.status == 200
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=10)
        assert process.returncode == 0
        assert time.monotonic() - started < 5
        assert OFFICIAL.secret.encode() not in said
    finally:
        process.kill()
        process.wait()
