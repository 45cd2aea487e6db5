"""What the service sends through the API, on the phone; and the switches for the API's faults."""

import json
from typing import Any

import pytest

from clients.wechat import WeChatApiError
from sandbox.platform.presets import PRESETS
from tests.integration.sandbox.support import (
    OPENID,
    OTHER,
    SENDING,
    Hand,
    ScriptedService,
    call,
    keep_media,
    open_client,
    template_of,
    watch,
)


async def test_a_customer_service_message_arrives(hand: Hand):
    await hand.do("text", text="x")
    async with open_client(hand) as client:
        await client.send_text(OPENID, "稍后的回答")
    (item,) = await hand.theirs()
    assert (item["channel"], item["kind"], item["answers"]) == ("customer_service", "text", None)
    assert item["content"] == {"content": "稍后的回答"}
    assert item["api"]["endpoint"] == SENDING
    assert item["api"]["request"]["touser"] == OPENID
    assert item["api"]["response"]["errcode"] == 0
    assert "access_token" not in json.dumps(item)


@pytest.mark.parametrize(
    ("kind", "content", "title"),
    [
        ("mpnews", {"media_id": "M1"}, "图文消息（素材 M1）"),
        ("mpnewsarticle", {"article_id": "A1"}, "图文消息（文章 A1）"),
        ("wxcard", {"card_id": "C1"}, "卡券（编号 C1）"),
    ],
)
async def test_what_lies_elsewhere_has_a_title_to_draw(
    hand: Hand, token: str, kind: str, content: Any, title: str
):
    await hand.do("text", text="x")
    await call(hand, token, SENDING, {"touser": OPENID, "msgtype": kind, kind: content})
    (item,) = await hand.theirs()
    assert item["title"] == title and item["description"]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("text", {"content": "文字"}),
        ("voice", {"media_id": "voice"}),
        ("video", {"media_id": "video", "thumb_media_id": "thumb", "title": "题"}),
        ("music", {"musicurl": "https://example.com/a.mp3", "title": "歌"}),
        (
            "news",
            {"articles": [{"title": "题", "description": "述", "url": "https://x", "picurl": ""}]},
        ),
        ("mpnewsarticle", {"article_id": "a"}),
        ("msgmenu", {"head_content": "满意吗", "list": [{"id": "1", "content": "满意"}]}),
        (
            "miniprogrampage",
            {"title": "题", "appid": "wx", "pagepath": "p"},
        ),
        ("link", {"title": "题", "url": "https://example.com/"}),
    ],
)
async def test_each_kind_arrives_with_wechats_own_fields(
    hand: Hand, token: str, kind: str, content: Any
):
    await hand.do("text", text="x")
    keep_media(hand)
    message = {"touser": OPENID, "msgtype": kind, kind: content}
    assert (await call(hand, token, SENDING, message))["errcode"] == 0
    (item,) = await hand.theirs()
    assert (item["kind"], item["content"]) == (kind, content)


async def test_a_picture_that_the_service_uploaded_can_be_seen(hand: Hand, token: str):
    picture = b"\x89PNG\r\n\x1a\n" + bytes(20)
    await hand.do("text", text="x")
    async with open_client(hand) as client:
        media_id = await client.upload_media("image", "a.png", picture, "image/png")
    message = {"touser": OPENID, "msgtype": "image", "image": {"media_id": media_id}}
    await call(hand, token, SENDING, message)
    (item,) = await hand.theirs()
    async with hand.session.get(hand.url + item["picture_url"]) as response:
        assert await response.read() == picture


async def test_a_passive_reply_has_the_same_shape(hand: Hand, scripted: ScriptedService):
    head = "<ToUserName>o</ToUserName><FromUserName>g</FromUserName><CreateTime>1</CreateTime>"
    articles = "".join(f"<item><Title>{n}</Title><PicUrl>p</PicUrl></item>" for n in "一二")
    scripted.answers = [
        f"<xml>{head}<MsgType>news</MsgType><Articles>{articles}</Articles></xml>",
        f"<xml>{head}<MsgType>image</MsgType><Image><MediaId>m</MediaId></Image></xml>",
        f"<xml>{head}<MsgType>transfer_customer_service</MsgType></xml>",
    ]
    for _ in range(3):
        await hand.do("text", text="x")
    news, image = await hand.theirs()
    assert [one["title"] for one in news["content"]["articles"]] == ["一", "二"]
    assert image["content"] == {"media_id": "m"}
    assert len(await hand.system("handed_over")) == 1


async def test_a_template_message_is_a_card(hand: Hand, token: str):
    template = await template_of(hand, "template")
    data = {"keyword1": {"value": "面点班"}, "thing9": {"value": "别的"}}
    data |= {"first": {"value": "您好"}, "remark": {"value": "谢谢"}}
    message = {"touser": OPENID, "template_id": template, "data": data, "url": "https://x"}
    assert (await call(hand, token, "/cgi-bin/message/template/send", message))["errcode"] == 0
    (item,) = await hand.theirs()
    assert (item["channel"], item["title"]) == ("template", "业务办理通知")
    assert item["fields"] == [
        {"label": "事项", "value": "面点班"},
        {"label": "事项", "value": "别的"},
    ]
    assert item["content"]["url"] == "https://x"


async def test_a_subscribe_message_needs_the_consent_given_on_the_phone(hand: Hand, token: str):
    template = await template_of(hand, "subscribe")
    path = "/cgi-bin/message/subscribe/bizsend"
    data = {"thing1": {"value": "面点 3 班"}, "time2": {"value": "2026年6月18日 8:30"}}
    message = {"touser": OPENID, "template_id": template, "data": data}
    await hand.do("consent", template_id=template, accept=False)
    assert (await call(hand, token, path, message))["errcode"] == 43101
    await hand.do("consent", template_id=template, accept=True)
    assert (await call(hand, token, path, message))["errcode"] == 0
    assert (await call(hand, token, path, message))["errcode"] == 43101
    (item,) = await hand.theirs()
    assert (item["channel"], item["title"]) == ("subscribe", "开班提醒")
    assert [one["label"] for one in item["fields"]] == ["班级", "上课时间"]
    refused = await hand.system("refused")
    assert refused == ["平台拒收了一条订阅通知：43101 对方拒收"] * 2


async def test_typing_is_told_and_not_kept(hand: Hand, token: str):
    await hand.do("text", text="x")
    async with watch(hand) as stream:
        for command in ("Typing", "CancelTyping"):
            data = {"touser": OPENID, "command": command}
            await call(hand, token, "/cgi-bin/message/custom/typing", data)
        items = [await stream.item() for _ in range(2)]
    assert [(one["side"], one["openid"], one["on"]) for one in items] == [
        ("typing", OPENID, True),
        ("typing", OPENID, False),
    ]
    assert [one["side"] for one in await hand.items()] == ["mine"]


async def test_a_message_that_is_refused_is_told_in_words(hand: Hand, token: str):
    async with open_client(hand) as client:
        with pytest.raises(WeChatApiError):
            await client.send_text(OPENID, "没有窗口")
    (item,) = await hand.items()
    assert (item["side"], item["kind"]) == ("system", "refused")
    assert item["text"] == "平台拒收了一条客服消息：45015 窗口已关闭"
    assert item["api"]["response"]["errcode"] == 45015
    # Whoever is no person of ours has no phone for it.
    message = {"touser": "oNobody0000", "msgtype": "text", "text": {"content": "x"}}
    assert (await call(hand, token, SENDING, message))["errcode"] == 40003
    assert len(await hand.items()) == 1


async def test_the_windows_are_those_of_the_acts(hand: Hand):
    async def count_sendable(openid: str) -> int:
        async with open_client(hand) as client:
            for number in range(10):
                try:
                    await client.send_text(openid, "x")
                except WeChatApiError:
                    return number
        return 10

    assert await count_sendable(OTHER) == 0
    await hand.do("scan", OTHER, scene="s")
    assert await count_sendable(OTHER) == 3
    async with open_client(hand) as client:
        scan = {"type": "scancode_waitmsg", "name": "扫", "key": "k"}
        await client.create_menu({"button": [scan]})
    await hand.do("menu", OTHER, path=[0], result="x")
    assert await count_sendable(OTHER) == 3, "a code that was scanned from the menu, as a click"
    await hand.do("text", OTHER, text="x")
    assert await count_sendable(OTHER) == 5
    await hand.do("text", OTHER, text="x")
    await hand.do("unfollow", OTHER)
    assert await count_sendable(OTHER) == 0


async def test_a_late_message_opens_its_window_late(hand: Hand, token: str):
    number = await hand.act("text", text="x", trip={"delay_ms": 200})
    message = {"touser": OPENID, "msgtype": "text", "text": {"content": "x"}}
    assert (await call(hand, token, SENDING, message))["errcode"] == 45015
    await hand.settled(number)
    assert (await call(hand, token, SENDING, message))["errcode"] == 0


@pytest.mark.parametrize(
    ("preset", "outcome", "line"),
    [
        ("token", 40001, "40001 令牌失效"),
        ("busy", -1, "-1 系统繁忙"),
        ("used_up", 45047, "45047 窗口里的次数用完了"),
        ("closed", 45015, "45015 窗口已关闭"),
        ("gateway", 502, "HTTP 502"),
        ("garbage", 200, "HTTP 200"),
    ],
)
async def test_a_switch_lasts_until_it_is_switched_off(
    hand: Hand, token: str, preset: str, outcome: int, line: str
):
    await hand.do("text", text="x")
    message = {"touser": OPENID, "msgtype": "text", "text": {"content": "x"}}
    assert await hand.post("phone/faults", {"preset": preset, "on": True}) == {"on": [preset]}
    for _ in range(3):
        answer = await call(hand, token, SENDING, message)
        assert (answer if isinstance(answer, int) else answer["errcode"]) == outcome
    assert await hand.get("phone/faults") == {"on": [preset]}
    refused = await hand.system("refused")
    assert len(refused) == 3 and line in refused[0]
    assert await hand.post("phone/faults", {"preset": preset, "on": False}) == {"on": []}
    assert (await call(hand, token, SENDING, message))["errcode"] == 0


async def test_the_other_switches(hand: Hand, token: str):
    assert PRESETS["slow"].fault == {"delay_ms": 8000}
    await hand.post("phone/faults", {"preset": "refused", "on": True})
    template = await template_of(hand, "subscribe")
    await hand.do("consent", template_id=template, accept=True)
    data = {"touser": OPENID, "template_id": template, "data": {"thing1": {"value": "班"}}}
    path = "/cgi-bin/message/subscribe/bizsend"
    assert (await call(hand, token, path, data))["errcode"] == 43101
    # A fault that waits strikes first, and the list of those is as it was.
    await hand.post("faults", {"endpoint": path, "errcode": -1})
    assert [one["times"] for one in (await hand.get("faults"))["items"]] == [1]
    assert (await call(hand, token, path, data))["errcode"] == -1
    assert (await call(hand, token, path, data))["errcode"] == 43101
    async with hand.session.delete(f"{hand.url}/sandbox/faults") as response:
        assert response.status == 200
    assert await hand.get("phone/faults") == {"on": []}
    assert (await call(hand, token, path, data))["errcode"] == 0
    await hand.post("phone/faults", {"preset": "none", "on": True}, 404)
    await hand.post("phone/faults", {"preset": "busy", "on": 1}, 400)


async def test_a_new_token_can_be_had_while_tokens_fail(hand: Hand):
    await hand.post("phone/faults", {"preset": "token", "on": True})
    async with open_client(hand) as client:
        with pytest.raises(WeChatApiError, match="40001"):
            await client.get_menu()
