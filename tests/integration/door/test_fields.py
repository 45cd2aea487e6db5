"""What stands in a message: unknown, doubled, missing, empty, and far too much of it."""

import time

import pytest

from sandbox.callback.messages import build_event, build_message, render_xml
from tests.integration.bot.database import fetch
from tests.integration.door.client import Door
from tests.integration.door.deliveries import (
    ACCOUNT,
    ANSWER,
    QUESTION,
    new_openid,
    seal,
    text_xml,
)
from tests.support import package_content

TEXTS = package_content().texts


def say_of(name: str) -> str:
    return TEXTS[f"bot.{name}"].strip()


async def test_unknown_fields_are_passed_over(door: Door) -> None:
    for more in (
        {"FutureField": "x"},
        {"Future": {"Deeper": {"Still": ["a", "b"]}}},
        {"项目": "x", "a.b-c_d": "y"},
        {"Content2": "王秀兰 13812345678", "content": "x", "CONTENT": "x"},
        {"Encrypt": "x", "MsgSignature": "y"},
    ):
        assert ANSWER in (await door.deliver(text_xml(QUESTION, **more))).text


async def test_attributes_and_name_spaces_are_passed_over(door: Door) -> None:
    xml = text_xml(QUESTION).replace("<Content>", '<Content a="1" xmlns:b="urn:c" b:d="2">')
    assert ANSWER in (await door.deliver(xml)).text


@pytest.mark.parametrize("kind", ["hologram", "TEXT2", "王秀兰", "13812345678", "a" * 20_000, " "])
async def test_an_unknown_type_is_taken_in_silence(door: Door, kind: str) -> None:
    """Counted and named in the log by what looks like a type's name; never by a person's."""
    message = build_message(kind, new_openid(), ACCOUNT.original_id, Content="王秀兰")
    assert (await door.deliver(render_xml(message))).xml == "success"


@pytest.mark.parametrize("event", ["future_event", "王秀兰", "13812345678", "a" * 20_000, ""])
async def test_an_unknown_event_is_taken_in_silence(door: Door, event: str) -> None:
    message = build_event(event, new_openid(), ACCOUNT.original_id, EventKey="13812345678")
    assert (await door.deliver(render_xml(message))).xml == "success"


@pytest.mark.parametrize("kind", ["Text", "TEXT", " text ", "\ntext\n"])
async def test_a_type_is_known_by_its_letters(door: Door, kind: str) -> None:
    message = build_message(kind, new_openid(), ACCOUNT.original_id, Content=QUESTION)
    assert ANSWER in (await door.deliver(render_xml(message))).text


async def test_of_a_field_that_comes_twice_the_first_counts(door: Door) -> None:
    first, second = new_openid(), new_openid()
    message = build_message("text", first, ACCOUNT.original_id, Content=[QUESTION, "你好"])
    message |= {
        "MsgType": ["text", "event"],
        "FromUserName": [first, second],
        "ToUserName": [ACCOUNT.original_id, "gh_other"],
        "CreateTime": [int(time.time()), 1],
    }
    reply = await door.deliver(render_xml(message))
    assert ANSWER in reply.text
    assert reply.fields["ToUserName"] == first
    assert reply.fields["FromUserName"] == ACCOUNT.original_id


async def test_a_field_with_elements_in_it_is_no_text(door: Door) -> None:
    reply = await door.deliver(text_xml("@").replace("<![CDATA[@]]>", "<b>补贴</b>"))
    assert reply.text == say_of("empty")


NEEDED = ["ToUserName", "CreateTime", "MsgId", "Content"]


@pytest.mark.parametrize("how", ["missing", "empty"])
@pytest.mark.parametrize("name", NEEDED)
async def test_without_a_field_that_can_be_missed(door: Door, name: str, how: str) -> None:
    message = build_message("text", new_openid(), ACCOUNT.original_id, Content=QUESTION)
    if how == "missing":
        del message[name]
    else:
        message[name] = ""
    reply = await door.deliver(render_xml(message))
    assert (reply.status, reply.kind) == (200, "text")
    expected = say_of("empty") if name == "Content" else ANSWER
    assert expected in reply.text


@pytest.mark.parametrize("how", ["missing", "empty"])
@pytest.mark.parametrize("name", ["FromUserName", "MsgType", "Event"])
async def test_without_a_field_that_says_who_or_what(door: Door, name: str, how: str) -> None:
    """Nobody to answer, nothing to do: silence, and nobody is written down as following."""
    message = build_event("subscribe", new_openid(), ACCOUNT.original_id, EventKey="")
    if how == "missing":
        del message[name]
    else:
        message[name] = ""
    _, _, rows = await door.look()
    assert (await door.deliver(render_xml(message))).xml == "success"
    assert (await door.look())[2] == rows


async def test_words_of_nobody_are_not_taken_for_a_persons(door: Door) -> None:
    message = build_message("text", "", ACCOUNT.original_id, Content=QUESTION)
    assert (await door.deliver(render_xml(message))).xml == "success"


NUMBERS = ["-1", "0", "1e9", "9" * 19, "9" * 5000, "٣", "1763800000000", "x", "0x10", " 5 "]


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number[:20])
async def test_numbers_that_are_none(door: Door, number: str) -> None:
    reply = await door.deliver(
        text_xml(QUESTION, CreateTime=number, MsgId=f"{number}{new_openid()}")
    )
    assert ANSWER in reply.text
    assert abs(int(reply.fields["CreateTime"]) - time.time()) < 60


@pytest.mark.parametrize("blank", ["", " ", "\n\t", "\u3000\u3000", "\u200b", "\ufeff"])
async def test_an_empty_text(door: Door, blank: str) -> None:
    reply = await door.deliver(text_xml(blank))
    assert (reply.status, reply.kind) == (200, "text")
    assert reply.text
    if not blank.strip():
        assert reply.text == say_of("empty")


LONG = {
    "20,000 letters": "a" * 20_000,
    "20,000 digits": "1" * 20_000,
    "20,000 spaces and a word": " " * 20_000 + "补贴",
    "a story of 20,000 characters in letters": "wo xiang wen bu tie " * 1000,
    "15,000 Chinese characters": "补贴怎么领呢" * 2500,
    "15,000 of one character": "补" * 15_000,
    "questions without end": f"{QUESTION}？" * 1100,
    "12,000 emoji": "😀" * 11_000,
    "marks of punctuation": "，。！？" * 3700,
}


@pytest.mark.parametrize("content", LONG.values(), ids=list(LONG))
async def test_a_text_of_any_length_is_answered(door: Door, content: str) -> None:
    reply = await door.deliver(text_xml(content))
    assert (reply.status, reply.kind) == (200, "text")
    assert len(reply.text) > 10
    assert len(reply.text.encode()) <= 2047
    assert reply.text != say_of("unavailable")


async def test_a_text_longer_than_the_limit_is_refused_whole(refusing: Door) -> None:
    """20,000 Chinese characters are 80,000 bytes once sealed: over the 64 KiB of interfaces.md."""
    assert (await refusing.post(*seal(text_xml("补" * 20_000)))).status == 413


async def test_as_many_fields_as_are_read(door: Door) -> None:
    fields = {f"F{number}": 1 for number in range(1980)}
    assert ANSWER in (await door.deliver(text_xml(QUESTION, **fields))).text


async def test_long_values_in_every_field(door: Door) -> None:
    for name in ("ToUserName", "MsgId", "CreateTime", "bizmsgmenuid", "MsgDataId", "Idx"):
        reply = await door.deliver(text_xml(QUESTION, **{name: "9" * 30_000}))
        assert (reply.status, reply.kind) == (200, "text"), name


async def test_an_event_of_many_parts(door: Door) -> None:
    items = [{"TemplateId": f"t{n}", "SubscribeStatusString": "accept"} for n in range(250)]
    for wrapper in ({"List": items}, [{"List": item} for item in items]):
        message = build_event(
            "subscribe_msg_popup_event",
            new_openid(),
            ACCOUNT.original_id,
            SubscribeMsgPopupEvent=wrapper,
        )
        assert (await door.deliver(render_xml(message))).xml == "success"


async def test_a_scene_of_any_length_and_kind(door: Door) -> None:
    for key in (
        "qrscene_" + "x" * 30_000,
        "qrscene_', 1); DROP TABLE followers; --",
        "\u202e",
        "💥",
    ):
        openid = new_openid()
        message = build_event("subscribe", openid, ACCOUNT.original_id, EventKey=key)
        assert (await door.deliver(render_xml(message))).text == say_of("welcome")
    assert await fetch(door.database_url, "SELECT count(*) FROM followers")


async def test_what_a_person_writes_is_never_markup_of_the_reply(door: Door) -> None:
    for content in (
        "]]>",
        "]]></Content><MsgType>image</MsgType><Content>",
        "{{7*7}}",
        "%s%n",
        "${x}",
    ):
        openid = f"{new_openid()}]]><MsgType>image</MsgType>"
        message = build_message("text", openid, ACCOUNT.original_id, Content=content)
        reply = await door.deliver(render_xml(message))
        assert (reply.kind, reply.fields["ToUserName"]) == ("text", openid)
