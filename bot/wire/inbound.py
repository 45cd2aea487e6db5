"""One message or event as it came, in the terms of the platform's documents."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bot.wire.xml import scalar
from domain.messaging import rules

#: The types of the platform's messages (protocol.md section 3).
MESSAGE_TYPES = frozenset(
    {
        *("text", "image", "voice", "video", "shortvideo", "location", "link"),
        *("miniprogrampage", "file"),
    }
)
#: The platform's events, in lower case.
EVENTS = frozenset(
    {
        *("subscribe", "unsubscribe", "scan", "location", "click", "view", "view_miniprogram"),
        *("scancode_push", "scancode_waitmsg", "location_select"),
        *("pic_sysphoto", "pic_photo_or_album", "pic_weixin"),
        *("templatesendjobfinish", "masssendjobfinish", "publishjobfinish"),
        *("kf_create_session", "kf_close_session", "kf_switch_session"),
        *("subscribe_msg_popup_event", "subscribe_msg_change_event", "subscribe_msg_sent_event"),
        *("user_info_modified", "user_authorization_revoke", "user_authorization_cancellation"),
        *("wxa_media_check", "debug_demo"),
    }
)
#: Somebody has scanned a code from the menu.
SCAN_EVENTS = frozenset({"scancode_push", "scancode_waitmsg"})
#: Every kind there is: records and metrics know no other, whatever a message calls itself.
UNKNOWN_KIND = "unknown"
KINDS = MESSAGE_TYPES | {f"event.{event}" for event in EVENTS} | {UNKNOWN_KIND}

#: Events that come from the platform about a person, who is named in another element.
_ABOUT_A_PERSON = frozenset(
    {"user_info_modified", "user_authorization_revoke", "user_authorization_cancellation"}
)
#: What tells two events of one second apart, where the platform gives it (WxJava#2231).
_DISCRIMINATORS = ("trace_id", "MsgID", "Ticket")


@dataclass(frozen=True)
class Inbound:
    """The fields of one message; a missing one is ""."""

    fields: Mapping[str, Any]

    @cached_property
    def account(self) -> str:
        return scalar(self.fields, "ToUserName")

    @cached_property
    def sender(self) -> str:
        """The openid of the person it is about; not always FromUserName (protocol.md section 3)."""
        if self.event in _ABOUT_A_PERSON:
            return scalar(self.fields, "OpenID") or scalar(self.fields, "FromUserName")
        return scalar(self.fields, "FromUserName")

    @cached_property
    def type(self) -> str:
        return scalar(self.fields, "MsgType").lower()

    @cached_property
    def event(self) -> str:
        """The event in lower case, "" for a message; the platform writes SCAN and subscribe."""
        return scalar(self.fields, "Event").lower() if self.type == "event" else ""

    @cached_property
    def kind(self) -> str:
        """How it is counted and kept: one of KINDS, "text" or "event.subscribe".

        What comes from nobody is unknown: no reply would reach anyone, and all who are nobody
        would be taken for one person.
        """
        known = self.event in EVENTS if self.type == "event" else self.type in MESSAGE_TYPES
        return self.name if known and self.sender else UNKNOWN_KIND

    @property
    def name(self) -> str:
        """What it calls itself; from outside, so nothing but a log may hold it.

        "?" where it is not in ASCII: the platform's names are, people's are not.
        """
        name = (f"event.{self.event}" if self.type == "event" else self.type)[:64]
        return name if name.isascii() else "?"

    @property
    def created(self) -> int:
        """CreateTime in seconds since 1970, 0 where it is not a number."""
        text = scalar(self.fields, "CreateTime")
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else 0

    def text(self, name: str) -> str:
        """The text of one element."""
        return scalar(self.fields, name)

    @property
    def scanned(self) -> str:
        """What a code says that was scanned from the menu; "" for any other message."""
        info = self.fields.get("ScanCodeInfo")
        if self.event not in SCAN_EVENTS or not isinstance(info, Mapping):
            return ""
        return scalar(info, "ScanResult")

    def identity(self) -> str:
        """What two deliveries of this message share and two messages do not."""
        return rules.identity_of(
            account=self.account,
            sender=self.sender,
            message_id=self.text("MsgId"),
            created=self.text("CreateTime"),
            event=self.event or self.type,
            event_key=self.text("EventKey"),
            discriminators=() if not self.event else self._discriminators(),
        )

    def _discriminators(self) -> tuple[str, ...]:
        return tuple(self.text(name) for name in _DISCRIMINATORS) + tuple(
            found
            for wrapper in self.fields.values()
            if isinstance(wrapper, dict)
            for found in _texts_below(wrapper)
        )


def _texts_below(node: Any) -> list[str]:
    """All texts inside an element, in order: lists of subscribe_msg_* events differ only there."""
    if isinstance(node, str):
        return [node]
    children = node.values() if isinstance(node, dict) else node
    return [text for child in children for text in _texts_below(child)]
