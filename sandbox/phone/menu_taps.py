"""A tap on the custom menu: the platform's event for the button's type, and what follows it."""

import hashlib
from collections.abc import Mapping
from typing import Any

from sandbox.phone.acts import Act, ActError, Actor, event_shown, make_image, make_location
from sandbox.phone.places import list_places

MENU_ID = 400_000_001
SILENT = "这个按钮由公众平台自己下发内容，不通知公众号"
_PHOTOS = ("pic_sysphoto", "pic_photo_or_album", "pic_weixin")


def tap_menu(actor: Actor, act: Mapping[str, Any]) -> Act:
    """The button at `path`. Raises ActError where there is none.

    `result` is what a scanned code says, `picture` which picture is chosen.
    """
    button = _find(actor.platform.menu, act.get("path"))
    kind, name = str(button.get("type")), str(button["name"])
    shown = event_shown(f"点了菜单“{name}”")
    if kind == "click":
        return Act(actor.event("CLICK", EventKey=button["key"]), shown)
    if kind == "view":
        event = actor.event("VIEW", EventKey=button["url"], MenuId=MENU_ID)
        return Act(event, shown | {"url": button["url"]})
    if kind == "miniprogram":
        page = str(button.get("pagepath", ""))
        event = actor.event("view_miniprogram", EventKey=page, MenuId=MENU_ID)
        program = {"app_id": button.get("appid"), "page": page, "url": button.get("url")}
        return Act(event, shown | {"mini_program": program})
    if kind in ("scancode_push", "scancode_waitmsg"):
        result = act.get("result")
        found = result[:1000] if isinstance(result, str) and result else "zpt:1:123456"
        info = {"ScanType": "qrcode", "ScanResult": found}
        event = actor.event(kind, EventKey=button["key"], ScanCodeInfo=info)
        return Act(event, shown | {"text": f"扫到：{found}"})
    if kind in _PHOTOS:
        return _send_photo(actor, act, kind, button, shown)
    if kind == "location_select":
        return _send_place(actor, button, shown)
    return Act(None, shown, system=SILENT)


def _send_photo(
    actor: Actor, act: Mapping[str, Any], kind: str, button: Any, shown: dict[str, Any]
) -> Act:
    """First the event that says how many pictures come, then the picture itself."""
    picture = make_image(actor, {"picture": act.get("picture") or "sign-in-sheet"})
    digest = hashlib.md5(repr(picture.shown).encode(), usedforsecurity=False).hexdigest()
    info = {"Count": 1, "PicList": {"item": [{"PicMd5Sum": digest}]}}
    event = actor.event(kind, EventKey=button["key"], SendPicsInfo=info)
    return Act(event, shown, then=(picture,))


def _send_place(actor: Actor, button: Any, shown: dict[str, Any]) -> Act:
    """First the event, then the location as a message."""
    place = list_places(actor.platform.people.read_demo())[0]
    info = {
        "Location_X": str(place["latitude"]),
        "Location_Y": str(place["longitude"]),
        "Scale": "16",
        "Label": place["label"],
        "Poiname": "",
    }
    event = actor.event("location_select", EventKey=button["key"], SendLocationInfo=info)
    return Act(event, shown, then=(make_location(actor, place),))


def _find(menu: dict[str, Any] | None, path: object) -> dict[str, Any]:
    buttons = (menu or {}).get("button")
    button: Any = None
    if not isinstance(path, list) or not 1 <= len(path) <= 2:
        raise ActError("要写明点的是菜单的哪一项")
    for index in path:
        if isinstance(index, bool) or not isinstance(index, int) or not isinstance(buttons, list):
            raise ActError("没有这个菜单按钮", 404)
        if not 0 <= index < len(buttons):
            raise ActError("没有这个菜单按钮", 404)
        button = buttons[index]
        buttons = button.get("sub_button")
    if buttons:
        raise ActError("这一项下面还有按钮，要点下面的", 400)
    found: dict[str, Any] = button
    return found
