"""The custom menu between our YAML and the platform's shape, and what differs between two."""

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from clients.wechat.interface import PlatformMenu


class MenuFileError(ValueError):
    """The menu file does not have the shape that content/menus/official_account.yaml shows."""


def read_menu(path: Path) -> PlatformMenu:
    """The menu of the YAML file, as menu/create takes it. Raises MenuFileError.

    A button has `name` and one of: `key` (a tap that comes to us), `scan` (the camera opens, and
    what it reads comes to us, while a box says that an answer is on its way), `url` (a page),
    `page` with `app_id` and `url` (a mini-program page and what old phones open), or `buttons`
    below it.
    The platform judges the limits.
    """
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise MenuFileError(f"{path.name}: {error}") from error
    buttons = data.get("buttons") if isinstance(data, Mapping) else None
    if not isinstance(buttons, list) or not buttons:
        raise MenuFileError(f"{path.name}: 缺 buttons")
    return {"button": [_to_platform(button, path.name) for button in buttons]}


def _to_platform(button: Any, file: str) -> dict[str, Any]:
    name = button.get("name") if isinstance(button, Mapping) else None
    if not isinstance(name, str):
        raise MenuFileError(f"{file}: 有一个按钮没有 name")
    match {key: value for key, value in button.items() if key != "name"}:
        case {"buttons": list(below), **rest} if below and not rest:
            return {"name": name, "sub_button": [_to_platform(sub, file) for sub in below]}
        case {"key": str(key), **rest} if not rest:
            return {"type": "click", "name": name, "key": key}
        case {"scan": str(key), **rest} if not rest:
            return {"type": "scancode_waitmsg", "name": name, "key": key}
        case {"url": str(url), **rest} if not rest:
            return {"type": "view", "name": name, "url": url}
        case {"app_id": str(app_id), "page": str(page), "url": str(url), **rest} if not rest:
            return {
                "type": "miniprogram",
                "name": name,
                "appid": app_id,
                "pagepath": page,
                "url": url,
            }
    raise MenuFileError(f"{file}: 按钮“{name}”要有 key、scan、url、page 或 buttons 中的一种")


def describe_menu(menu: PlatformMenu | None) -> list[str]:
    """One line a button, in order, free of what the platform adds by itself."""
    return list(_describe((menu or {}).get("button", []), ""))


def _describe(buttons: list[dict[str, Any]], indent: str) -> Iterator[str]:
    for button in buttons:
        below = button.get("sub_button")
        # Some answers wrap the list once more.
        below = below.get("list", []) if isinstance(below, Mapping) else below
        if below:
            yield f"{indent}{button['name']}"
            yield from _describe(below, indent + "  ")
        else:
            target = button.get("key") or " ".join(
                str(button[part]) for part in ("appid", "pagepath", "url") if button.get(part)
            )
            yield f"{indent}{button['name']} [{button.get('type')}] {target}"


def compare_menus(present: PlatformMenu | None, wanted: PlatformMenu) -> list[str]:
    """The lines that differ, "- " for what is there and "+ " for what would be; none if equal."""
    before, after = describe_menu(present), describe_menu(wanted)
    if before == after:
        return []
    return [line for line in difflib.ndiff(before, after) if not line.startswith("? ")]
