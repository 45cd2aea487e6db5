"""The custom menu between our YAML and the platform's shape."""

from pathlib import Path

import pytest

from clients.wechat.menus import MenuFileError, compare_menus, read_menu
from scripts.commands.menu import MENU_FILE


def write_menu(folder: Path, button: str) -> Path:
    file = folder / "menu.yaml"
    file.write_text(f"buttons:\n  - {button}\n", "utf-8")
    return file


@pytest.mark.parametrize(
    ("button", "platform"),
    [
        ("{name: 问, key: 'entry:x'}", {"type": "click", "key": "entry:x"}),
        ("{name: 问, scan: 'intent:x'}", {"type": "scancode_waitmsg", "key": "intent:x"}),
        ("{name: 问, url: 'https://a'}", {"type": "view", "url": "https://a"}),
        (
            "{name: 问, app_id: w, page: p, url: 'https://a'}",
            {"type": "miniprogram", "appid": "w", "pagepath": "p", "url": "https://a"},
        ),
    ],
)
def test_each_kind_of_button(tmp_path: Path, button: str, platform: dict[str, str]) -> None:
    assert read_menu(write_menu(tmp_path, button)) == {"button": [{"name": "问", **platform}]}


@pytest.mark.parametrize("button", ["{name: 问}", "{name: 问, key: a, scan: b}", "{scan: a}"])
def test_what_is_no_button_is_named(tmp_path: Path, button: str) -> None:
    with pytest.raises(MenuFileError):
        read_menu(write_menu(tmp_path, button))


def test_checking_in_opens_the_camera_and_a_click_in_its_place_is_a_change() -> None:
    """One tap, and the camera is open: nothing has to be typed."""
    wanted = read_menu(MENU_FILE)
    (button,) = [
        below
        for top in wanted["button"]
        for below in top["sub_button"]
        if below["name"] == "上课签到"
    ]
    assert (button["type"], button["key"]) == ("scancode_waitmsg", "intent:checkin")
    before = read_menu(MENU_FILE)
    for top in before["button"]:
        for below in top["sub_button"]:
            below["type"] = "click"
    changes = [line for line in compare_menus(before, wanted) if not line.startswith("  ")]
    assert [line.split()[1] for line in changes] == ["上课签到", "上课签到"]
