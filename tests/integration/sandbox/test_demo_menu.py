"""The menu that the demo puts on the sandbox's platform when it starts."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest

from clients.wechat.menus import compare_menus, read_menu
from sandbox.platform.memory import Platform
from scripts.commands.menu import MENU_FILE
from scripts.supervisor import demo_menu
from scripts.supervisor.demo_menu import put_menu
from tests.contract.support import OFFICIAL, make_settings
from tests.integration.sandbox.support import Hand, open_client

ROOT = Path(__file__).parents[3]
CREATE = "/cgi-bin/menu/create"


def environment_of(hand: Hand, var: Path) -> dict[str, str]:
    return {
        "ZPT_SANDBOX": "1",
        "ZPT_VAR": str(var),
        "WECHAT_API_BASE": hand.url,
        "WECHAT_MP_APP_ID": OFFICIAL.app_id,
        "WECHAT_MP_SECRET": OFFICIAL.secret,
        "WECHAT_MP_TOKEN": OFFICIAL.token,
        "WECHAT_MP_AES_KEY": OFFICIAL.aes_key,
    }


async def test_it_is_set_once_and_again_where_it_is_another(hand: Hand, tmp_path: Path):
    assert hand.platform is not None
    environment, said = environment_of(hand, tmp_path), list[str]()
    for _ in range(2):
        await put_menu(environment, said.append)
    assert hand.platform.calls[CREATE] == 1
    assert compare_menus(hand.platform.menu, read_menu(MENU_FILE)) == []
    async with open_client(hand) as client:
        await client.create_menu({"button": [{"type": "click", "name": "别的", "key": "k"}]})
    await put_menu(environment, said.append)
    assert compare_menus(hand.platform.menu, read_menu(MENU_FILE)) == []
    assert said == []


async def test_a_reset_keeps_it(hand: Hand, tmp_path: Path):
    await put_menu(environment_of(hand, tmp_path), list[str]().append)
    await hand.post("reset", {})
    setup = await hand.get("phone/setup")
    assert compare_menus(setup["menu"], read_menu(MENU_FILE)) == []
    async with open_client(hand) as client:
        await client.delete_menu()
    await hand.post("reset", {})
    assert (await hand.get("phone/setup"))["menu"] is None


async def test_it_outlives_a_stand_in_that_is_killed(tmp_path: Path):
    environment = environment_of(Hand("http://127.0.0.1:1", None), tmp_path)  # type: ignore[arg-type]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        command = [sys.executable, "-m", "sandbox", "--fd", str(listener.fileno())]
        for started in range(3):
            process = subprocess.Popen(
                command, cwd=ROOT, env=environment, pass_fds=[listener.fileno()]
            )
            try:
                async with aiohttp.ClientSession() as session:
                    hand = Hand(url, session)
                    # The socket listens, so this waits for the process to be there.
                    await hand.get("healthz")
                    if started == 0:
                        await put_menu({**environment, "WECHAT_API_BASE": url}, list[str]().append)
                    menu = (await hand.get("phone/setup"))["menu"]
                assert compare_menus(menu, read_menu(MENU_FILE)) == []
            finally:
                process.kill()
                process.wait()


@pytest.mark.parametrize(
    "kept", ["", "[]", "{}", '{"app_id": "wxsandbox0000000a", "menu": {}}', "[" * 5000, "other"]
)
async def test_a_kept_menu_that_is_none_is_no_menu(tmp_path: Path, kept: str):
    menu = {"button": [{"type": "click", "name": "别的", "key": "k"}]}
    if kept == "other":
        kept = json.dumps({"app_id": "wxsandbox0000000z", "menu": menu})
    (tmp_path / "sandbox-menu.json").write_text(kept, encoding="utf-8")
    assert Platform(make_settings(tmp_path)).menu is None


@pytest.mark.parametrize(
    "fault", [{"errcode": 40016}, {"errcode": -1, "times": 99}, {"body": "x", "times": 99}]
)
async def test_what_goes_wrong_stops_nothing(hand: Hand, tmp_path: Path, fault: dict[str, object]):
    await hand.post("faults", {"endpoint": CREATE, **fault})
    said = list[str]()
    await put_menu(environment_of(hand, tmp_path), said.append)
    assert len(said) == 1 and "菜单没有放到微信沙箱上" in said[0]


async def test_a_platform_that_hangs_is_not_waited_for(
    hand: Hand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(demo_menu, "PATIENCE_SECONDS", 0.3)
    await hand.post("faults", {"endpoint": "*", "delay_ms": 800})
    said = list[str]()
    await put_menu(environment_of(hand, tmp_path), said.append)
    assert len(said) == 1 and "没有及时应答" in said[0]


async def test_a_platform_that_is_away(tmp_path: Path):
    said = list[str]()
    away = Hand("http://127.0.0.1:1", None)  # type: ignore[arg-type]
    await put_menu(environment_of(away, tmp_path), said.append)
    assert len(said) == 1 and "菜单没有放到微信沙箱上" in said[0]
