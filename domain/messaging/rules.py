"""What makes a message one message, and how often the service may write unasked.

No I/O, no clock.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

#: What people wrote is kept this long; afterwards only counts are left.
KEEP_MESSAGES = timedelta(days=90)
#: What a message of a talk was told is kept this long, for the platform's retries.
REPLIES_KEPT = timedelta(minutes=10)
#: The talk whose state may lie in Redis alone: a choice between answers, which reads and no more.
CHOICE = "clarify"

#: Purpose (domain.vault) of the blind index of a sender.
SENDER_PURPOSE = "person"

#: 客服消息 after something the person did: (how many, within what time). protocol.md section 3.
_CUSTOMER_SERVICE = {
    "message": (5, timedelta(hours=48)),
    "touch": (3, timedelta(minutes=1)),
}
#: How far back to look for what the person did.
LONGEST_CHANNEL = max(lasts for _, lasts in _CUSTOMER_SERVICE.values())
#: The kinds of InboundMessage that open the channel. A menu entry that scans is a click too.
MESSAGE_KINDS = frozenset(
    {
        *("text", "image", "voice", "video", "shortvideo", "location", "link"),
        *("miniprogrampage", "file"),
    }
)
TOUCH_KINDS = frozenset(
    {
        *("event.click", "event.subscribe", "event.scan"),
        *("event.scancode_push", "event.scancode_waitmsg"),
    }
)
#: Our clocks and the platform's are not the same: the channel is left before it closes, and what
#: a machine with a faster clock has noted counts already.
_MARGIN = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Contact:
    """Something the person did: "message", or "touch" for a menu click, a follow or a scan."""

    opened_by: str
    at: datetime


def name_sender(app_id: str, openid: str) -> str:
    """What the blind index of a sender is of: an openid is one account's."""
    return f"{app_id}\0{openid}"


def identity_of(
    *,
    account: str,
    sender: str,
    message_id: str,
    created: str,
    event: str,
    event_key: str,
    discriminators: Iterable[str] = (),
) -> str:
    """What two deliveries of one message share and two messages do not, as one string.

    MsgId alone has collided across people (WxJava#333), so the account and the sender belong to
    it. Events have none: sender, second, event and key, and where the platform gives one, a
    trace id, for two results within a second differ in nothing else (WxJava#2231).
    """
    if message_id:
        return "\0".join(("message", account, sender, message_id))
    return "\0".join(("event", account, sender, created, event, event_key, *discriminators))


def customer_service_messages_left(
    contacts: Iterable[Contact], sent_at: Collection[datetime], now: datetime
) -> int | None:
    """How many 客服消息 may still go out to a person, None where no channel is open.

    Each contact opens its channel anew, with its whole quota; what was sent since (`sent_at`)
    counts against it. Of several open channels the best counts. The platform has the last word
    (45047, 45015): it also counts what others send in the account's name.
    """
    left = None
    for contact in contacts:
        quota, lasts = _CUSTOMER_SERVICE[contact.opened_by]
        if contact.at - _MARGIN <= now < contact.at + lasts - _MARGIN:
            sent = sum(contact.at <= at for at in sent_at)
            left = max(left or 0, quota - sent)
    return left
