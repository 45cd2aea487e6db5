"""What arrives on a phone, in the shape that the page draws."""

import re
from collections.abc import Mapping
from typing import Any

from sandbox.callback.posting import PhoneReply
from sandbox.phone.card_templates import TEMPLATES, name_field
from sandbox.platform.memory import Platform

#: A passive reply's elements, and their names in the customer-service message of the same kind.
_NAMES = {
    "MediaId": "media_id",
    "ThumbMediaId": "thumb_media_id",
    "HQMusicUrl": "hqmusicurl",
}
#: Of a stored file's content types, those that a page may draw.
SHOWN_PICTURES = frozenset({"image/png", "image/jpeg"})
#: Messages that only name what lies on the platform: their name, what they name, the field.
_ELSEWHERE = {
    "mpnews": ("图文消息", "素材", "media_id"),
    "mpnewsarticle": ("图文消息", "文章", "article_id"),
    "wxcard": ("卡券", "编号", "card_id"),
}
#: Of a template message WeChat has not shown these since 2023.
_NOT_SHOWN = frozenset({"first", "remark"})
_WRAPPERS = {"image": "Image", "voice": "Voice", "video": "Video", "music": "Music"}


def show_reply(platform: Platform, reply: PhoneReply) -> dict[str, Any]:
    """kind, content and what belongs to them, of a passive reply."""
    fields, kind = reply.fields, reply.kind
    if kind == "text":
        content: dict[str, Any] = {"content": reply.text}
    elif kind == "news":
        articles = _below(_below(fields, "Articles"), "item")
        listed = articles if isinstance(articles, list) else [articles]
        content = {"articles": [_rename(one) for one in listed if isinstance(one, Mapping)]}
    else:
        content = _rename(_below(fields, _WRAPPERS.get(kind, "")))
    return {"kind": kind, "content": content, **_picture_of(platform, content)}


def show_message(platform: Platform, message: Mapping[str, Any]) -> dict[str, Any]:
    """The same of a customer-service message."""
    kind = str(message.get("msgtype"))
    content = message.get(kind)
    content = dict(content) if isinstance(content, Mapping) else {}
    shown = {"kind": kind, "content": content, **_picture_of(platform, content)}
    if kind in _ELSEWHERE:
        name, what, id_name = _ELSEWHERE[kind]
        shown["title"] = f"{name}（{what} {content.get(id_name, '')}）"
        shown["description"] = "内容存在公众平台上，沙箱里看不到"
    return shown


def show_card(kind: str, message: Mapping[str, Any]) -> dict[str, Any]:
    """The same of a template or subscribe message: with a title and labelled fields."""
    data = message.get("data")
    data = data if isinstance(data, Mapping) else {}
    template = TEMPLATES.get(str(message.get("template_id")))
    labels = template.fields if template else {}
    fields = [
        {"label": labels.get(str(name)) or name_field(str(name)), "value": _value_of(holder)}
        for name, holder in data.items()
        if kind != "template" or name not in _NOT_SHOWN
    ]
    content = {key: value for key, value in message.items() if key != "touser"}
    title = template.title if template else "服务通知"
    return {"kind": kind, "content": content, "title": title, "fields": fields}


def _value_of(holder: object) -> str:
    value = holder.get("value") if isinstance(holder, Mapping) else holder
    return value if isinstance(value, str) else str(value)


def _below(fields: object, name: str) -> Any:
    return fields.get(name, {}) if isinstance(fields, Mapping) else {}


def _rename(fields: object) -> dict[str, Any]:
    if not isinstance(fields, Mapping):
        return {}
    return {_NAMES.get(name, name.lower()): value or "" for name, value in fields.items()}


def _picture_of(platform: Platform, content: Mapping[str, Any]) -> dict[str, str]:
    """Of the file, or else of the small picture that stands for it."""
    for media_id in (content.get("media_id"), content.get("thumb_media_id")):
        if isinstance(media_id, str) and re.fullmatch(r"[\w-]+", media_id, re.ASCII):
            stored = platform.media.get(media_id)
            if stored is not None and stored.content_type in SHOWN_PICTURES:
                return {"picture_url": media_path(media_id)}
    return {}


def media_path(media_id: str) -> str:
    """Where the stand-in shows a stored picture."""
    return f"/sandbox/media/{media_id}"
