"""The menu that the demo puts on the sandbox's platform when it starts."""

from pathlib import Path

import pytest

from clients.wechat.menus import compare_menus, read_menu
from scripts.commands.menu import MENU_FILE
from scripts.supervisor import demo_menu
from scripts.supervisor.demo_menu import put_menu
from tests.contract.support import OFFICIAL
from tests.integration.sandbox.support import Hand, open_client

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
