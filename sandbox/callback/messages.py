"""What WeChat itself posts to a service: every message type and event, as XML.

A message is a mapping of fields, nested where the platform nests; `EXAMPLES` has one of each.
"""

import itertools
import time
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

Fields = Mapping[str, Any]

_message_ids = itertools.count(24_000_000_000_000_000 + time.time_ns() // 1_000_000 % 10**12)


def build_message(kind: str, openid: str, original_id: str, **fields: Any) -> dict[str, Any]:
    """A message of the person (MsgType `kind`), with a MsgId of its own."""
    return {
        "ToUserName": original_id,
        "FromUserName": openid,
        "CreateTime": int(time.time()),
        "MsgType": kind,
        **fields,
        "MsgId": fields.get("MsgId", next(_message_ids)),
    }


def build_event(event: str, openid: str, original_id: str, **fields: Any) -> dict[str, Any]:
    """An event; it has no MsgId."""
    return {
        "ToUserName": original_id,
        "FromUserName": openid,
        "CreateTime": int(time.time()),
        "MsgType": "event",
        "Event": event,
        **fields,
    }


def build_example(name: str, openid: str, original_id: str, **fields: Any) -> dict[str, Any]:
    """The example `name` of EXAMPLES, with `fields` put over it."""
    kind, example = EXAMPLES[name]
    build = build_event if kind == "event" else build_message
    return build(name.split(":")[0], openid, original_id, **{**example, **fields})


def render_xml(fields: Fields) -> str:
    """The XML as the platform writes it: numbers bare, texts in CDATA, lists as repeated tags."""
    return "<xml>" + "".join(_render(name, value) for name, value in fields.items()) + "</xml>"


def _render(name: str, value: Any) -> str:
    if isinstance(value, Mapping):
        inner = "".join(_render(key, below) for key, below in value.items())
    elif isinstance(value, Sequence) and not isinstance(value, str):
        return "".join(_render(name, one) for one in value)
    elif isinstance(value, str):
        # CDATA cannot hold its own end; the platform's texts with it come escaped.
        inner = escape(value) if "]]>" in value else f"<![CDATA[{value}]]>"
    else:
        inner = str(value)
    return f"<{name}>{inner}</{name}>"


def _subscribed(wrapper: str, **extra: Any) -> dict[str, Any]:
    item = {"TemplateId": "VRR0UEO9VJOLs0MHlU0OilqX6MVFDwH3_3gz3Oc0NIc", **extra}
    return {wrapper: {"List": [item]}}


_MEDIA = "cZMvk2jZIdo7D2FlZtRYnX4xpjYQmd6gFsZlKl4-P3Ww0fvpYYbmzUpOGS6Rk3Pj"
_PICTURES = {"Count": 1, "PicList": {"item": [{"PicMd5Sum": "1b5f7c23b5bf75682a53e7b6d163e185"}]}}
_AUTHORISATION = {"OpenID": "oSandbox0000000000000000user", "AppID": "wxsandbox", "RevokeInfo": "1"}

#: Name (the event's after its own; a second of the same after a colon): ("message" or
#: "event", fields).
EXAMPLES: dict[str, tuple[str, dict[str, Any]]] = {
    "text": ("message", {"Content": "以工代训补贴多少钱"}),
    "text:menu": ("message", {"Content": "是", "bizmsgmenuid": "1"}),
    "image": ("message", {"PicUrl": "http://mmbiz.qpic.cn/mmbiz_jpg/x/0", "MediaId": _MEDIA}),
    "voice": ("message", {"MediaId": _MEDIA, "Format": "amr"}),
    "voice:recognised": (
        "message",
        {"MediaId": _MEDIA, "Format": "amr", "Recognition": "技能补贴多少钱"},
    ),
    "video": ("message", {"MediaId": _MEDIA, "ThumbMediaId": _MEDIA}),
    "shortvideo": ("message", {"MediaId": _MEDIA, "ThumbMediaId": _MEDIA}),
    "location": (
        "message",
        {"Location_X": 36.456, "Location_Y": 115.985, "Scale": 16, "Label": "聊城市东昌府区"},
    ),
    "link": ("message", {"Title": "通知", "Description": "补贴", "Url": "https://example.com/"}),
    "miniprogrampage": (
        "message",
        {"Title": "职培通", "AppId": "wxsandbox", "PagePath": "pages/index", "ThumbUrl": ""},
    ),
    "file": (
        "message",
        {"Title": "花名册.xlsx", "Description": "", "FileKey": "k", "FileMd5": "m"},
    ),
    "subscribe": ("event", {"EventKey": ""}),
    "subscribe:scene": ("event", {"EventKey": "qrscene_class-1", "Ticket": "gQ8"}),
    "unsubscribe": ("event", {"EventKey": ""}),
    "SCAN": ("event", {"EventKey": "class-1", "Ticket": "gQ8"}),
    "LOCATION": ("event", {"Latitude": 36.456, "Longitude": 115.985, "Precision": 40.0}),
    "CLICK": ("event", {"EventKey": "intent:human"}),
    "VIEW": ("event", {"EventKey": "https://example.com/", "MenuId": 400000001}),
    "view_miniprogram": ("event", {"EventKey": "pages/index", "MenuId": 400000001}),
    "scancode_push": (
        "event",
        {"EventKey": "k", "ScanCodeInfo": {"ScanType": "qrcode", "ScanResult": "zpt:1:123456"}},
    ),
    "scancode_waitmsg": (
        "event",
        {"EventKey": "k", "ScanCodeInfo": {"ScanType": "qrcode", "ScanResult": "zpt:1:123456"}},
    ),
    "pic_sysphoto": ("event", {"EventKey": "k", "SendPicsInfo": _PICTURES}),
    "pic_photo_or_album": ("event", {"EventKey": "k", "SendPicsInfo": _PICTURES}),
    "pic_weixin": ("event", {"EventKey": "k", "SendPicsInfo": _PICTURES}),
    "location_select": (
        "event",
        {
            "EventKey": "k",
            "SendLocationInfo": {
                "Location_X": "36.456",
                "Location_Y": "115.985",
                "Scale": "16",
                "Label": "聊城市",
                "Poiname": "",
            },
        },
    ),
    "TEMPLATESENDJOBFINISH": ("event", {"MsgID": 200163836, "Status": "success"}),
    "MASSSENDJOBFINISH": (
        "event",
        {"MsgID": 200163837, "Status": "send success", "TotalCount": 1, "SentCount": 1},
    ),
    "kf_create_session": ("event", {"KfAccount": "a@zpt"}),
    "kf_close_session": ("event", {"KfAccount": "a@zpt"}),
    "kf_switch_session": ("event", {"FromKfAccount": "a@zpt", "ToKfAccount": "b@zpt"}),
    "subscribe_msg_popup_event": (
        "event",
        _subscribed("SubscribeMsgPopupEvent", SubscribeStatusString="accept", PopupScene=2),
    ),
    "subscribe_msg_change_event": (
        "event",
        _subscribed("SubscribeMsgChangeEvent", SubscribeStatusString="reject"),
    ),
    "subscribe_msg_change_event:popup": (
        "event",
        _subscribed("SubscribeMsgPopupEvent", SubscribeStatusString="reject"),
    ),
    "subscribe_msg_sent_event": (
        "event",
        _subscribed(
            "SubscribeMsgSentEvent", MsgID="1700827132819554304", ErrorCode=0, ErrorStatus="success"
        ),
    ),
    "user_info_modified": ("event", _AUTHORISATION),
    "user_authorization_revoke": ("event", _AUTHORISATION),
    "user_authorization_cancellation": ("event", _AUTHORISATION),
    "wxa_media_check": (
        "event",
        {
            "appid": "wxsandbox",
            "trace_id": "60ae120f-371d5872-4a4fac24",
            "version": 2,
            "result": {"suggest": "pass", "label": 100},
            "detail": [{"strategy": "content_model", "errcode": 0, "suggest": "pass"}],
        },
    ),
    "PUBLISHJOBFINISH": (
        "event",
        {"PublishEventInfo": {"publish_id": 2247503051, "publish_status": 0, "article_id": "b5O"}},
    ),
    "debug_demo": ("event", {"debug_str": ""}),
    "future_event": ("event", {"EventKey": ""}),
}
