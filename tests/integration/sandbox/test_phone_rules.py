"""WeChat's rules for what is sent: files, the typing sign, and the reports on what was brought."""

import asyncio
import time
from typing import Any

import pytest
from aiohttp import web

from sandbox.phone.conversations import Conversations
from sandbox.phone.typing_lights import TypingLights
from sandbox.platform.answers import RefusalError
from tests.integration.sandbox.support import (
    OPENID,
    SENDING,
    Hand,
    ScriptedService,
    call,
    keep_media,
    template_of,
    text_reply,
)


@pytest.mark.parametrize(
    ("kind", "content", "errcode"),
    [
        ("image", {"media_id": "image"}, 0),
        ("image", {"media_id": "none"}, 40007),
        ("image", {"media_id": ["image"]}, 40007),
        ("image", {"media_id": "voice"}, 40007),
        ("voice", {"media_id": "image"}, 40007),
        ("video", {"media_id": "voice", "thumb_media_id": "thumb"}, 40007),
        ("video", {"media_id": "video", "thumb_media_id": "video"}, 40007),
        ("miniprogrampage", {"title": "题", "pagepath": "p", "thumb_media_id": "none"}, 40007),
        ("music", {"musicurl": "https://x", "thumb_media_id": "voice"}, 40007),
        ("mpnews", {"media_id": "of lasting material"}, 0),
    ],
)
async def test_files_must_be_there_and_of_the_kind(
    hand: Hand, token: str, kind: str, content: Any, errcode: int
):
    await hand.do("text", text="x")
    keep_media(hand)
    message = {"touser": OPENID, "msgtype": kind, kind: content}
    assert (await call(hand, token, SENDING, message))["errcode"] == errcode


async def test_a_file_is_kept_for_three_days(hand: Hand):
    assert hand.platform is not None
    keep_media(hand)
    hand.platform.advance(3 * 86_400 - 60)
    assert hand.platform.find_media("image").content == b"x"
    hand.platform.advance(120)
    with pytest.raises(RefusalError):
        hand.platform.find_media("image")


@pytest.mark.parametrize("kind", ["video", "miniprogrampage", "music"])
async def test_the_small_picture_of_a_card_can_be_seen(hand: Hand, token: str, kind: str):
    await hand.do("text", text="x")
    keep_media(hand)
    content = {"thumb_media_id": "thumb", "title": "题", "pagepath": "p", "musicurl": "m"}
    content["media_id"] = "video"
    await call(hand, token, SENDING, {"touser": OPENID, "msgtype": kind, kind: content})
    (item,) = await hand.theirs()
    assert item["picture_url"] == "/sandbox/media/thumb"


@pytest.mark.parametrize(
    ("kind", "account", "path", "event"),
    [
        ("template", "official", "template/send", "TEMPLATESENDJOBFINISH"),
        ("subscribe", "official", "subscribe/bizsend", "subscribe_msg_sent_event"),
    ],
)
async def test_the_platform_reports_that_a_card_was_brought(
    hand: Hand,
    token: str,
    scripted: ScriptedService,
    kind: str,
    account: str,
    path: str,
    event: str,
):
    template = await template_of(hand, kind)
    name = "keyword1" if kind == "template" else "thing1"
    await hand.do("consent", template_id=template, accept=True, account=account)
    # What the service answers to a report shows on no phone.
    scripted.answers = [text_reply("不该看到")]
    message = {"touser": OPENID, "template_id": template, "data": {name: {"value": "班"}}}
    answer = await call(hand, token, f"/cgi-bin/message/{path}", message)
    (item,) = [one for one in await hand.items() if one.get("kind") == "event"][-1:]
    item = await hand.settled(item["number"])
    assert (item["side"], item["title"]) == ("system", event)
    assert item["deliveries"][0]["result"] == "reply"
    assert scripted.contents("Event")[-1] == event
    assert str(answer["msgid"]) in item["message_xml"]
    assert len(await hand.theirs()) == 1 and await hand.system("failed") == []
    # One that is refused is not reported.
    before = len(scripted.read)
    await hand.post("phone/faults", {"preset": "busy", "on": True})
    await call(hand, token, f"/cgi-bin/message/{path}", message)
    await asyncio.sleep(0.1)
    assert len(scripted.read) == before


async def test_a_report_that_fails_shows_on_no_phone(
    hand: Hand, token: str, scripted: ScriptedService
):
    scripted.answers = [lambda: web.Response(status=500)]
    template = await template_of(hand, "template")
    message = {"touser": OPENID, "template_id": template, "data": {"keyword1": {"value": "班"}}}
    await call(hand, token, "/cgi-bin/message/template/send", message)
    (item,) = [one for one in await hand.items() if one.get("kind") == "event"]
    assert (await hand.settled(item["number"]))["state"] == "failed"
    assert await hand.system("failed") == []


async def test_typing_has_its_rules(hand: Hand, token: str):
    path, data = "/cgi-bin/message/custom/typing", {"touser": OPENID, "command": "Typing"}
    assert (await call(hand, token, path, data))["errcode"] == 45080
    await hand.do("text", text="x")
    assert [(await call(hand, token, path, data))["errcode"] for _ in range(2)] == [0, 45081]
    await hand.post("clock", {"advance_s": 31})
    assert (await call(hand, token, path, data))["errcode"] == 0
    assert (await call(hand, token, path, data | {"command": "CancelTyping"}))["errcode"] == 0
    assert (await call(hand, token, path, data))["errcode"] == 0
    assert "45081 已经在显示了" in (await hand.system("refused"))[1]


async def test_typing_goes_out_by_itself():
    conversations = Conversations(time.time)
    lights = TypingLights(conversations, seconds=0.05)
    with conversations.listen() as listener:
        lights.switch(OPENID, on=True)
        lights.switch(OPENID, on=True)
        await asyncio.sleep(0.3)
        events, _ = await listener.take(0.1)
        lights.switch(OPENID, on=True)
        lights.close()
        await asyncio.sleep(0.2)
        more, _ = await listener.take(0.1)
    assert [b'"on": true' in event for event in events] == [True, True, False]
    assert len(more) == 1
