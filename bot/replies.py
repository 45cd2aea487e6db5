"""What is said -> WeChat's XML for a passive reply (被动回复)."""

from dataclasses import dataclass

from bot.wire.inbound import Inbound
from bot.wire.xml import cdata

#: Longer passive texts fail on the phone (silenceper#673); the boundary itself is unconfirmed.
MOST_TEXT_BYTES = 2047
#: Stops the platform's retries and says nothing; sent as it is, never encrypted.
SUCCESS = b"success"
#: A CreateTime further off than this is not one; the reply then carries the present.
_CLOCK_TOLERANCE_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Text:
    """A text message to the person."""

    content: str


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing is said, on purpose."""


Reply = Text | Silence
SILENCE = Silence()


def render_reply(reply: Reply, inbound: Inbound, now: float) -> bytes:
    """The inner XML of the answer to `inbound`; b"" for silence.

    CreateTime is the message's own where that is credible: the reply is then the same whichever
    process renders it, even when no process can ask another.
    """
    if isinstance(reply, Silence):
        return b""
    created = inbound.created
    if abs(created - now) > _CLOCK_TOLERANCE_SECONDS:
        created = int(now)
    return (
        f"<xml><ToUserName>{cdata(inbound.text('FromUserName'))}</ToUserName>"
        f"<FromUserName>{cdata(inbound.account)}</FromUserName>"
        f"<CreateTime>{created}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content>{cdata(cut_to_bytes(reply.content))}</Content></xml>"
    ).encode("utf-8", "replace")


def join(first: Reply, second: Reply, *, cut: bool = True) -> Reply:
    """Both in one message. `cut` False: where both have no room, the first alone."""
    if isinstance(first, Silence) or isinstance(second, Silence):
        return second if isinstance(first, Silence) else first
    both = f"{first.content.rstrip()}\n{second.content}"
    if not cut and len(both.encode("utf-8", "replace")) > MOST_TEXT_BYTES:
        return first
    return Text(both)


def cut_to_bytes(text: str, most: int = MOST_TEXT_BYTES) -> str:
    """`text` in at most `most` bytes of UTF-8, with "…" where it was cut.

    The editors' check keeps answers shorter; this is for what is put together at run time.
    """
    if len(text) * 3 <= most or len(text.encode("utf-8", "replace")) <= most:
        return text
    return text.encode("utf-8", "replace")[: most - 3].decode("utf-8", "ignore") + "…"
