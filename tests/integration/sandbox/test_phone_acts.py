"""What a person does on the phone, as the service reads it."""

import base64
import re
from typing import Any

import pytest

from sandbox.phone.pictures import PICTURES
from sandbox.platform.patterns import draw_pattern
from tests.integration.sandbox.support import (
    OPENID,
    OTHER,
    Hand,
    ScriptedService,
    open_client,
)


def encode(content: bytes) -> str:
    return base64.b64encode(content).decode()


async def test_the_setup_tells_who_and_what_there_is(hand: Hand):
    setup = await hand.get("phone/setup")
    assert setup["account"]["mode"] == "safe" and setup["account"]["original_id"] == "gh_demo"
    assert [(one["name"], one["followed"]) for one in setup["people"]] == [
        ("王素梅", True),
        ("李建国", True),
    ]
    assert setup["menu"] is None
    assert {"家里", "很远的地方"} <= {place["name"] for place in setup["places"]}
    assert {one["title"] for one in setup["pictures"]} == {"签到表", "招生广告", "花名册"}
    assert all(len(one["id"]) == 43 for one in setup["templates"])
    assert len(setup["fault_presets"]) == 8


async def test_somebody_new_follows_first(hand: Hand, scripted: ScriptedService):
    new = await hand.post("phone/people", {"name": " 新来的人 "})
    assert (new["name"], new["followed"]) == ("新来的人", False)
    assert new["openid"] in {one["openid"] for one in (await hand.get("phone/setup"))["people"]}
    assert "关注" in await hand.refuse("text", 409, new["openid"], text="x")
    assert scripted.read == []
    await hand.do("follow", new["openid"])
    await hand.do("text", new["openid"], text="x")
    assert scripted.contents("Event") == ["subscribe", None]
    assert await hand.system("note", new["openid"]) == ["已关注"]
    await hand.post("phone/people", {"name": "  "}, 400)
    await hand.post("phone/people", {"name": "长" * 21}, 413)


async def test_a_tapped_link_of_a_menu_message(hand: Hand, scripted: ScriptedService):
    await hand.do("text", text="有用", menu_id="useful:x")
    assert scripted.contents("bizmsgmenuid") == ["useful:x"]


@pytest.mark.parametrize("text", ["", "长" * 15_000, "a\x00b", "🙂"])
async def test_any_text_is_carried(hand: Hand, scripted: ScriptedService, text: str):
    item = await hand.do("text", text=text)
    assert item["text"] == text
    assert len(scripted.bodies) == 1


@pytest.mark.parametrize("text", ["长" * 17_000, "长" * 20_001, "<" * 48_000])
async def test_a_text_too_long_for_wechat_is_not_sent(
    hand: Hand, scripted: ScriptedService, text: str
):
    said = await hand.refuse("text", 413, text=text)
    assert said.startswith("这句话太长：加密以后超过 64 KB，微信也送不到")
    assert await hand.items() == [] and scripted.bodies == []
    assert await hand.refuse("voice", 413, recognition=text) == said


async def test_raw_xml_may_be_longer_than_the_service_takes(hand: Hand):
    item = await hand.do("raw", xml="<xml>" + "x" * 100_000 + "</xml>")
    assert len(item["deliveries"][0]["envelope_xml"]) > 100_000


@pytest.mark.parametrize(
    ("kind", "trip", "act"),
    [
        ("text", None, {"text": 1}),
        ("location", None, {"latitude": "36", "longitude": 0}),
        ("location", None, {"latitude": 91, "longitude": 0}),
        ("image", None, {}),
        ("consent", None, {"template_id": "t", "accept": 1}),
        ("consent", None, {"template_id": "t", "accept": True, "account": "x"}),
        ("menu", None, {"path": 1}),
        ("text", {"delay_ms": -1}, {"text": "x"}),
        ("text", {"copies": 9}, {"text": "x"}),
        ("text", [], {"text": "x"}),
    ],
)
async def test_refusals_name_no_field(hand: Hand, kind: str, trip: Any, act: Any):
    said = await hand.refuse(kind, 400, trip=trip, **act)
    assert not re.search("[a-z_]{3,}", said.replace("official", "").replace("mini", "")), said


async def test_the_demos_people_come_first(hand: Hand):
    await hand.post("phone/people", {"name": "后来的"})
    await hand.do("text", OTHER, text="x")
    people = (await hand.get("phone/setup"))["people"]
    assert [one["openid"] for one in people[:2]] == [OPENID, OTHER]
    assert [one["name"] for one in people] == ["王素梅", "李建国", "后来的"]


@pytest.mark.parametrize("picture", sorted(PICTURES))
async def test_a_ready_made_picture_can_be_fetched_both_ways(
    hand: Hand, scripted: ScriptedService, picture: str
):
    item = await hand.do("image", picture=picture)
    (url,), (media_id,) = scripted.contents("PicUrl"), scripted.contents("MediaId")
    assert url and media_id and url.startswith(hand.url)
    async with hand.session.get(url) as response:
        assert (response.status, response.content_type) == (200, "image/png")
        seen = await response.read()
    async with open_client(hand) as client:
        media = await client.download_media(media_id)
    assert media.content == seen and seen.startswith(b"\x89PNG")
    assert hand.url + item["picture_url"] == url
    shown = next(one for one in (await hand.get("phone/setup"))["pictures"] if one["id"] == picture)
    async with hand.session.get(hand.url + shown["url"]) as response:
        assert await response.read() == seen


async def test_a_picture_of_ones_own(hand: Hand, scripted: ScriptedService):
    png, jpeg = draw_pattern("x"), b"\xff\xd8\xff\xe0" + bytes(100)
    await hand.do("image", data=encode(png))
    await hand.do("image", data="data:image/jpeg;base64," + encode(jpeg))
    kinds = []
    for url in scripted.contents("PicUrl"):
        assert url
        async with hand.session.get(url) as response:
            kinds.append((response.content_type, await response.read()))
    assert kinds == [("image/png", png), ("image/jpeg", jpeg)]


@pytest.mark.parametrize(
    ("act", "status"),
    [
        ({"picture": "../server"}, 400),
        ({}, 400),
        ({"data": 5}, 400),
        ({"data": "äöü"}, 400),
        ({"data": encode(b"GIF89a" + bytes(20))}, 415),
        ({"data": encode(b"<svg onload='x'/>")}, 415),
        ({"data": ""}, 415),
        ({"data": encode(b"\x89PNG\r\n\x1a\n" + bytes(2 * 1024 * 1024))}, 413),
    ],
)
async def test_pictures_that_are_refused(hand: Hand, act: dict[str, Any], status: int):
    await hand.refuse("image", status, **act)
    assert await hand.items() == []


async def test_a_voice_with_and_without_its_text(hand: Hand, scripted: ScriptedService):
    await hand.do("voice", recognition="技能补贴多少钱")
    await hand.do("voice", recognition="")
    assert scripted.contents("Recognition") == ["技能补贴多少钱", None]
    async with open_client(hand) as client:
        media = await client.download_media(scripted.contents("MediaId")[0] or "")
    assert media.content.startswith(b"#!AMR\n")


async def test_a_place(hand: Hand, scripted: ScriptedService):
    place = (await hand.get("phone/setup"))["places"][0]
    item = await hand.do("location", **{k: v for k, v in place.items() if k != "name"})
    assert scripted.contents("Location_X") == [str(place["latitude"])]
    assert scripted.contents("Location_Y") == [str(place["longitude"])]
    assert item["place"]["label"] == place["label"] == scripted.contents("Label")[0]
    await hand.refuse("location", 400, latitude=91, longitude=0, label="")
    await hand.refuse("location", 400, latitude="36", longitude=0, label="")


async def test_unfollowing_and_following_by_a_code(hand: Hand, scripted: ScriptedService):
    # Whatever the service says to one who leaves, nobody is there to read it.
    scripted.answers = ["<xml><MsgType>text</MsgType><Content>x</Content></xml>"]
    await hand.do("unfollow")
    assert [item["side"] for item in await hand.items()] == ["mine", "system"]
    assert await hand.system("note") == ["已取消关注"]
    people = (await hand.get("phone/setup"))["people"]
    assert [one["followed"] for one in people] == [False, True]
    scripted.answers = ["success"]
    await hand.do("scan", scene="class-1")
    await hand.do("scan", scene="class-2")
    await hand.refuse("scan", 400)
    assert scripted.contents("Event") == ["unsubscribe", "subscribe", "SCAN"]
    assert scripted.contents("EventKey")[1:] == ["qrscene_class-1", "class-2"]
    assert all(scripted.contents("Ticket")[1:])


async def test_a_scan_has_the_ticket_of_the_services_own_code(
    hand: Hand, scripted: ScriptedService
):
    async with open_client(hand) as client:
        code = await client.create_qr_ticket("class-9", expires_in=600)
    await hand.do("scan", scene="class-9")
    assert scripted.contents("Ticket") == [code.ticket]


async def test_consent_to_a_subscribe_message(hand: Hand, scripted: ScriptedService):
    template = next(
        one["id"]
        for one in (await hand.get("phone/setup"))["templates"]
        if one["kind"] == "subscribe"
    )
    await hand.do("consent", template_id=template, accept=True)
    await hand.do("consent", template_id=template, accept=False)
    path = "SubscribeMsgPopupEvent/List/"
    assert [read.findtext(path + "SubscribeStatusString") for read in scripted.read] == [
        "accept",
        "reject",
    ]
    assert {read.findtext(path + "TemplateId") for read in scripted.read} == {template}
    assert set(scripted.contents("Event")) == {"subscribe_msg_popup_event"}
    await hand.refuse("consent", 400, template_id=template, accept="yes")


async def test_any_xml_goes_out_as_it_stands(hand: Hand, scripted: ScriptedService):
    xml = "<xml><MsgType>future</MsgType>"
    item = await hand.do("raw", xml=xml)
    assert item["deliveries"][0]["message_xml"] == xml
    assert len(scripted.bodies) == 1 and scripted.read == []


@pytest.mark.parametrize("kind", ["dance", "", None, 5, ["text"]])
async def test_acts_that_are_none(hand: Hand, kind: object):
    await hand.refuse(kind, 400)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"openid":"x"}', b'{"openid":"../../etc","act":{"kind":"text"}}']
)
async def test_bodies_that_are_none(hand: Hand, body: bytes):
    async with hand.session.post(
        f"{hand.url}/sandbox/phone/acts", data=body, headers={"Content-Type": "application/json"}
    ) as response:
        assert response.status == 400


async def test_half_a_character_is_refused(hand: Hand):
    await hand.refuse("text", 400, text="\ud83d")


async def test_people_do_not_see_one_another(hand: Hand):
    await hand.do("text", OPENID, text="一")
    await hand.do("text", OTHER, text="二")
    assert [item["text"] for item in await hand.items(OPENID)] == ["一"]
    assert [item["text"] for item in await hand.items(OTHER)] == ["二"]
    await hand.refuse("again", 404, OTHER, number=(await hand.items(OPENID))[0]["number"])


BUTTONS: list[dict[str, Any]] = [
    {
        "name": "一",
        "sub_button": [
            {"type": "click", "name": "签到", "key": "intent:checkin"},
            {"type": "view", "name": "网页", "url": "https://example.com/"},
            {
                "type": "miniprogram",
                "name": "小程序",
                "appid": "wxsandbox0000000b",
                "pagepath": "pages/index",
                "url": "https://example.com/old",
            },
            {"type": "media_id", "name": "素材", "media_id": "m"},
        ],
    },
    {
        "name": "二",
        "sub_button": [
            {"type": "scancode_push", "name": "扫", "key": "k1"},
            {"type": "scancode_waitmsg", "name": "扫等", "key": "k2"},
            {"type": "pic_sysphoto", "name": "拍", "key": "k3"},
            {"type": "pic_photo_or_album", "name": "选", "key": "k4"},
            {"type": "pic_weixin", "name": "相册", "key": "k5"},
        ],
    },
    {"type": "location_select", "name": "位置", "key": "k6"},
]


@pytest.fixture
async def menu(hand: Hand) -> None:
    async with open_client(hand) as client:
        await client.create_menu({"button": BUTTONS})


@pytest.mark.usefixtures("menu")
async def test_menu_taps_by_type(hand: Hand, scripted: ScriptedService):
    assert (await hand.get("phone/setup"))["menu"]["button"][0]["name"] == "一"
    click = await hand.do("menu", path=[0, 0])
    assert click["title"] == "点了菜单“签到”"
    view = await hand.do("menu", path=[0, 1])
    assert view["url"] == "https://example.com/"
    program = await hand.do("menu", path=[0, 2])
    assert program["mini_program"]["page"] == "pages/index"
    pushed = await hand.do("menu", path=[1, 0])
    await hand.do("menu", path=[1, 1], result="zpt:7:424242")
    assert scripted.contents("Event") == [
        *("CLICK", "VIEW", "view_miniprogram", "scancode_push", "scancode_waitmsg")
    ]
    assert scripted.contents("EventKey") == [
        *("intent:checkin", "https://example.com/", "pages/index", "k1", "k2")
    ]
    results = [read.findtext("ScanCodeInfo/ScanResult") for read in scripted.read[3:]]
    assert results == ["zpt:1:123456", "zpt:7:424242"]
    assert pushed["text"] == "扫到：zpt:1:123456"


@pytest.mark.usefixtures("menu")
@pytest.mark.parametrize("path", [[1, 2], [1, 3], [1, 4]])
async def test_a_photo_button_sends_the_event_and_then_the_picture(
    hand: Hand, scripted: ScriptedService, path: list[int]
):
    number = await hand.act("menu", path=path, picture="roster")
    await hand.settled(number + 1)
    event, image = scripted.read
    assert event.findtext("SendPicsInfo/Count") == "1"
    assert len(event.findtext("SendPicsInfo/PicList/item/PicMd5Sum") or "") == 32
    assert image.findtext("MsgType") == "image"
    async with hand.session.get(image.findtext("PicUrl") or "") as response:
        assert response.status == 200


@pytest.mark.usefixtures("menu")
async def test_a_place_button_sends_the_event_and_then_the_place(
    hand: Hand, scripted: ScriptedService
):
    number = await hand.act("menu", path=[2])
    await hand.settled(number + 1)
    event, place = scripted.read
    assert event.findtext("Event") == "location_select"
    assert event.findtext("SendLocationInfo/Location_X") == place.findtext("Location_X")
    assert place.findtext("MsgType") == "location"


@pytest.mark.usefixtures("menu")
async def test_a_button_of_the_platforms_own_tells_the_service_nothing(
    hand: Hand, scripted: ScriptedService
):
    item = await hand.settled(await hand.act("menu", path=[0, 3]), deliveries=0)
    assert (item["state"], item["deliveries"]) == ("silent", [])
    assert scripted.bodies == [] and len(await hand.system("note")) == 1


@pytest.mark.usefixtures("menu")
@pytest.mark.parametrize(
    "path", [None, [], [0], [3], [0, 9], [-1], [0, 0, 0], ["0"], [True], [2, 0]]
)
async def test_buttons_that_are_not_there(hand: Hand, path: object):
    data = {"openid": OPENID, "act": {"kind": "menu", "path": path}}
    async with hand.session.post(f"{hand.url}/sandbox/phone/acts", json=data) as response:
        assert response.status in (400, 404)


async def test_without_a_menu_there_is_nothing_to_tap(hand: Hand):
    await hand.refuse("menu", 404, path=[0])
