"""Faults of the platform's API that one switches on and off (on top of faults.py)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sandbox.platform import accounts, messages, things
from sandbox.platform.faults import Fault, Faults

CUSTOM = "/cgi-bin/message/custom/send"
TEMPLATE = "/cgi-bin/message/template/send"
SUBSCRIBE = ("/cgi-bin/message/subscribe/send", "/cgi-bin/message/subscribe/bizsend")
#: These take no access token, so a token that is no longer good does not matter to them.
_WITHOUT_TOKEN = frozenset(
    {
        "/cgi-bin/token",
        "/cgi-bin/stable_token",
        "/sns/jscode2session",
        "/cgi-bin/showqrcode",
    }
)
_WITH_TOKEN = sorted(
    {route.path for part in (accounts, messages, things) for route in part.ROUTES} - _WITHOUT_TOKEN
)


@dataclass(frozen=True, slots=True)
class Preset:
    preset_id: str
    title: str
    note: str
    endpoints: tuple[str, ...]
    fault: dict[str, Any]

    def to_json(self) -> dict[str, str]:
        return {"id": self.preset_id, "title": self.title, "note": self.note}

    def make_faults(self) -> tuple[Fault, ...]:
        return tuple(Fault(endpoint, **self.fault) for endpoint in self.endpoints)


PRESETS = {
    preset.preset_id: preset
    for preset in (
        Preset(
            "token",
            "令牌失效",
            "带着令牌的调用都答 40001，换了新令牌也一样",
            tuple(_WITH_TOKEN),
            {"errcode": 40001},
        ),
        Preset("busy", "系统繁忙（-1）", "所有调用都答 -1", ("*",), {"errcode": -1}),
        Preset("refused", "用户拒收（43101）", "订阅通知发不出去", SUBSCRIBE, {"errcode": 43101}),
        Preset("used_up", "次数用完（45047）", "客服消息发不出去", (CUSTOM,), {"errcode": 45047}),
        Preset("closed", "窗口已关（45015）", "客服消息发不出去", (CUSTOM,), {"errcode": 45015}),
        Preset("slow", "很慢（8 秒）", "每次调用都等 8 秒才答", ("*",), {"delay_ms": 8000}),
        Preset(
            "gateway",
            "网关坏了（502）",
            "答的是一页 HTML",
            ("*",),
            {"status": 502, "body": "<html><body><h1>502 Bad Gateway</h1></body></html>"},
        ),
        Preset(
            "garbage",
            "乱码（200）",
            "答的不是 JSON",
            ("*",),
            {"body": "\x00\x1f{errcode:?锟斤拷", "content_type": "text/plain"},
        ),
    )
}


def switch_preset(faults: Faults, preset_id: str, *, on: bool) -> None:
    """Raises KeyError for a preset that is not there."""
    preset = PRESETS[preset_id]
    if on:
        faults.lasting.setdefault(preset_id, preset.make_faults())
    else:
        faults.lasting.pop(preset_id, None)


def list_switched_on(faults: Faults) -> Iterable[str]:
    """Their ids, the earliest first."""
    return [preset_id for preset_id in faults.lasting if preset_id in PRESETS]
