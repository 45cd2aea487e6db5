"""What WeChat does with a message on its way: patience, retries, copies, delays, faults."""

import asyncio
import time
from pathlib import Path

import pytest
from aiohttp import web

from sandbox.phone.deliveries import FAILED
from tests.integration.sandbox.support import (
    OPENID,
    ORIGINAL_ID,
    Hand,
    ScriptedService,
    run_phone,
    text_reply,
)


async def test_a_text_is_sealed_posted_and_answered(hand: Hand, scripted: ScriptedService):
    scripted.answers = [text_reply("每人每月500元")]
    item = await hand.do("text", text="补贴多少<&]]>")
    assert (item["side"], item["kind"], item["text"]) == ("mine", "text", "补贴多少<&]]>")
    assert item["state"] == "answered"
    (read,) = scripted.read
    assert read.findtext("Content") == "补贴多少<&]]>"
    assert (read.findtext("FromUserName"), read.findtext("ToUserName")) == (OPENID, ORIGINAL_ID)
    (delivery,) = item["deliveries"]
    assert (delivery["result"], delivery["status"], delivery["attempt"]) == ("reply", 200, 1)
    assert delivery["counted"] and delivery["same_as_first"] is None
    assert delivery["url"].startswith(f"{scripted.url}/wechat?signature=")
    assert delivery["envelope_xml"] == scripted.bodies[0]
    assert delivery["message_xml"] == item["message_xml"]
    assert "<Encrypt>" in delivery["answer_raw"] and "500元" not in delivery["answer_raw"]
    assert "每人每月500元" in delivery["answer_xml"]
    (reply,) = await hand.theirs()
    assert reply["content"] == {"content": "每人每月500元"}
    assert (reply["kind"], reply["channel"], reply["answers"]) == ("text", "reply", item["number"])


async def test_an_answer_that_was_lost_is_asked_for_again(hand: Hand, scripted: ScriptedService):
    scripted.answers = [text_reply("同样的话")]
    began = time.monotonic()
    number = await hand.act("text", text="x", trip={"lose_answers": 2})
    item = await hand.settled(number, deliveries=3)
    # The platform waits to the end of its patience each time.
    assert time.monotonic() - began >= 0.6
    assert [one["result"] for one in item["deliveries"]] == ["lost", "lost", "reply"]
    assert [one["same_as_first"] for one in item["deliveries"]] == [None, True, True]
    assert "第 3 次投递" in item["deliveries"][2]["note"]
    assert "内容与第 1 次相同" in item["deliveries"][2]["note"]
    assert [one["counted"] for one in item["deliveries"]] == [False, False, True]
    assert len(set(scripted.contents("MsgId"))) == 1
    assert len(set(scripted.bodies)) == 3, "each is sealed anew"
    assert len(await hand.theirs()) == 1


async def test_a_retry_that_answers_something_else_is_told(hand: Hand, scripted: ScriptedService):
    scripted.answers = [text_reply("一"), text_reply("二")]
    number = await hand.act("text", text="x", trip={"lose_answers": 1})
    item = await hand.settled(number, deliveries=2)
    assert item["deliveries"][1]["same_as_first"] is False
    assert "内容与第 1 次不同" in item["deliveries"][1]["note"]
    (reply,) = await hand.theirs()
    assert reply["content"]["content"] == "二"


async def test_all_answers_lost_is_a_fault(hand: Hand, scripted: ScriptedService):
    scripted.answers = [text_reply("一")]
    number = await hand.act("text", text="x", trip={"lose_answers": 3})
    item = await hand.settled(number, deliveries=3)
    assert item["state"] == "failed"
    assert [one["result"] for one in item["deliveries"]] == ["lost"] * 3
    assert await hand.system("failed") == [FAILED]
    assert await hand.theirs() == []


async def test_a_slow_answer_is_given_up_and_posted_again(hand: Hand, scripted: ScriptedService):
    scripted.answers, scripted.delays = [text_reply("一")], [0.6, 0]
    item = await hand.do("text", text="x")
    assert [one["result"] for one in item["deliveries"]] == ["gave_up", "reply"]
    assert "0.3 秒没有答复" in item["deliveries"][0]["note"]
    assert len(set(scripted.contents("MsgId"))) == 1


async def test_three_slow_answers_are_a_fault(hand: Hand, scripted: ScriptedService):
    scripted.delays = [0.6] * 3
    item = await hand.do("text", text="x")
    assert [one["result"] for one in item["deliveries"]] == ["gave_up"] * 3
    assert item["state"] == "failed"
    assert await hand.system("failed") == [FAILED]


async def test_a_service_that_is_away(tmp_path: Path):
    async with run_phone(tmp_path, "http://127.0.0.1:1") as hand:
        item = await hand.do("text", text="x")
        assert [one["result"] for one in item["deliveries"]] == ["gave_up"] * 3
        assert "连不上" in item["deliveries"][0]["note"]
        assert await hand.system("failed") == [FAILED]


async def test_copies_come_at_the_same_moment_and_one_reply_is_shown(
    hand: Hand, scripted: ScriptedService
):
    scripted.answers, scripted.delays = [text_reply("一")], [0.1] * 5
    number = await hand.act("text", text="x", trip={"copies": 5})
    item = await hand.settled(number, deliveries=5)
    starts = [one["posted_at"] for one in item["deliveries"]]
    # Each is posted before any is answered.
    assert max(starts) - min(starts) < 0.1
    assert [one["counted"] for one in item["deliveries"]].count(True) == 1
    assert sorted(str(one["same_as_first"]) for one in item["deliveries"]) == ["None"] + 4 * [
        "True"
    ]
    assert len(set(scripted.contents("MsgId"))) == 1
    assert len(await hand.theirs()) == 1


async def test_a_delayed_message_is_not_posted_before_its_time(
    hand: Hand, scripted: ScriptedService
):
    number = await hand.act("text", text="x", trip={"delay_ms": 300})
    await asyncio.sleep(0.1)
    (item,) = await hand.items()
    assert (item["state"], item["deliveries"]) == ("on_the_way", []) and not scripted.read
    item = await hand.settled(number)
    assert item["deliveries"][0]["posted_at"] - item["at"] >= 0.29


@pytest.mark.parametrize("answer", ["success", ""])
async def test_silence(hand: Hand, scripted: ScriptedService, answer: str):
    scripted.answers = [answer]
    item = await hand.do("text", text="x")
    assert (item["state"], item["deliveries"][0]["result"]) == ("silent", "silence")
    assert (await hand.items()) == [item], "nothing else is on the phone"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (lambda: web.Response(status=500, text="x"), "HTTP 500"),
        (lambda: web.Response(status=302, headers={"Location": "/"}), "HTTP 302"),
        (lambda: web.Response(text="<html>hello"), "格式不对"),
        (lambda: web.Response(text="成功"), "格式不对"),
        (lambda: web.Response(text=text_reply("没有加密")), "plain reply"),
        (lambda: web.Response(body=b"\xff\xfe<xml>"), "格式不对"),
        ("<xml><ToUserName>x</ToUserName></xml>", "没有消息类型"),
    ],
)
async def test_an_answer_that_wechat_does_not_take(
    hand: Hand, scripted: ScriptedService, answer, why: str
):
    scripted.answers = [answer]
    item = await hand.do("text", text="x")
    (delivery,) = item["deliveries"]
    assert (item["state"], delivery["result"]) == ("failed", "fault")
    assert why in delivery["note"]
    assert await hand.system("failed") == [FAILED]
    assert await hand.theirs() == []


async def test_a_wrongly_signed_answer(hand: Hand, scripted: ScriptedService):
    scripted.answers, scripted.token = [text_reply("一")], "another-token"
    item = await hand.do("text", text="x")
    assert item["deliveries"][0]["result"] == "fault"
    assert "签名" in item["deliveries"][0]["note"]
    assert await hand.system("failed") == [FAILED]


async def test_the_same_message_again(hand: Hand, scripted: ScriptedService):
    scripted.answers = [text_reply("一")]
    first = await hand.do("text", text="x")
    number = first["number"]
    assert await hand.act("again", number=number) == number
    item = await hand.settled(number, deliveries=2)
    assert item["deliveries"][1]["same_as_first"] is True
    assert not item["deliveries"][1]["counted"]
    assert len(set(scripted.contents("MsgId"))) == 1
    assert len(set(scripted.contents("CreateTime"))) == 1
    assert len(await hand.theirs()) == 1
    assert item["revision"] > first["revision"]


async def test_again_mends_what_had_failed(hand: Hand, scripted: ScriptedService):
    scripted.answers = [lambda: web.Response(status=500), text_reply("一")]
    number = (await hand.do("text", text="x"))["number"]
    await hand.act("again", number=number)
    assert (await hand.settled(number, deliveries=2))["state"] == "answered"
    assert len(await hand.theirs()) == 1


async def test_again_has_an_end(hand: Hand, scripted: ScriptedService):
    number = (await hand.do("text", text="x"))["number"]
    for round_number in range(3):
        await hand.act("again", number=number, trip={"copies": 5})
        await hand.settled(number, deliveries=6 + 5 * round_number)
    assert "太多次" in await hand.refuse("again", 409, number=number, trip={"copies": 5})
    await hand.refuse("again", 404, number=number + 100)
    await hand.refuse("again", 404, number="x")


@pytest.mark.parametrize(
    "trip",
    [
        {"delay_ms": -1},
        {"delay_ms": 30_001},
        {"lose_answers": 4},
        {"copies": 0},
        {"copies": 6},
        {"copies": True},
        {"copies": "2"},
        [],
    ],
)
async def test_a_trip_that_cannot_be(hand: Hand, trip: object):
    data = {"openid": OPENID, "act": {"kind": "text", "text": "x"}, "trip": trip}
    await hand.post("phone/acts", data, 400)
    assert await hand.items() == []
