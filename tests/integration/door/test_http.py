"""HTTP that is not as one would write it. Each answer is one, and the next request gets its own."""

import asyncio
import contextlib
import gzip
import os
import zlib

import pytest

from tests.integration.door.client import MOST_SECONDS, Answer, Door, read_answer, render_post
from tests.integration.door.deliveries import ANSWER, QUESTION, seal, text_xml

KIB_64 = 64 * 1024
CLOSE = b"Connection: close\r\n"


@pytest.mark.parametrize(
    "method", ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE", "PROPFIND", "post", "X"]
)
async def test_other_methods(refusing: Door, method: str) -> None:
    request = f"{method} /wechat HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
    (answer,) = await refusing.ask(request, head=method == "HEAD")
    assert answer.status in (400, 405)
    if answer.status == 405:
        assert answer.headers["allow"] == "GET,POST"


@pytest.mark.parametrize("path", ["/wechat/", "/WeChat", "/wechat/x", "//wechat", "/%2e/wechat%00"])
async def test_other_paths(refusing: Door, path: str) -> None:
    query, body = seal(text_xml(QUESTION))
    request = render_post(query, body, Connection="close").replace(b"/wechat", path.encode(), 1)
    assert (await refusing.ask(request))[0].status in (400, 404)


async def test_http_1_0(door: Door) -> None:
    query, body = seal(text_xml(QUESTION))
    request = render_post(query, body).replace(b"HTTP/1.1", b"HTTP/1.0", 1)
    assert ANSWER in (await door.ask(request))[0].read().text
    without_host = request.replace(b"Host: x\r\n", b"")
    assert ANSWER in (await door.ask(without_host))[0].read().text


@pytest.mark.parametrize("version", [b"HTTP/9.9", b"HTTP/1", b"HTP/1.1", b""])
async def test_versions_that_there_are_not(refusing: Door, version: bytes) -> None:
    query, body = seal(text_xml(QUESTION))
    request = render_post(query, body).replace(b"HTTP/1.1", version, 1)
    assert (await refusing.ask(request))[0].status == 400


async def test_the_form_of_the_body_is_not_asked_for(door: Door) -> None:
    for kind in (
        "text/plain",
        "application/json",
        "multipart/form-data",
        "",
        "text/xml; charset=gbk",
    ):
        query, body = seal(text_xml(QUESTION))
        answer = await door.post(query, body, Content_Type=kind)
        assert ANSWER in answer.read().text, kind


async def test_twenty_requests_in_one_packet_are_answered_in_order(door: Door) -> None:
    wrong = render_post({"timestamp": "1"}, b"<xml/>")
    request = b"".join(
        render_post(*seal(text_xml(QUESTION))) if number % 2 else wrong for number in range(20)
    )
    answers = await door.ask(request, answers=20)
    assert [answer.status for answer in answers] == [403, 200] * 10
    assert all(ANSWER in answer.read().text for answer in answers[1::2])


async def test_thousands_of_requests_whose_answers_nobody_reads(door: Door) -> None:
    """What is written ahead waits in the network, and ends with the connection."""
    request = b"GET /wechat HTTP/1.1\r\nHost: x\r\n\r\n" * 2000
    async with door.connect() as (_, writer):
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2):
                for _ in range(20):
                    writer.write(request)
                    await writer.drain()
        await door.answers()


@pytest.mark.parametrize("expect", ["100-continue", "100-Continue"])
async def test_who_asks_first_may_send(door: Door, expect: str) -> None:
    query, body = seal(text_xml(QUESTION))
    async with asyncio.timeout(MOST_SECONDS), door.connect() as (reader, writer):
        whole = render_post(query, body, Expect=expect, Connection="close")
        writer.write(whole[: -len(body)])
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(body)
        assert ANSWER in (await read_answer(reader)).read().text


async def test_another_expectation_is_not_met(refusing: Door) -> None:
    query, body = seal(text_xml(QUESTION))
    answer = await refusing.post(query, body, Expect="the-moon")
    assert answer.status == 417
    assert "server" not in answer.headers


def head(*lines: bytes) -> bytes:
    return b"POST /wechat?timestamp=1 HTTP/1.1\r\nHost: x\r\n" + b"".join(
        line + b"\r\n" for line in lines
    )


UNREADABLE = {
    "two lengths": head(b"Content-Length: 3", b"Content-Length: 4") + b"\r\nabcd",
    "length and chunks": head(b"Content-Length: 3", b"Transfer-Encoding: chunked")
    + b"\r\n0\r\n\r\n",
    "negative length": head(b"Content-Length: -1") + b"\r\n",
    "length with a sign": head(b"Content-Length: +3") + b"\r\nabc",
    "length in hexadecimal": head(b"Content-Length: 0x3") + b"\r\nabc",
    "length of words": head(b"Content-Length: three") + b"\r\nabc",
    "length of 5000 digits": head(b"Content-Length: " + b"9" * 5000) + b"\r\nabc",
    "empty length": head(b"Content-Length:") + b"\r\nabc",
    "other transfer encoding": head(b"Transfer-Encoding: gzip, x") + b"\r\nabc",
    "packed chunks": head(b"Transfer-Encoding: gzip, chunked") + b"\r\n0\r\n\r\n",
    "white space before the colon": head(b"Content-Length : 3") + b"\r\nabc",
    "a folded header": head(b"X-A: 1\r\n 2") + b"\r\n",
    "a header without a name": head(b": 1") + b"\r\n",
    "NUL in a header": head(b"X-A: \x00") + b"\r\n",
    "bare line breaks": b"POST /wechat HTTP/1.1\nHost: x\nContent-Length: 3\n\nabc",
    "no request at all": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\r\n\r\n",
    "a thousand headers": head(*(b"X-%d: a" % n for n in range(1000))) + b"\r\n",
    "a header of 100,000 bytes": head(b"X-A: " + b"a" * 100_000) + b"\r\n",
    "an address of 300,000 bytes": b"POST /wechat?a=" + b"a" * 300_000 + b" HTTP/1.1\r\n\r\n",
}


@pytest.mark.parametrize("request_bytes", UNREADABLE.values(), ids=list(UNREADABLE))
async def test_a_request_that_is_none(refusing: Door, request_bytes: bytes) -> None:
    """Refused or hung up on, and never a 5xx: what was meant is not guessed."""
    answer = (await refusing.ask(request_bytes))[0]
    assert answer.status in (0, 400, 411, 413, 414, 431)
    assert "server" not in answer.headers


CHUNKS = {
    "length of words": b"zz\r\nabc\r\n0\r\n\r\n",
    "negative length": b"-1\r\nabc\r\n0\r\n\r\n",
    "length of 100 digits": b"f" * 100 + b"\r\nabc\r\n",
    "data longer than it says": b"2\r\nabcd\r\n0\r\n\r\n",
    "no line break behind the data": b"3\r\nabcXX0\r\n\r\n",
    "an extension without end": b"3;" + b"a" * 100_000 + b"\r\nabc\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("chunks", CHUNKS.values(), ids=list(CHUNKS))
async def test_chunks_that_are_none(refusing: Door, chunks: bytes) -> None:
    request = head(b"Transfer-Encoding: chunked", b"Connection: close") + b"\r\n" + chunks
    assert (await refusing.ask(request))[0].status in (0, 400, 403, 413)


async def test_chunks_that_go_wrong_after_a_while(refusing: Door) -> None:
    """The door is reading already when the parser gives up: it waits as long as for any body."""

    async def send(chunks: bytes) -> int:
        async with asyncio.timeout(MOST_SECONDS), refusing.connect() as (reader, writer):
            writer.write(head(b"Transfer-Encoding: chunked", b"Connection: close") + b"\r\n")
            writer.write(b"5\r\n<xml>\r\n")
            await asyncio.sleep(0.1)
            with contextlib.suppress(ConnectionError):
                writer.write(chunks)
                await writer.drain()
            return (await read_answer(reader)).status

    statuses = await asyncio.gather(*(send(chunks) for chunks in CHUNKS.values()))
    assert set(statuses) <= {0, 400, 403, 408, 413}


# --- how much ------------------------------------------------------------------------------


def chunked(body: bytes, size: int = 8000) -> bytes:
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(one), one) for one in pieces) + b"0\r\n\r\n"


def render_chunked(query: dict[str, str], body: bytes) -> bytes:
    whole = render_post(query, body, Connection="close")
    length = f"Content-Length: {len(body)}".encode()
    return whole[: -len(body)].replace(length, b"Transfer-Encoding: chunked", 1) + chunked(body)


async def test_64_kib_are_read_and_answered(door: Door) -> None:
    query, body = seal(text_xml(QUESTION))
    body = body.ljust(KIB_64)
    assert ANSWER in (await door.post(query, body)).read().text
    assert ANSWER in (await door.ask(render_chunked(query, body)))[0].read().text


@pytest.mark.parametrize("more", [1, 2, 100_000, 5_000_000])
async def test_one_byte_more_is_refused(refusing: Door, more: int) -> None:
    query, body = seal(text_xml(QUESTION))
    body = body.ljust(KIB_64 + more)
    assert (await refusing.post(query, body)).status == 413
    (answer,) = await refusing.ask(render_chunked(query, body))
    # Hung up on in the middle of writing, the other side may not get to read why.
    assert answer.status in ((413,) if more < 3 else (0, 413))


async def test_a_length_beyond_the_limit_is_refused_before_the_body_comes(refusing: Door) -> None:
    for length in (KIB_64 + 1, 10**9, 2**63):
        request = head(b"Content-Length: %d" % length, CLOSE.strip()) + b"\r\n"
        assert (await refusing.ask(request))[0].status in (400, 413)


async def test_a_length_too_long_is_not_waited_for_when_the_other_side_hangs_up(
    refusing: Door,
) -> None:
    query, body = seal(text_xml(QUESTION))
    for missing in (1, 10, 300):
        request = render_post(query, body, Content_Length=str(len(body) + missing))
        async with refusing.connect() as (_, writer):
            writer.write(request)
            await writer.drain()
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.3)


async def test_a_length_too_short_cuts_the_message_and_what_follows_is_no_request(
    refusing: Door,
) -> None:
    query, body = seal(text_xml(QUESTION))
    answers = await refusing.ask(
        render_post(query, body, Content_Length=str(len(body) - 20)), answers=2
    )
    assert [answer.status for answer in answers] == [400, 0]


async def test_a_body_hidden_in_a_body_is_not_a_request(refusing: Door) -> None:
    """Smuggling: what stands in the body stays in the body."""
    inner = render_post(*seal(text_xml(QUESTION)))
    answers: list[Answer] = await refusing.ask(
        render_post({"timestamp": "1"}, inner, Connection="close"), answers=2
    )
    assert [answer.status for answer in answers] == [403, 0]


@pytest.mark.parametrize("packing", ["gzip", "deflate", "br", "zstd", "identity, gzip", "x"])
async def test_packed_bodies(refusing: Door, packing: str) -> None:
    query, body = seal(text_xml(QUESTION))
    answer = await refusing.post(query, body, Content_Encoding=packing)
    assert answer.status in (400, 415)


@pytest.mark.parametrize("first", ["identity", "gzip"])
@pytest.mark.parametrize("second", ["gzip", "deflate", "br"])
@pytest.mark.parametrize("content", ["garbage", "packed"])
async def test_packings_that_are_told_twice(
    refusing: Door, first: str, second: str, content: str
) -> None:
    """Whichever of them a parser believes, nothing is unpacked and nothing fails."""
    query, body = seal(text_xml(QUESTION))
    if content == "garbage":
        body = b"\xff" + os.urandom(600)
    elif second == "gzip":
        body = gzip.compress(body)
    elif second == "deflate":
        body = zlib.compress(body)
    request = render_post(query, body, Connection="close")
    told = f"Content-Encoding: {first}\r\nContent-Encoding: {second}\r\n".encode()
    request = request.replace(b"\r\n", b"\r\n" + told, 1)
    assert (await refusing.ask(request))[0].status in (400, 403, 415)
