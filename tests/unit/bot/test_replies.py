"""What is said, as WeChat's XML."""

from typing import Any

import pytest
import xmltodict
from hypothesis import given
from hypothesis import strategies as st
from wechatpy import create_reply, parse_message

from bot.replies import MOST_TEXT_BYTES, SILENCE, Text, cut_to_bytes, render_reply
from bot.wire.inbound import Inbound
from bot.wire.xml import read_xml
from sandbox.callback.messages import build_message, render_xml
from tests.unit.bot.conftest import NOW, OPENID, ORIGINAL_ID


def make_inbound(**fields: object) -> Inbound:
    message = build_message("text", OPENID, ORIGINAL_ID, Content="问", **fields)
    message["CreateTime"] = fields.get("CreateTime", NOW - 1)
    return Inbound(read_xml(render_xml(message).encode()))


def read_reply(text: str, inbound: Inbound | None = None) -> dict[str, Any]:
    fields: dict[str, Any] = xmltodict.parse(
        render_reply(Text(text), inbound or make_inbound(), NOW)
    )["xml"]
    return fields


@given(st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "So")), min_size=1))
def test_wechatpy_renders_the_same_reply(text: str) -> None:
    text = text.replace("]]>", "")[:500]
    message = parse_message(
        render_xml(build_message("text", OPENID, ORIGINAL_ID, Content="问", CreateTime=NOW))
    )
    theirs = xmltodict.parse(create_reply(text, message).render())["xml"]
    ours = read_reply(text)
    for name in ("ToUserName", "FromUserName", "MsgType", "Content"):
        assert ours[name] == theirs[name]
    assert set(ours) >= set(theirs) - {"CreateTime"}


def test_wechatpy_a_text_cannot_add_elements_to_the_reply() -> None:
    """wechatpy writes "]]>" as it stands: what a person typed could become a picture message."""
    attack = "]]></Content><MsgType><![CDATA[image]]></MsgType><Content><![CDATA["
    fields = read_reply(attack)
    assert fields["MsgType"] == "text"
    assert fields["Content"] == attack


def test_names_cannot_add_elements_either() -> None:
    inbound = Inbound({"FromUserName": "a]]><x/>", "ToUserName": "b]]>", "MsgType": "text"})
    fields = read_reply("好", inbound)
    assert (fields["ToUserName"], fields["FromUserName"]) == ("a]]><x/>", "b]]>")


def test_werobot_50_chinese_goes_out_as_utf8_not_as_escapes() -> None:
    rendered = render_reply(Text("补贴\\u4f60😀"), make_inbound(), NOW)
    assert "补贴\\u4f60😀".encode() in rendered


def test_silence_is_nothing() -> None:
    assert render_reply(SILENCE, make_inbound(), NOW) == b""


def test_the_time_is_that_of_the_message_where_it_is_credible() -> None:
    assert read_reply("好")["CreateTime"] == str(NOW - 1)
    for wrong in (NOW * 1000, "x", "", NOW - 2 * 86_400):
        assert read_reply("好", make_inbound(CreateTime=wrong))["CreateTime"] == str(NOW)


def test_one_message_renders_the_same_at_any_time() -> None:
    inbound = make_inbound()
    assert render_reply(Text("好"), inbound, NOW) == render_reply(Text("好"), inbound, NOW + 4.2)


@given(st.text(max_size=900))
def test_silenceper_673_no_reply_is_longer_than_wechat_takes(text: str) -> None:
    cut = cut_to_bytes(text)
    assert len(cut.encode("utf-8", "replace")) <= MOST_TEXT_BYTES
    if len(text.encode("utf-8", "replace")) <= MOST_TEXT_BYTES:
        assert cut == text


@pytest.mark.parametrize("character", ["字", "a", "é", "😀", "👨‍👩‍👧"])
def test_a_cut_falls_between_characters(character: str) -> None:
    for length in range(20, 40):
        cut = cut_to_bytes(character * length, 41)
        assert len(cut.encode()) <= 41
        if cut.endswith("…"):
            assert (character * length).startswith(cut[:-1])
            assert len(cut.encode()) > 41 - 3 - 4
        else:
            assert cut == character * length


def test_content_of_a_long_reply_is_cut_in_the_xml() -> None:
    content = read_reply("字" * 3000)["Content"]
    assert content == "字" * 681 + "…"
