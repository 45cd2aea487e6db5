"""Who may speak at the callback, in what form, and how much (interfaces.md, /wechat)."""

import asyncio
import contextlib
import gzip
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer

from sandbox.callback.posting import PhoneAccount, seal, sign
from sandbox.callback.posting import send as send_from
from settings import Settings
from tests.integration.bot.conftest import (
    ACCOUNT,
    ANSWER,
    OPENID,
    QUESTION,
    Phone,
    StartServer,
)
from tests.support import make_settings

XML = "<xml><ToUserName>a</ToUserName><FromUserName>b</FromUserName><MsgType>text</MsgType></xml>"


def make_query(timestamp: int | None = None, **more: str) -> dict[str, str]:
    now = str(timestamp or int(time.time()))
    return {"signature": sign(ACCOUNT.token, now, "1"), "timestamp": now, "nonce": "1", **more}


async def post(
    server: TestServer, session: ClientSession, query: dict[str, str], body: object
) -> int:
    async with session.post(server.make_url("/wechat"), params=query, data=body) as response:
        return response.status


@pytest.mark.parametrize("echostr", ["4375120948345356249", "P9nAzCzy+/==", "", "<b>你好</b>"])
async def test_easywechat_2983_echostr_comes_back_verbatim(
    server: TestServer, session: ClientSession, echostr: str
) -> None:
    query = make_query(echostr=echostr)
    async with session.get(server.make_url("/wechat"), params=query) as response:
        assert response.status == 200
        assert await response.text() == echostr
        assert response.content_type == "text/plain"


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"echostr": "1"},
        make_query() | {"signature": "0" * 40},
        make_query() | {"nonce": "2"},
        make_query(int(time.time()) - 3600),
        # Far enough off, for these are made when the tests are collected, minutes before.
        make_query(int(time.time()) + 3600),
        make_query() | {"signature": "é%00"},
    ],
)
async def test_a_get_that_is_not_from_wechat(
    server: TestServer, session: ClientSession, query: dict[str, str]
) -> None:
    async with session.get(server.make_url("/wechat"), params=query) as response:
        assert response.status == 403
        assert (await response.read()) == b""


async def test_posts_that_are_refused(server: TestServer, session: ClientSession) -> None:
    now = str(int(time.time()))
    query, body = seal(ACCOUNT, XML, now, "1")
    foreign = PhoneAccount("wxsandbox9999999999", ACCOUNT.token, ACCOUNT.aes_key)
    old = str(int(time.time()) - 700)
    early = str(int(time.time()) + 700)
    other_key = PhoneAccount(ACCOUNT.app_id, ACCOUNT.token, "B" * 43)
    refused = [
        (403, query | {"msg_signature": "0" * 40}, body),
        (403, query | {"msg_signature": query["signature"]}, body),
        (403, {**query, "msg_signature": ""}, body),
        (403, *seal(foreign, XML, now, "1")),
        (403, *seal(ACCOUNT, XML, old, "1")),
        (403, *seal(ACCOUNT, XML, early, "1")),
        (403, make_query(), XML.encode()),
        (403, make_query(encrypt_type="raw"), XML.encode()),
        (403, query, body.replace(b"Encrypt>", b"Encrypted>")),
        (400, *seal(other_key, XML, now, "1")),
        (400, *seal(ACCOUNT, "{}", now, "1")),
        (400, *seal(ACCOUNT, '<!DOCTYPE x [<!ENTITY a "b">]><xml>&a;</xml>', now, "1")),
        (400, query, b""),
        (400, query, b"\x00\xff"),
        (400, query, b'{"Encrypt": "x"}'),
        (400, query, body[:-20]),
    ]
    for status, refused_query, refused_body in refused:
        assert await post(server, session, refused_query, refused_body) == status, refused_body
    assert await post(server, session, query, body) == 200


async def test_easywechat_2008_a_plain_body_is_refused_in_safe_mode(
    server: TestServer, session: ClientSession
) -> None:
    modes: list[dict[str, Any]] = [{}, {"encrypt_type": "raw"}, {"encrypt_type": "aes"}]
    for mode in modes:
        assert await post(server, session, make_query(**mode), XML.encode()) == 403


async def test_plain_mode(
    start: StartServer,
    settings: Settings,
    session: ClientSession,
    database_url: str,
    redis_url: str,
) -> None:
    plain = make_settings(
        database_url, redis_url, settings.var, WECHAT_MP_PLAIN="1", WECHAT_MP_AES_KEY=""
    )
    server = await start(plain)
    account = PhoneAccount(ACCOUNT.app_id, ACCOUNT.token, "")
    phone = Phone(server, session)
    url = str(server.make_url("")).rstrip("/")
    reply = await send_from(url, account, phone.text(QUESTION), session=session)
    assert ANSWER in reply.text
    query = make_query() | {"signature": "0" * 40}
    assert await post(server, session, query, XML.encode()) == 403


async def test_the_limit_is_64_kib(server: TestServer, session: ClientSession) -> None:
    query = make_query(msg_signature="0")
    envelope = b"<xml><Encrypt></Encrypt></xml>"
    fits = envelope.ljust(64 * 1024)
    assert await post(server, session, query, fits) == 403, "read whole, and then not believed"
    assert await post(server, session, query, fits + b" ") == 413


async def test_the_limit_holds_without_a_content_length(
    server: TestServer, session: ClientSession
) -> None:
    sent = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(64):
            sent += 8192
            yield b"x" * 8192
            await asyncio.sleep(0.005)

    with contextlib.suppress(OSError):  # hung up on while still writing: refused just the same
        assert await post(server, session, make_query(), chunks()) == 413
    assert sent < 64 * 8192, "it was not read to the end"


@pytest.mark.parametrize(
    "body",
    [gzip.compress(b"<" * 5_000_000), gzip.compress(XML.encode()), b"not packed at all"],
    ids=["a bomb", "a message", "not packed"],
)
async def test_a_packed_body_is_refused_unread(
    server: TestServer, session: ClientSession, body: bytes
) -> None:
    """The platform never packs; whether it unpacks must not matter, nor to what length."""
    async with session.post(
        server.make_url("/wechat"),
        params=make_query(),
        data=body,
        headers={"Content-Encoding": "gzip"},
    ) as response:
        assert response.status == 400


async def test_a_body_that_does_not_come_is_not_waited_for(
    server: TestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.webhook._BODY_SECONDS", 0.2)
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(b"POST /wechat HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n<xml>")
    async with asyncio.timeout(3):
        assert b" 408 " in await reader.readline()
    writer.close()
    await writer.wait_closed()


async def test_other_methods(server: TestServer, session: ClientSession) -> None:
    for method in ("PUT", "DELETE", "HEAD", "OPTIONS"):
        async with session.request(method, server.make_url("/wechat")) as response:
            assert response.status == 405


async def test_compatible_mode(server: TestServer, session: ClientSession, phone: Phone) -> None:
    """Plain fields beside Encrypt: the reply is for the encrypted part, and encrypted."""
    now = str(int(time.time()))
    xml = f"<xml><FromUserName>{OPENID}</FromUserName><MsgType>text</MsgType></xml>"
    query, body = seal(ACCOUNT, xml, now, "1")
    body = body.replace(b"<xml>", b"<xml><MsgType>forged</MsgType>")
    async with session.post(server.make_url("/wechat"), params=query, data=body) as response:
        assert response.status == 200
        assert b"<Encrypt>" in await response.read()


async def test_any_to_user_name_is_accepted(phone: Phone) -> None:
    message = phone.text(QUESTION) | {"ToUserName": "gh_whoever"}
    reply = await phone.send(message)
    assert ANSWER in reply.text
    assert reply.fields["FromUserName"] == "gh_whoever"
    assert reply.fields["ToUserName"] == OPENID
