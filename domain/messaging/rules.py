"""What makes a message one message, and how often the service may write unasked.

No I/O, no clock.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

#: What people wrote is kept this long; afterwards only counts are left.
KEEP_MESSAGES = timedelta(days=90)
#: A talk that nobody goes on with is over.
DIALOGUE_LASTS = timedelta(minutes=30)

#: 客服消息 after something the person did: (how many, within what time). protocol.md section 3.
_CUSTOMER_SERVICE = {
    "message": (5, timedelta(hours=48)),
    "touch": (3, timedelta(minutes=1)),
}
#: The channel is left before it closes: our clock and the platform's are not the same.
_MARGIN = timedelta(seconds=5)


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
    opened_by: str, opened_at: datetime, sent: int, now: datetime
) -> int:
    """How many 客服消息 may still go out in the channel that the person opened at `opened_at`.

    `opened_by` is "message", or "touch" for a menu click, a follow or a scan.
    """
    quota, lasts = _CUSTOMER_SERVICE[opened_by]
    if not opened_at <= now < opened_at + lasts - _MARGIN:
        return 0
    return max(0, quota - sent)
