"""What a person does on the phone, as the message that WeChat posts for it."""

import base64
import binascii
import math
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.callback.messages import Fields, build_event, build_message
from sandbox.callback.posting import PhoneAccount
from sandbox.phone.cards import media_path
from sandbox.phone.pictures import PICTURES, SILENCE, draw_ready, kind_of_picture
from sandbox.platform.memory import Platform, StoredMedia

MOST_CHARACTERS = 20_000
#: Twice what the service takes, so that one sees it refuse.
MOST_XML = 128 * 1024
MOST_PICTURE = 2 * 1024 * 1024
TOO_LONG = "这句话太长：加密以后超过 64 KB，微信也送不到；大约 15,000 字以内可以"
#: What people call the fields of an act.
CALLED = {
    "text": "这句话",
    "recognition": "听出来的话",
    "label": "地点",
    "latitude": "纬度",
    "longitude": "经度",
    "scene": "场景值",
    "name": "称呼",
    "openid": "这个人的编号",
    "template_id": "模板的编号",
    "menu_id": "链接的编号",
    "xml": "XML ",
    "delay_ms": "在路上的毫秒数",
    "lose_answers": "弄丢答复的次数",
    "copies": "同时送的份数",
}
#: Of a parameter QR code's scene, as the platform limits it.
MOST_SCENE = 64


class ActError(Exception):
    """It cannot be done; `str()` is what the person reads, `status` the HTTP status."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True, slots=True)
class Act:
    """`message` is what WeChat posts (fields, or XML as it stands, None: nothing); `shown` the
    mine-item's fields. `then` follows once this has been delivered. `system` is a line that
    the phone shows by itself."""

    message: Fields | str | None
    shown: dict[str, Any]
    then: tuple["Act", ...] = ()
    system: str = ""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and towards whom."""

    platform: Platform
    account: PhoneAccount
    openid: str
    #: Where the service fetches pictures.
    media_base: str

    def message(self, kind: str, **fields: Any) -> dict[str, Any]:
        return build_message(kind, self.openid, self.account.original_id, **fields)

    def event(self, event: str, **fields: Any) -> dict[str, Any]:
        return build_event(event, self.openid, self.account.original_id, **fields)

    @property
    def follows(self) -> bool:
        return self.openid not in self.platform.unfollowed


def make_text(actor: Actor, act: Mapping[str, Any]) -> Act:
    text = read_text(act, "text", MOST_CHARACTERS)
    more = {"bizmsgmenuid": read_text(act, "menu_id", 64)} if act.get("menu_id") else {}
    return Act(actor.message("text", Content=text, **more), {"kind": "text", "text": text})


def make_image(actor: Actor, act: Mapping[str, Any]) -> Act:
    picture_id = act.get("picture")
    if isinstance(picture_id, str):
        if picture_id not in PICTURES:
            raise ActError("没有这张图片")
        content = draw_ready(picture_id)
    else:
        content = _read_picture(act.get("data"))
    content_type = kind_of_picture(content)
    if content_type is None:
        raise ActError("只能发 PNG 或 JPEG 图片", 415)
    name = "picture." + content_type.rpartition("/")[2]
    media_id = _store(actor, "image", content, content_type, name)
    path = media_path(media_id)
    message = actor.message("image", PicUrl=actor.media_base + path, MediaId=media_id)
    return Act(message, {"kind": "image", "picture_url": path})


def make_voice(actor: Actor, act: Mapping[str, Any]) -> Act:
    recognition = read_text(act, "recognition", MOST_CHARACTERS)
    media_id = _store(actor, "voice", SILENCE, "audio/amr", "voice.amr")
    more = {"Recognition": recognition} if recognition else {}
    message = actor.message("voice", MediaId=media_id, Format="amr", **more)
    return Act(message, {"kind": "voice", "recognition": recognition})


def make_location(actor: Actor, act: Mapping[str, Any]) -> Act:
    latitude, longitude = read_degrees(act, "latitude", 90), read_degrees(act, "longitude", 180)
    label = read_text(act, "label", 200)
    message = actor.message(
        "location", Location_X=latitude, Location_Y=longitude, Scale=16, Label=label
    )
    place = {"latitude": latitude, "longitude": longitude, "label": label}
    return Act(message, {"kind": "location", "text": label, "place": place})


def make_follow(actor: Actor, act: Mapping[str, Any]) -> Act:
    scene = read_text(act, "scene", MOST_SCENE) if act.get("scene") else ""
    fields = {"EventKey": f"qrscene_{scene}", "Ticket": _ticket(actor, scene)} if scene else {}
    event = actor.event("subscribe", **({"EventKey": ""} | fields))
    how = f"扫码“{scene}”关注了公众号" if scene else "关注了公众号"
    return Act(event, event_shown(how), system="已关注")


def make_unfollow(actor: Actor, _act: Mapping[str, Any]) -> Act:
    event = actor.event("unsubscribe", EventKey="")
    return Act(event, event_shown("取消关注了公众号"), system="已取消关注")


def make_scan(actor: Actor, act: Mapping[str, Any]) -> Act:
    """Whoever does not follow yet follows with it."""
    if not act.get("scene"):
        raise ActError("二维码里要有场景值")
    if not actor.follows:
        return make_follow(actor, act)
    scene = read_text(act, "scene", MOST_SCENE)
    event = actor.event("SCAN", EventKey=scene, Ticket=_ticket(actor, scene))
    return Act(event, event_shown(f"扫了二维码“{scene}”"))


def make_consent(actor: Actor, act: Mapping[str, Any]) -> Act:
    template_id, accepts = read_text(act, "template_id", 64), act.get("accept")
    if not isinstance(accepts, bool):
        raise ActError("要写明同意还是拒绝")
    app_id = _consenting_to(actor, act.get("account", "official"))
    if accepts:
        actor.platform.consents.give(app_id, actor.openid, template_id, 1)
    item = {
        "TemplateId": template_id,
        "SubscribeStatusString": "accept" if accepts else "reject",
        "PopupScene": 2,
    }
    event = actor.event("subscribe_msg_popup_event", SubscribeMsgPopupEvent={"List": [item]})
    return Act(event, event_shown("同意接收一次订阅通知" if accepts else "拒绝接收订阅通知"))


def _consenting_to(actor: Actor, account: object) -> str:
    """The app_id of "official" or "mini"."""
    if account == "official":
        return actor.account.app_id
    if account != "mini":
        raise ActError("同意的是公众号（official）还是小程序（mini），要写清楚")
    mini = actor.platform.settings.mini_program
    if mini is None:
        raise ActError("沙箱里没有小程序", 409)
    return mini.app_id


def make_raw(_actor: Actor, act: Mapping[str, Any]) -> Act:
    xml = read_text(act, "xml", MOST_XML)
    return Act(xml, {"kind": "raw", "text": xml[:200]})


MakeAct = Callable[[Actor, Mapping[str, Any]], Act]

#: What needs no following first.
WITHOUT_FOLLOWING = frozenset({"follow", "scan", "raw"})


def read_text(act: Mapping[str, Any], name: str, most: int) -> str:
    """Raises ActError for what is no text, or too long, or cannot be written as UTF-8."""
    value, called = act.get(name, ""), CALLED.get(name, "这一项")
    if not isinstance(value, str):
        raise ActError(f"{called}要写文字")
    if len(value) > most:
        if name in ("text", "recognition"):
            raise ActError(TOO_LONG, 413)
        raise ActError(f"{called}太长，最多 {most:,} 个字", 413)
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ActError(f"{called}里有半个字符") from None
    return value


def read_degrees(act: Mapping[str, Any], name: str, most: int) -> float:
    value = act.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ActError(f"{CALLED[name]}要写数字")
    if not math.isfinite(value) or abs(value) > most:
        raise ActError(f"{CALLED[name]}要在 -{most} 到 {most} 之间")
    return float(value)


def event_shown(title: str) -> dict[str, Any]:
    """The mine-item of an event."""
    return {"kind": "event", "title": title}


def _read_picture(data: object) -> bytes:
    if not isinstance(data, str):
        raise ActError("要选一张图片")
    encoded = data.rpartition(",")[2] if data.startswith("data:") else data
    if len(encoded) > MOST_PICTURE * 4 // 3 + 4:
        raise ActError("图片太大，最多 2 MiB", 413)
    try:
        content = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise ActError("图片读不出来") from None
    if len(content) > MOST_PICTURE:
        raise ActError("图片太大，最多 2 MiB", 413)
    return content


def _store(actor: Actor, kind: str, content: bytes, content_type: str, name: str) -> str:
    media_id = secrets.token_urlsafe(48)
    stored = StoredMedia(content, content_type, name, actor.platform.now(), kind)
    actor.platform.keep_media(media_id, stored)
    return media_id


def _ticket(actor: Actor, scene: str) -> str:
    """The ticket of the QR code that the service has made for this scene, or one of that shape."""
    for ticket, known in actor.platform.tickets.items():
        if str(known["scene"]) == scene:
            return ticket
    return "gQ" + secrets.token_urlsafe(69)
