"""Messages that the sandbox sends in the service's place, through the platform's own API."""

import asyncio
import json
from typing import Any

import pytest

from sandbox.phone.sends import SENDS
from tests.integration.sandbox.support import OPENID, Hand, watch

CUSTOM = ("text", "msgmenu", "image", "news", "miniprogrampage")


async def send(hand: Hand, kind: str, side: str) -> Any:
    """What comes of it."""
    before = len(await hand.items())
    await hand.post("phone/sends", {"openid": OPENID, "kind": kind}, 202)
    for _ in range(200):
        new = [item for item in (await hand.items())[before:] if item["side"] == side]
        if new:
            return new[0]
        await asyncio.sleep(0.02)
    raise AssertionError(f"{kind}: {await hand.items()}")


async def consent(hand: Hand, account: str) -> None:
    templates = (await hand.get("phone/setup"))["templates"]
    for one in templates:
        if (one["kind"], one["account"]) == ("subscribe", account):
            await hand.do("consent", template_id=one["id"], accept=True, account=account)


async def test_setup_lists_them_and_names_them_honestly(hand: Hand):
    sends = (await hand.get("phone/setup"))["sends"]
    assert [one["kind"] for one in sends] == list(SENDS)
    assert {"kind", "title", "note"} == set(sends[0]) and sends[0]["title"] == "客服消息（文字）"
    assert all(one["note"] for one in sends)


@pytest.mark.parametrize("kind", CUSTOM)
async def test_customer_service_messages(hand: Hand, kind: str):
    refused = await send(hand, kind, "system")
    assert refused["kind"] == "refused" and "45015" in refused["text"]
    await hand.do("text", text="x")
    item = await send(hand, kind, "theirs")
    assert (item["channel"], item["kind"]) == ("customer_service", kind)
    assert item["api"]["response"]["errcode"] == 0 and "access_token" not in json.dumps(item)
    assert ("picture_url" in item) == (kind in ("image", "miniprogrampage"))


async def test_a_line_of_the_menu_opens_what_a_button_opens(hand: Hand):
    assert hand.platform is not None
    below = {"type": "click", "name": "到哪儿领", "key": "entry:claim-where", "sub_button": []}
    hand.platform.menu = {"button": [{"name": "查", "sub_button": [below]}]}
    await hand.do("text", text="x")
    content = (await send(hand, "msgmenu", "theirs"))["content"]
    assert content["list"] == [{"id": "entry:claim-where", "content": "到哪儿领"}]


async def test_cards_need_what_they_need(hand: Hand):
    assert (await send(hand, "template", "theirs"))["channel"] == "template"
    for kind, account in (("subscribe", "official"), ("subscribe_mini", "mini")):
        assert "43101" in (await send(hand, kind, "system"))["text"]
        await consent(hand, account)
        item = await send(hand, kind, "theirs")
        assert item["channel"] == "subscribe" and item["fields"]


async def test_typing(hand: Hand):
    await hand.do("text", text="x")
    async with watch(hand) as stream:
        await hand.post("phone/sends", {"openid": OPENID, "kind": "typing"}, 202)
        item = await stream.item()
    assert (item["side"], item["on"]) == ("typing", True)


@pytest.mark.parametrize(
    ("preset", "words"),
    [("busy", "没能拿到令牌，这条没有发：-1"), ("garbage", "不是 JSON"), ("token", "40001")],
)
async def test_faults_hold(hand: Hand, preset: str, words: str):
    await hand.do("text", text="x")
    await hand.post("phone/faults", {"preset": preset, "on": True})
    assert words in (await send(hand, "text", "system"))["text"]
    await hand.post("phone/faults", {"preset": preset, "on": False})
    assert (await send(hand, "text", "theirs"))["kind"] == "text"


async def test_what_there_is_none_of(hand: Hand):
    await hand.post("phone/sends", {"openid": OPENID, "kind": "dance"}, 404)
    await hand.post("phone/sends", {"openid": OPENID, "kind": []}, 404)
    await hand.post("phone/sends", {"kind": "text"}, 400)
