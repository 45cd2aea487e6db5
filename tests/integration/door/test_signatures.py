"""Who may speak: each way in which a signature can be missing, wrong, or somebody else's."""

import asyncio
import time
from collections.abc import Callable

import pytest

from sandbox.callback.posting import sign
from tests.integration.door.client import Answer, Door
from tests.integration.door.deliveries import (
    ACCOUNT,
    ANSWER,
    QUESTION,
    Query,
    encrypt,
    make_envelope,
    make_query,
    pack,
    pad,
    seal,
    sign_envelope,
    text_xml,
)

Delivery = tuple[Query, bytes]
_OTHER_TOKEN = "a-token-of-somebody-else"


def without(query: Query, *names: str) -> Query:
    return {name: value for name, value in query.items() if name not in names}


def good() -> Delivery:
    return seal(text_xml(QUESTION))


def changed(**changes: str) -> Callable[[], Delivery]:
    def make() -> Delivery:
        query, body = good()
        return query | changes, body

    return make


def lacking(*names: str) -> Callable[[], Delivery]:
    def make() -> Delivery:
        query, body = good()
        return without(query, *names), body

    return make


def rewritten(change: Callable[[str], str]) -> Callable[[], Delivery]:
    """msg_signature, changed."""

    def make() -> Delivery:
        query, body = good()
        return query | {"msg_signature": change(query["msg_signature"])}, body

    return make


def plain_in_its_place() -> Delivery:
    """wechatpy#739: the signature that does not cover the body, where the other is needed."""
    query, body = good()
    return query | {"msg_signature": query["signature"]}, body


def of_another_body() -> Delivery:
    return good()[0], good()[1]


def sent_at(seconds: float) -> Callable[[], Delivery]:
    return lambda: seal(text_xml(QUESTION), at=time.time() + seconds)


def retimed() -> Delivery:
    """An old delivery with its time put forward: the signature covers the time."""
    query, body = seal(text_xml(QUESTION), at=time.time() - 700)
    return query | {"timestamp": str(int(time.time()))}, body


def not_a_time(timestamp: str) -> Callable[[], Delivery]:
    """A time that is none, rightly signed."""

    def make() -> Delivery:
        encrypted = encrypt(pad(pack(text_xml(QUESTION).encode())))
        signature = sign(ACCOUNT.token, timestamp, "77", encrypted)
        query = make_query(encrypted) | {"timestamp": timestamp, "msg_signature": signature}
        return query, make_envelope(encrypted)

    return make


def foreign_app() -> Delivery:
    return sign_envelope(encrypt(pad(pack(text_xml(QUESTION).encode(), "wxsandbox9999999999"))))


def longer_app() -> Delivery:
    return sign_envelope(encrypt(pad(pack(text_xml(QUESTION).encode(), f"{ACCOUNT.app_id}0"))))


def no_app() -> Delivery:
    return sign_envelope(encrypt(pad(pack(text_xml(QUESTION).encode(), ""))))


def plain_body(**more: str) -> Callable[[], Delivery]:
    """Rightly signed, as plain mode would have it, where encryption is required."""
    return lambda: (
        without(make_query(), "msg_signature", "encrypt_type") | more,
        text_xml(QUESTION).encode(),
    )


def another_encrypt_first() -> Delivery:
    """Two of them: only the first counts, and the signature is the second's."""
    query, body = good()
    other = encrypt(pad(pack(text_xml(QUESTION).encode())))
    return query, body.replace(b"<Encrypt>", f"<Encrypt>{other}</Encrypt><Encrypt>".encode(), 1)


REFUSED: dict[str, Callable[[], Delivery]] = {
    "without msg_signature": lacking("msg_signature"),
    "without timestamp": lacking("timestamp"),
    "without nonce": lacking("nonce"),
    "without any": lacking(*make_query()),
    "empty msg_signature": changed(msg_signature=""),
    "empty timestamp": changed(timestamp=""),
    "empty nonce": changed(nonce=""),
    "zeros": changed(msg_signature="0" * 40),
    "in capitals": rewritten(str.upper),
    "one digit short": rewritten(lambda right: right[:-1]),
    "one digit long": rewritten(lambda right: right + "0"),
    "last digit wrong": rewritten(lambda right: right[:-1] + ("0" if right[-1] != "0" else "1")),
    "white space round it": rewritten(lambda right: f" {right} "),
    "not ASCII": changed(msg_signature="é" * 20),
    "NUL": changed(msg_signature="\x00" * 40),
    "very long": changed(msg_signature="a" * 50_000),
    "signature for msg_signature": plain_in_its_place,
    "of another body": of_another_body,
    "of another token": lambda: seal(text_xml(QUESTION), token=_OTHER_TOKEN),
    "another nonce": changed(nonce="78"),
    "605 s old": sent_at(-605),
    "605 s early": sent_at(605),
    "a day old": sent_at(-86_400),
    "of 1970": lambda: seal(text_xml(QUESTION), at=0),
    "time put forward": retimed,
    "milliseconds": not_a_time(str(int(time.time() * 1000))),
    "negative time": not_a_time("-1"),
    "time with a sign": not_a_time(f"+{int(time.time()) + 60}"),
    "time with a fraction": not_a_time(f"{int(time.time()) + 60}.0"),
    "time in fullwidth digits": not_a_time(
        str(int(time.time()) + 60).translate({48 + n: 0xFF10 + n for n in range(10)})
    ),
    "time of 5000 digits": not_a_time("9" * 5000),
    "foreign AppID": foreign_app,
    "AppID with more behind it": longer_app,
    "no AppID": no_app,
    "plain body": plain_body(),
    "plain body, raw": plain_body(encrypt_type="raw"),
    "plain body, said to be aes": plain_body(encrypt_type="aes"),
    "empty Encrypt": lambda: sign_envelope(""),
    "Encrypt of white space": lambda: sign_envelope(" \n\t "),
    "another Encrypt first": another_encrypt_first,
}


@pytest.mark.parametrize("make", REFUSED.values(), ids=list(REFUSED))
async def test_who_is_not_wechat_is_refused(refusing: Door, make: Callable[[], Delivery]) -> None:
    answer = await refusing.post(*make())
    assert (answer.status, answer.body) == (403, b"")


ACCEPTED: dict[str, Callable[[], Delivery]] = {
    "as WeChat signs": good,
    "595 s old": sent_at(-595),
    "595 s early": sent_at(595),
    # Safe mode: the plain signature does not cover the body, so it is worth nothing either way.
    "without signature": lacking("signature"),
    "wrong signature": changed(signature="0" * 40),
    "without openid": lacking("openid"),
    "somebody else's openid": changed(openid="oDOOR-somebody-else"),
    # Configuration sets the mode, never the request.
    "without encrypt_type": lacking("encrypt_type"),
    "raw encrypt_type": changed(encrypt_type="raw"),
    "unknown parameters": changed(a="1", openid2="x", echostr="y"),
    "many parameters": changed(**{f"p{n}": "x" for n in range(2000)}),
}


@pytest.mark.parametrize("make", ACCEPTED.values(), ids=list(ACCEPTED))
async def test_who_is_wechat_is_answered(door: Door, make: Callable[[], Delivery]) -> None:
    assert ANSWER in (await door.post(*make())).read().text


async def test_of_a_parameter_that_comes_twice_the_first_counts(door: Door) -> None:
    query, body = good()
    for wrong in ("msg_signature", "timestamp", "nonce"):
        behind = render_with(query, body, behind=f"&{wrong}=0")
        assert [answer.status for answer in await door.ask(behind)] == [200]
        before = render_with(query, body, before=f"{wrong}=0&")
        assert [answer.status for answer in await door.ask(before)] == [403]


def render_with(query: Query, body: bytes, *, before: str = "", behind: str = "") -> bytes:
    pairs = "&".join(f"{name}={value}" for name, value in query.items())
    head = f"POST /wechat?{before}{pairs}{behind} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def test_a_replay_is_answered_from_memory_and_after_ten_minutes_not_at_all(
    door: Door,
) -> None:
    """The very same bytes three times, the last when their time is up."""
    query, body = seal(text_xml(QUESTION), at=time.time() - 594)
    first = (await door.post(query, body)).read()
    before = await door.look()
    again = (await door.post(query, body)).read()
    assert ANSWER in first.text
    assert again.xml == first.xml
    assert await door.look() == before, "handled once, recorded once"
    await asyncio.sleep(max(0.0, int(query["timestamp"]) + 601.5 - time.time()))
    assert (await door.post(query, body)).status == 403


async def test_two_hundred_replays_at_once_are_one_message(door: Door) -> None:
    query, body = good()
    before = await door.look()
    answers = await asyncio.gather(*(door.post(query, body) for _ in range(200)))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.read().xml for answer in answers}) == 1
    assert (await door.look())[1] == before[1] + 1


# --- the GET that proves the address --------------------------------------------------------


def verification(**changes: str) -> Query:
    query = without(make_query(), "msg_signature", "encrypt_type", "openid")
    return query | {"echostr": "4375120948345356249"} | changes


@pytest.mark.parametrize("missing", ["signature", "timestamp", "nonce"])
async def test_a_verification_without_one_of_its_parts(refusing: Door, missing: str) -> None:
    assert (await refusing.get(without(verification(), missing))).status == 403
    assert (await refusing.get(verification(**{missing: ""}))).status == 403


@pytest.mark.parametrize("seconds", [-605, 605])
async def test_a_verification_out_of_time(refusing: Door, seconds: int) -> None:
    old = make_query(at=time.time() + seconds)
    assert (await refusing.get(old | {"echostr": "1"})).status == 403


async def test_msg_signature_does_not_stand_for_signature(refusing: Door) -> None:
    query = verification()
    query["msg_signature"] = query.pop("signature")
    assert (await refusing.get(query)).status == 403


ECHOES = {
    "number": b"4375120948345356249",
    "nothing": b"",
    "markup": b"%3Cscript%3Ealert(1)%3C%2Fscript%3E",
    "bytes that are no UTF-8": b"%FF%FE%80",
    "a lone surrogate": b"%ED%A0%80",
    "NUL and line breaks": b"%00%0D%0ASet-Cookie%3A%20a=b",
    "200,000 characters": b"1" * 200_000,
}


@pytest.mark.parametrize("echostr", ECHOES.values(), ids=list(ECHOES))
async def test_any_echostr_comes_back_as_text_and_never_fails(door: Door, echostr: bytes) -> None:
    query = "&".join(f"{name}={value}" for name, value in verification(echostr="").items())
    target = query.encode() + echostr
    request = b"GET /wechat?" + target + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    (answer,) = await door.ask(request)
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in answer.headers
    if b"%" not in echostr:
        assert answer.body == echostr


async def test_bytes_in_the_address_are_refused_before_the_door(refusing: Door) -> None:
    for raw in (b"\xff\xfe", b"\xed\xa0\x80", "补".encode(), b"\x00", b"\x01"):
        request = b"GET /wechat?echostr=" + raw + b" HTTP/1.1\r\nHost: x\r\n\r\n"
        answer: Answer = (await refusing.ask(request))[0]
        assert answer.status in (400, 403), raw
