"""A person's phone: posts to the service what WeChat would post, and reads what it answers.

Signing and encryption are wechatpy's, which makes each message an independent check of the
service's own.
"""

import asyncio
import hashlib
import json
import os
import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import xmltodict
from wechatpy.crypto import WeChatCrypto

from sandbox.callback.messages import Fields, build_event, build_message, render_xml

#: The platform gives up after 5 s, and calls three times in all.
PATIENCE = 5.0
ATTEMPTS = 3
#: Bytes of a sealed message: services read no more, and none of WeChat's is as long.
MOST_POSTED = 64 * 1024
#: Events that let the account write to the person, and how the stand-in calls them.
_OPENING_EVENTS = {
    "CLICK": "click",
    "scancode_push": "click",
    "scancode_waitmsg": "click",
    "subscribe": "subscribe",
    "SCAN": "scan",
    "unsubscribe": "unsubscribe",
}


@dataclass(frozen=True, slots=True)
class PhoneAccount:
    """The official account as the platform knows it. `aes_key` "" sends in plain mode."""

    app_id: str
    token: str = field(repr=False)
    aes_key: str = field(repr=False)
    original_id: str = "gh_sandbox"


@dataclass(frozen=True, slots=True)
class PhoneReply:
    """What came back. `kind` is the reply's MsgType, "silence" for `success` or nothing,
    "fault" for what makes the person read 该公众号暂时无法提供服务.

    `xml` is the decrypted reply, `text` its Content, `fields` all of it; `attempts` counts the
    posts it took.
    """

    status: int
    text: str
    xml: str
    kind: str
    fields: dict[str, Any] = field(default_factory=dict)
    attempts: int = 1


class PhoneError(Exception):
    """The service's answer is not what the platform accepts: a wrong signature or shape."""


def sign(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324 (the protocol)


def seal(
    account: PhoneAccount, xml: str, timestamp: str, nonce: str, openid: str = ""
) -> tuple[dict[str, str], bytes]:
    """The query and the body of one delivery, in safe mode where the account has a key."""
    query = {
        "signature": sign(account.token, timestamp, nonce),
        "timestamp": timestamp,
        "nonce": nonce,
        "openid": openid,
    }
    if not account.aes_key:
        return query, xml.encode()
    crypto = WeChatCrypto(account.token, account.aes_key, account.app_id)
    sealed = xmltodict.parse(crypto.encrypt_message(xml, nonce, timestamp))["xml"]
    query |= {"encrypt_type": "aes", "msg_signature": sealed["MsgSignature"]}
    envelope = {"ToUserName": account.original_id, "Encrypt": sealed["Encrypt"]}
    return query, render_xml(envelope).encode()


def read_reply(account: PhoneAccount, status: int, body: bytes, attempts: int = 1) -> PhoneReply:
    """Decrypt and parse. Raises PhoneError where a reply is not sealed as it must be."""
    text = body.decode("utf-8", "replace").strip()
    if status != 200:
        return PhoneReply(status, "", text, "fault", attempts=attempts)
    if text in ("", "success"):
        return PhoneReply(status, "", text, "silence", attempts=attempts)
    try:
        fields = xmltodict.parse(text)["xml"]
        if account.aes_key:
            if "Encrypt" not in fields:
                raise PhoneError("a plain reply in safe mode")
            crypto = WeChatCrypto(account.token, account.aes_key, account.app_id)
            text = crypto.decrypt_message(
                body, fields["MsgSignature"], fields["TimeStamp"], fields["Nonce"]
            )
            fields = xmltodict.parse(text)["xml"]
    except PhoneError:
        raise
    except Exception as error:
        raise PhoneError(f"{type(error).__name__}: {error}") from error
    kind = fields.get("MsgType") or "fault"
    return PhoneReply(status, fields.get("Content") or "", text, kind, dict(fields), attempts)


async def send(
    base_url: str,
    account: PhoneAccount,
    message: Fields | str,
    *,
    timestamp: int | None = None,
    nonce: str | None = None,
    platform_url: str | None = None,
    patience: float = PATIENCE,
    attempts: int = ATTEMPTS,
    session: aiohttp.ClientSession | None = None,
) -> PhoneReply:
    """Deliver a message (fields or XML) to `base_url`/wechat as the platform does.

    Unanswered within `patience` seconds it is posted again, `attempts` times in all, each
    sealed anew with the same MsgId. With `platform_url`, the stand-in is told first, so that
    the person's customer-service window opens. Raises PhoneError for a reply that WeChat
    would not accept.
    """
    xml = message if isinstance(message, str) else render_xml(message)
    if session is None:
        async with aiohttp.ClientSession() as own:
            return await send(
                base_url,
                account,
                message,
                timestamp=timestamp,
                nonce=nonce,
                platform_url=platform_url,
                patience=patience,
                attempts=attempts,
                session=own,
            )
    openid = ""
    if not isinstance(message, str):
        openid = str(message.get("FromUserName", ""))
        if platform_url:
            await report_act(session, platform_url, message)
    for attempt in range(1, attempts + 1):
        sealed_at = str(timestamp if timestamp is not None else int(time.time()))
        query, body = seal(account, xml, sealed_at, nonce or make_nonce(), openid)
        try:
            async with session.post(
                f"{base_url.rstrip('/')}/wechat",
                params=query,
                data=body,
                headers={"Content-Type": "text/xml"},
                timeout=aiohttp.ClientTimeout(total=patience),
            ) as response:
                return read_reply(account, response.status, await response.read(), attempt)
        except (TimeoutError, aiohttp.ClientConnectionError):
            continue
    return PhoneReply(0, "", "", "fault", attempts=attempts)


def kind_of_act(message: Fields) -> str | None:
    """What the stand-in calls this act of a person; None where it opens and shuts no window."""
    event = message.get("Event")
    return _OPENING_EVENTS.get(str(event)) if event else "message"


async def report_act(session: aiohttp.ClientSession, platform_url: str, message: Fields) -> None:
    """Tell the stand-in that a person acted; what opens no window is not told."""
    kind = kind_of_act(message)
    if kind is None:
        return
    act = {"openid": message["FromUserName"], "kind": kind}
    url = f"{platform_url.rstrip('/')}/sandbox/interactions"
    async with session.post(url, json=act) as response:
        response.raise_for_status()


def read_demo(demo_file: Path) -> tuple[str, PhoneAccount, list[dict[str, Any]]]:
    """The service's address, its account and its people, from var/demo.json.

    Raises FileNotFoundError before the demo has run.
    """
    demo = json.loads(demo_file.read_text("utf-8"))
    wechat = demo["wechat"]
    account = PhoneAccount(
        app_id=wechat["app_id"],
        token=wechat["token"],
        aes_key=wechat.get("aes_key", ""),
        original_id=wechat.get("original_id", "gh_sandbox"),
    )
    return demo["base_url"], account, demo.get("people", [])


def find_platform(demo_file: Path) -> str | None:
    """Where the stand-in listens: "sandbox_url" of the demo file, else WECHAT_API_BASE."""
    url = json.loads(demo_file.read_text("utf-8")).get("sandbox_url")
    url = url or os.environ.get("WECHAT_API_BASE")
    return url if url and urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1") else None


def say(text: str, demo_file: Path, openid: str | None = None) -> PhoneReply:
    """For `zpt demo say`: one text message of a demo person (the first, unless told)."""
    base_url, account, people = read_demo(demo_file)
    sender = openid or (people[0]["openid"] if people else "oSandboxVisitor0000000000000")
    message = build_message("text", sender, account.original_id, Content=text)
    return asyncio.run(send(base_url, account, message, platform_url=find_platform(demo_file)))


def click(key: str, demo_file: Path, openid: str) -> PhoneReply:
    """A tap on the custom menu's button `key`."""
    base_url, account, _people = read_demo(demo_file)
    event = build_event("CLICK", openid, account.original_id, EventKey=key)
    return asyncio.run(send(base_url, account, event, platform_url=find_platform(demo_file)))


def make_nonce() -> str:
    """Digits, as the platform's are."""
    return str(secrets.randbelow(10**10))
