"""The custom menu's limits: 3 buttons of up to 5 below each, labels counted in bytes."""

from collections.abc import Mapping
from typing import Any

from sandbox.platform.answers import RefusalError

TOP, SUB = 3, 5
KEY_BYTES, URL_BYTES = 128, 1024
#: By level: label bytes, and the codes for count, type, label, key, URL.
_LEVELS = ((16, 40016, 40017, 40018, 40019, 40020), (60, 40023, 40024, 40025, 40026, 40027))
WITH_KEY = frozenset(
    {
        "click",
        "scancode_push",
        "scancode_waitmsg",
        "pic_sysphoto",
        "pic_photo_or_album",
        "pic_weixin",
        "location_select",
    }
)
OTHERS = frozenset({"view", "miniprogram", "media_id", "view_limited", "article_id"})


def check_menu(menu: object) -> dict[str, Any]:
    """The menu as menu/get gives it back. Raises the platform's code for the first fault."""
    buttons = menu.get("button") if isinstance(menu, Mapping) else None
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= TOP:
        raise RefusalError(40016)
    return {"button": [_check_button(button, 0) for button in buttons]}


def _check_button(button: object, level: int) -> dict[str, Any]:
    label_bytes, count_code, type_code, label_code, key_code, url_code = _LEVELS[level]
    if not isinstance(button, Mapping):
        raise RefusalError(count_code)
    name = button.get("name")
    if not isinstance(name, str) or not 1 <= len(name.encode()) <= label_bytes:
        raise RefusalError(label_code)
    below = button.get("sub_button")
    if below:
        if level == 1 or not isinstance(below, list) or len(below) > SUB:
            raise RefusalError(40023)
        return {"name": name, "sub_button": [_check_button(sub, 1) for sub in below]}
    kind = button.get("type")
    if kind in WITH_KEY:
        _check_length(button.get("key"), KEY_BYTES, key_code)
    elif kind in ("view", "miniprogram"):
        _check_length(button.get("url"), URL_BYTES, url_code)
    elif kind not in OTHERS:
        raise RefusalError(type_code)
    return {**button, "sub_button": []}


def _check_length(value: object, most: int, errcode: int) -> None:
    if not isinstance(value, str) or not 1 <= len(value.encode()) <= most:
        raise RefusalError(errcode)
