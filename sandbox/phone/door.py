"""The phone's door: the page, what it shows, and what a person does on it."""

import time
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from sandbox.callback.messages import render_xml
from sandbox.callback.posting import MOST_POSTED, PhoneAccount, kind_of_act, make_nonce, seal
from sandbox.phone.acts import (
    CALLED,
    TOO_LONG,
    WITHOUT_FOLLOWING,
    Act,
    ActError,
    Actor,
    MakeAct,
    make_consent,
    make_follow,
    make_image,
    make_location,
    make_raw,
    make_scan,
    make_text,
    make_unfollow,
    make_voice,
    read_text,
)
from sandbox.phone.card_templates import TEMPLATES
from sandbox.phone.cards import SHOWN_PICTURES
from sandbox.phone.conversations import CONVERSATIONS, Item, render_json
from sandbox.phone.deliveries import MOST_DELIVERIES, Deliverer, Parcel, Trip
from sandbox.phone.event_stream import send_events
from sandbox.phone.menu_taps import tap_menu
from sandbox.phone.pictures import PICTURES, draw_ready
from sandbox.phone.places import list_places
from sandbox.phone.sends import Sender
from sandbox.platform.answers import RefusalError
from sandbox.platform.inputs import platform_of, read_object
from sandbox.platform.memory import Platform
from sandbox.platform.people import Person
from sandbox.platform.presets import PRESETS, list_switched_on, switch_preset

DELIVERER: web.AppKey[Deliverer] = web.AppKey("deliverer", Deliverer)
SENDER: web.AppKey[Sender] = web.AppKey("sender", Sender)

#: As the service calls itself in its own texts.
ACCOUNT_NAME = "职培通"
ITEMS_SHOWN = 200
MOST_DELAY_MS = 30_000
MOST_LOST = 3
MOST_COPIES = 5
MOST_NAME = 20

_MAKERS: dict[str, MakeAct] = {
    "text": make_text,
    "image": make_image,
    "voice": make_voice,
    "location": make_location,
    "follow": make_follow,
    "unfollow": make_unfollow,
    "scan": make_scan,
    "menu": tap_menu,
    "consent": make_consent,
    "raw": make_raw,
}


async def show_setup(request: web.Request) -> web.Response:
    """GET /sandbox/phone/setup: the account, the people, and what they can choose from."""
    platform, account = platform_of(request), _account(request)
    demo = platform.people.read_demo()
    notes = {one.get("openid"): _note_on(one) for one in demo.get("people", [])}
    return answer(
        {
            "account": {
                "name": ACCOUNT_NAME,
                "app_id": account.app_id,
                "original_id": account.original_id,
                "mode": "safe" if account.aes_key else "plain",
            },
            "people": [
                _show_person(platform, person, notes.get(person.openid, "沙箱里新来的人"))
                for person in platform.people.shown()
            ],
            "menu": platform.menu,
            "places": list_places(demo),
            "pictures": [
                {"id": name, "title": title, "url": f"/sandbox/pictures/{name}.png"}
                for name, title in PICTURES.items()
            ],
            "templates": list(TEMPLATES.values()),
            "fault_presets": list(PRESETS.values()),
            "sends": request.app[SENDER].list_sends(),
            "latest": request.app[CONVERSATIONS].latest,
            "start": request.app[CONVERSATIONS].start,
            **platform.show_clock(),
        }
    )


async def add_person(request: web.Request) -> web.Response:
    """POST /sandbox/phone/people {"name"}: somebody new, who does not follow yet."""
    name = read_text(await _read(request), "name", MOST_NAME).strip()
    if not name:
        raise ActError("要写一个称呼")
    platform = platform_of(request)
    person = platform.people.invent(name)
    platform.unfollowed.add(person.openid)
    return answer(_show_person(platform, person, "沙箱里新来的人"))


async def list_items(request: web.Request) -> web.Response:
    """GET /sandbox/phone/items?openid=: the last 200; `latest` is where /events goes on."""
    conversations = request.app[CONVERSATIONS]
    items = conversations.list_items(request.query.get("openid", ""), ITEMS_SHOWN)
    return answer({"items": items, "latest": conversations.latest})


async def stream_events(request: web.Request) -> web.StreamResponse:
    """GET /sandbox/phone/events"""
    return await send_events(request, request.app[CONVERSATIONS])


async def do_act(request: web.Request) -> web.Response:
    """POST /sandbox/phone/acts {"openid", "act", "trip"}: 202 at once; the rest comes as items."""
    data = await _read(request)
    act, trip = data.get("act"), read_trip(data.get("trip"))
    if not isinstance(act, Mapping):
        raise ActError("要写明做什么")
    if request.app[DELIVERER].is_busy:
        raise ActError("路上的消息太多了，等一会儿再发", 429)
    openid = _meet(request, data)
    if act.get("kind") == "again":
        return _answer_number(_bring_again(request, openid, act, trip))
    kind = act.get("kind")
    make = _MAKERS.get(kind) if isinstance(kind, str) else None
    if make is None:
        raise ActError("没有这种动作")
    actor = Actor(
        platform_of(request),
        _account(request),
        openid,
        platform_of(request).settings.wechat_api_base,
    )
    if kind not in WITHOUT_FOLLOWING and not actor.follows:
        raise ActError("还没有关注公众号，先关注才能发", 409)
    return _answer_number(_bring(request, openid, make(actor, act), trip))


def _bring(request: web.Request, openid: str, act: Act, trip: Trip) -> Item:
    """Put the act and what follows it on the phone and on its way. The first item."""
    conversations = request.app[CONVERSATIONS]
    if not isinstance(act.message, str) and act.message is not None:
        _require_short(_account(request), render_xml(act.message))
    parcels = []
    items = []
    for one in (act, *act.then):
        xml = one.message if isinstance(one.message, str) else render_xml(one.message or {})
        under_way = one.message is not None
        item = conversations.add(
            openid,
            "mine",
            **one.shown,
            message_xml=xml if under_way else "",
            deliveries=[],
            state="on_the_way" if under_way else "silent",
        )
        items.append(item)
        if one.system:
            conversations.add(openid, "system", kind="note", text=one.system)
        if under_way:
            fields = one.message if isinstance(one.message, Mapping) else None
            parcels.append(Parcel(item, xml, kind_of_act(fields) if fields else None))
    if parcels:
        request.app[DELIVERER].send(parcels, trip)
    return items[0]


def _require_short(account: PhoneAccount, xml: str) -> None:
    """What is raw XML may be longer, so that one sees the service refuse it."""
    if len(seal(account, xml, str(int(time.time())), make_nonce())[1]) > MOST_POSTED:
        raise ActError(TOO_LONG, 413)


def _bring_again(request: web.Request, openid: str, act: Mapping[str, Any], trip: Trip) -> Item:
    """The same message once more, as WeChat does when it got no answer."""
    number = act.get("number")
    item = request.app[CONVERSATIONS].find(openid, number) if isinstance(number, int) else None
    if item is None or item["side"] != "mine" or not item["message_xml"]:
        raise ActError("这条已经找不到了，不能再投递", 404)
    if len(item["deliveries"]) + trip.copies > MOST_DELIVERIES:
        raise ActError("这条已经投递了太多次", 409)
    request.app[DELIVERER].send([Parcel(item, item["message_xml"])], trip, attempts=1)
    return item


async def send_in_its_place(request: web.Request) -> web.Response:
    """POST /sandbox/phone/sends {"openid", "kind"}: 202 at once; the message comes as an item."""
    data = await _read(request)
    openid = _meet(request, data)
    request.app[SENDER].send(openid, data.get("kind"))
    return answer({"kind": data["kind"]}, 202)


async def show_faults(request: web.Request) -> web.Response:
    """GET /sandbox/phone/faults: the presets that are on."""
    return answer({"on": list_switched_on(platform_of(request).faults)})


async def switch_fault(request: web.Request) -> web.Response:
    """POST /sandbox/phone/faults {"preset", "on"}"""
    data = await _read(request)
    on = data.get("on")
    if not isinstance(on, bool):
        raise ActError("要写明打开还是关上")
    try:
        switch_preset(platform_of(request).faults, str(data.get("preset")), on=on)
    except KeyError:
        raise ActError("没有这个开关", 404) from None
    return await show_faults(request)


async def show_media(request: web.Request) -> web.Response:
    """GET /sandbox/media/{media_id}: a stored file, for PicUrl and the page."""
    stored = platform_of(request).media.get(request.match_info["media_id"])
    if stored is None or stored.content_type not in SHOWN_PICTURES | {"audio/amr"}:
        raise web.HTTPNotFound
    # It is what its first bytes say only where a person sent it.
    headers = {"X-Content-Type-Options": "nosniff"}
    return web.Response(body=stored.content, content_type=stored.content_type, headers=headers)


async def show_picture(request: web.Request) -> web.Response:
    """GET /sandbox/pictures/{name}.png: a ready-made picture."""
    name = request.match_info["name"]
    if name not in PICTURES:
        raise web.HTTPNotFound
    return web.Response(body=draw_ready(name), content_type="image/png")


def answer(data: object, status: int = 200) -> web.Response:
    return web.Response(body=render_json(data), status=status, content_type="application/json")


def answer_error(error: ActError) -> web.Response:
    """{"error": words for the person}"""
    return answer({"error": str(error)}, error.status)


def read_trip(value: object) -> Trip:
    """Raises ActError for what a trip cannot be."""
    if value is None:
        return Trip()
    if not isinstance(value, Mapping):
        raise ActError("路上的情况写得不对")
    return Trip(
        delay_ms=_read_number(value, "delay_ms", 0, MOST_DELAY_MS),
        lose_answers=_read_number(value, "lose_answers", 0, MOST_LOST),
        copies=_read_number(value, "copies", 1, MOST_COPIES),
    )


def _read_number(value: Mapping[str, Any], name: str, least: int, most: int) -> int:
    number = value.get(name, least)
    if isinstance(number, bool) or not isinstance(number, int) or not least <= number <= most:
        raise ActError(f"{CALLED[name]}要写 {least} 到 {most} 的整数")
    return number


def _meet(request: web.Request, data: Mapping[str, Any]) -> str:
    """Whose phone it is."""
    try:
        return platform_of(request).people.meet(read_text(data, "openid", 64)).openid
    except RefusalError:
        raise ActError("不知道是谁的手机") from None


def _account(request: web.Request) -> PhoneAccount:
    try:
        return request.app[DELIVERER].account
    except LookupError:
        raise ActError("沙箱里没有公众号", 409) from None


async def _read(request: web.Request) -> dict[str, Any]:
    try:
        return await read_object(request)
    except RefusalError:
        raise ActError("送来的内容读不懂（不是 JSON 对象）") from None


def _answer_number(item: Item) -> web.Response:
    return answer({"number": item["number"]}, 202)


def _show_person(platform: Platform, person: Person, note: str) -> dict[str, Any]:
    return {
        "openid": person.openid,
        "name": person.name or person.openid[-6:],
        "note": note,
        "followed": person.openid not in platform.unfollowed,
    }


def _note_on(person: Mapping[str, Any]) -> str:
    bound = "已实名绑定" if person.get("bound") else "还没有实名绑定"
    classes = len(person.get("enrolled") or [])
    return f"{bound}，报了 {classes} 个班" if classes else bound


ROUTES = [
    web.get("/sandbox/phone/setup", show_setup),
    web.post("/sandbox/phone/people", add_person),
    web.get("/sandbox/phone/items", list_items),
    web.get("/sandbox/phone/events", stream_events),
    web.post("/sandbox/phone/acts", do_act),
    web.post("/sandbox/phone/sends", send_in_its_place),
    web.get("/sandbox/phone/faults", show_faults),
    web.post("/sandbox/phone/faults", switch_fault),
    web.get("/sandbox/media/{media_id}", show_media),
    web.get("/sandbox/pictures/{name}.png", show_picture),
]
