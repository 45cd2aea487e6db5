"""Every message type and every event gets a fitting reply or a deliberate silence."""

import json
from typing import Any

import pytest
import structlog.testing
import yaml
from aiohttp import ClientSession
from redis.asyncio import Redis

from content.loader import PACKAGE_CONTENT
from domain.faq.routing.router import Router
from observing.metrics import Metrics
from sandbox.callback.messages import EXAMPLES, build_event, build_example
from settings import Settings
from tests.integration.bot.conftest import ACCOUNT, ANSWER, OPENID, QUESTION, Phone, StartServer

#: The text of content/texts/bot.yaml that answers an example; None: `success`.
SAID = {
    "text:menu": "bot.gone",
    "image": "bot.image",
    "voice": "bot.voice",
    "video": "bot.video",
    "shortvideo": "bot.video",
    "location": "bot.location",
    "link": "bot.link",
    "miniprogrampage": "bot.mini_program_page",
    "file": "bot.file",
    "subscribe": "bot.welcome",
    "subscribe:scene": "bot.welcome",
    "SCAN": "bot.scan",
    "scancode_waitmsg": "bot.scan_code",
}
#: Answered by the router; tested one by one below.
ROUTED = {"text", "voice:recognised", "CLICK"}


async def test_each_example(phone: Phone, router: Router) -> None:
    for name in sorted(set(EXAMPLES) - ROUTED):
        message = build_example(name, OPENID, ACCOUNT.original_id)
        reply = await phone.send(message)
        if name in SAID:
            expected = ("text", router.content.texts[SAID[name]].strip())
        else:
            expected = ("silence", "")
        assert (name, reply.status, reply.kind, reply.text) == (name, 200, *expected)
        assert await phone.send(message) == reply, name


async def test_wxjava_2131_co_wechat_6_silence_is_success_and_never_encrypted(
    phone: Phone,
) -> None:
    for event in ("VIEW", "unsubscribe", "never_heard_of"):
        assert (await phone.event(event)).xml == "success"


@pytest.mark.parametrize(
    ("name", "wrapper"),
    [
        ("subscribe_msg_popup_event", "SubscribeMsgPopupEvent"),
        ("subscribe_msg_change_event", "SubscribeMsgChangeEvent"),
        ("subscribe_msg_change_event", "SubscribeMsgPopupEvent"),
        ("subscribe_msg_sent_event", "SubscribeMsgSentEvent"),
    ],
)
async def test_wxjava_2067_subscribe_message_events_are_known(
    name: str, wrapper: str, start: StartServer, settings: Settings, session: ClientSession
) -> None:
    metrics = Metrics()
    phone = Phone(await start(settings, metrics=metrics), session)
    for items in ({"TemplateId": "a"}, [{"TemplateId": "a"}, {"TemplateId": "b"}]):
        assert (await phone.event(name, **{wrapper: {"List": items}})).xml == "success"
    assert metrics.registry.get_sample_value("zpt_bot_unknown_events_total") == 0


async def test_unknown_ones_are_counted_logged_and_answered_with_success(
    start: StartServer, settings: Settings, session: ClientSession
) -> None:
    metrics = Metrics()
    phone = Phone(await start(settings, metrics=metrics), session)
    with structlog.testing.capture_logs() as logs:
        assert (await phone.event("future_event")).xml == "success"
        assert (await phone.message("hologram", Content="我的身份证")).xml == "success"
        assert (await phone.event("evil\nname 王秀兰")).xml == "success"
    kinds = [line["kind"] for line in logs if line["event"] == "unknown_message"]
    assert kinds == ["event.future_event", "hologram", "?"]
    value = metrics.registry.get_sample_value
    assert value("zpt_bot_unknown_events_total") == 3
    # What comes from outside makes no new series.
    labels = {"type": "unknown", "outcome": "unknown"}
    assert value("zpt_bot_messages_total", labels) == 3
    assert "王秀兰" not in str(logs)
    assert "身份证" not in str(logs)


async def test_retries_are_counted_as_retries(
    start: StartServer, settings: Settings, session: ClientSession, redis: Redis
) -> None:
    metrics = Metrics()
    phone = Phone(await start(settings, metrics=metrics), session)
    message = phone.text(QUESTION)
    for _ in range(3):
        await phone.send(message)
    strange = build_event("future_event", OPENID, ACCOUNT.original_id)
    for _ in range(2):
        await phone.send(strange)
    counts = {
        tuple(sample.labels.values()): sample.value
        for sample in next(iter(metrics.bot_messages.collect())).samples
        if sample.name.endswith("_total")
    }
    assert counts == {
        ("text", "policy"): 1,
        ("text", "retry"): 2,
        ("unknown", "unknown"): 1,
        ("unknown", "retry"): 1,
    }
    records: Any = await redis.xrange("zpt:inbound")
    assert [json.loads(fields[b"m"])[3] for _, fields in records] == ["text", "unknown"]


async def test_voice_with_a_transcript_is_a_question(phone: Phone) -> None:
    reply = await phone.message("voice", MediaId="m", Format="amr", Recognition=QUESTION)
    assert ANSWER in reply.text


async def test_voice_without_a_transcript_asks_to_type(phone: Phone, router: Router) -> None:
    for fields in ({}, {"Recognition": ""}, {"Recognition": "  "}):
        reply = await phone.message("voice", MediaId="m", Format="amr", **fields)
        assert reply.text == router.content.texts["bot.voice"].strip()


async def test_menu_keys(phone: Phone, router: Router) -> None:
    entry = await phone.event("CLICK", EventKey="entry:work-training-amount")
    assert ANSWER in entry.text
    assert (await phone.event("CLICK", EventKey="intent:human")).kind == "text"
    gone = router.content.texts["bot.gone"].strip()
    for key in ("entry:no-such", "intent:no-such", "entry:", "garbage", ""):
        assert (await phone.event("CLICK", EventKey=key)).text == gone


async def test_every_key_of_the_menu_leads_somewhere(phone: Phone, router: Router) -> None:
    gone = router.content.texts["bot.gone"].strip()
    menu = (PACKAGE_CONTENT / "menus" / "official_account.yaml").read_text(encoding="utf-8")
    lines = [one for button in yaml.safe_load(menu)["buttons"] for one in button["buttons"]]
    keys = [one["key"] for one in lines if "key" in one]
    assert (len(lines), len(keys)) == (15, 14)
    for number, key in enumerate(keys):
        reply = await phone.event("CLICK", EventKey=key, CreateTime=1763800000 + number)
        assert reply.kind == "text", key
        assert reply.text != gone, key
    (scan,) = [one["scan"] for one in lines if "scan" in one]
    info = {"ScanType": "qrcode", "ScanResult": "https://example.com/"}
    reply = await phone.event("scancode_waitmsg", EventKey=scan, ScanCodeInfo=info)
    assert reply.text == router.content.texts["bot.scan_code"].strip()


async def test_an_option_of_a_tapped_menu(phone: Phone, router: Router) -> None:
    reply = await phone.say("随便", bizmsgmenuid="entry:work-training-amount")
    assert ANSWER in reply.text


@pytest.mark.parametrize("content", ["", "   ", "\n"])
async def test_wechatpy_empty_content(content: str, phone: Phone, router: Router) -> None:
    assert (await phone.say(content)).text == router.content.texts["bot.empty"].strip()


@pytest.mark.parametrize("name", ["Content", "MsgId", "CreateTime", "ToUserName"])
async def test_a_missing_field_is_no_failure(name: str, phone: Phone) -> None:
    message = phone.text(QUESTION)
    del message[name]
    assert (await phone.send(message)).status == 200


async def test_wechatpy_630_without_msgtype_and_with_two(phone: Phone) -> None:
    message = phone.text(QUESTION)
    del message["MsgType"]
    assert (await phone.send(message)).xml == "success"
    twice = await phone.send(phone.text(QUESTION) | {"MsgType": ["text", "event"]})
    assert ANSWER in twice.text


async def test_werobot_420_a_control_character_does_not_break_the_account(phone: Phone) -> None:
    for character in "\x00\x01\x08\x0b\x1d\x1f\ufffe":
        reply = await phone.say(QUESTION[:4] + character + QUESTION[4:])
        assert ANSWER in reply.text


async def test_wechatpy_what_is_sent_back_cannot_break_the_reply(phone: Phone) -> None:
    for text in (
        "]]>",
        "]]></Content><MsgType>image</MsgType>",
        "<xml>&amp;",
        "😀" * 50,
        "\\u4f60",
    ):
        reply = await phone.say(text)
        assert (reply.status, reply.kind) == (200, "text")
        assert set(reply.fields) == {
            *("ToUserName", "FromUserName", "CreateTime", "MsgType", "Content"),
        }


async def test_silenceper_673_the_longest_answer_fits(phone: Phone, router: Router) -> None:
    for entry in router.content.entries:
        reply = await phone.event("CLICK", EventKey=f"entry:{entry.id}")
        assert len(reply.text.encode()) <= 2048


async def test_werobot_820_a_retried_text_is_still_a_text(phone: Phone) -> None:
    message = phone.text(QUESTION)
    replies = [await phone.send(message) for _ in range(3)]
    assert {reply.kind for reply in replies} == {"text"}
