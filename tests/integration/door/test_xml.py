"""XML that wants to do harm, outside the envelope and rightly sealed inside."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.integration.door.client import Door
from tests.integration.door.deliveries import (
    ANSWER,
    QUESTION,
    encrypt,
    make_query,
    pack,
    pad,
    seal,
    sign_envelope,
    text_xml,
)

Send = Callable[[Door, bytes], Awaitable[int]]


async def as_the_envelope(door: Door, xml: bytes) -> int:
    """The status for XML that comes as the body itself."""
    return (await door.post(make_query(), xml)).status


async def as_the_message(door: Door, xml: bytes) -> int:
    """The status for XML that comes rightly sealed."""
    return (await door.post(*seal(xml))).status


@pytest.fixture(params=[as_the_envelope, as_the_message], ids=["envelope", "message"])
def send(request: pytest.FixtureRequest) -> Send:
    way: Send = request.param
    return way


def with_doctype(declarations: str, content: str = "&a;") -> bytes:
    return (
        f'<?xml version="1.0"?><!DOCTYPE xml [{declarations}]><xml><Encrypt>{content}</Encrypt>'
        f"<MsgType>text</MsgType><FromUserName>oDOOR-x</FromUserName>"
        f"<Content>{content}</Content></xml>"
    ).encode()


LAUGHS = '<!ENTITY l0 "ha">' + "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)
)
HARMFUL = {
    "billion laughs": with_doctype(LAUGHS, "&l9;"),
    "billion laughs in parameter entities": with_doctype(
        '<!ENTITY % p0 "ha">'
        + "".join(f'<!ENTITY % p{n} "{f"&#37;p{n - 1};" * 10}">' for n in range(1, 10))
        + "%p9;"
    ),
    "quadratic blow-up": with_doctype(f'<!ENTITY a "{"x" * 20_000}">', "&a;" * 2000),
    "entity that holds itself": with_doctype('<!ENTITY a "&b;"><!ENTITY b "&a;">'),
    "entity": with_doctype('<!ENTITY a "500">'),
    "entity that nobody uses": with_doctype('<!ENTITY a "500">', "x"),
    "doctype alone": b"<!DOCTYPE xml><xml><Encrypt>x</Encrypt></xml>",
    "doctype in small letters": b"<!doctype xml><xml><Encrypt>x</Encrypt></xml>",
    "doctype behind a control character": b"\x01<!DOCTYPE xml><xml><Encrypt>x</Encrypt></xml>",
    "doctype that never ends": b"<!DOCTYPE xml [" + b"<!ENTITY a 'x'>" * 2000,
    "attribute default": with_doctype('<!ATTLIST Content a CDATA "&b;"><!ENTITY b "x">', "x"),
    "notation and unparsed entity": with_doctype(
        '<!NOTATION n SYSTEM "n"><!ENTITY u SYSTEM "u" NDATA n>', "x"
    ),
    "unknown entity": b"<xml><Encrypt>&nbsp;</Encrypt></xml>",
    "deep": b"<xml>" + b"<a>" * 5000 + b"</a>" * 5000 + b"</xml>",
    "deep and never closed": b"<xml>" + b"<a>" * 15_000,
    "deep by one": b"<xml>" + b"<a>" * 16 + b"</a>" * 16 + b"</xml>",
    "wide": b"<xml>" + b"<a/>" * 11_000 + b"</xml>",
    "wide by one": b"<xml>" + b"<a/>" * 2000 + b"</xml>",
    "attributes without end": b"<xml " + b" ".join(b"a%d='x'" % n for n in range(4000)) + b"><",
    "one attribute twice": b"<xml a='1' a='2'><Encrypt>x</Encrypt></xml>",
    "a name without end": b"<xml><" + b"n" * 45_000,
    "a comment without end": b"<xml><!--" + b"-" * 45_000,
    "CDATA without end": b"<xml><Encrypt><![CDATA[" + b"x" * 45_000,
    "two roots": b"<xml><Encrypt>x</Encrypt></xml><xml/>",
    "text behind": b"<xml><Encrypt>x</Encrypt></xml>x",
    "text before": b"x<xml><Encrypt>x</Encrypt></xml>",
    "crossed": b"<xml><a><b></a></b></xml>",
    "no element": b"<?xml version='1.0'?>",
    "no XML": b"oDOOR- 13812345678",
    "JSON": b'{"Encrypt": "x"}',
    "HTML": b"<html><body><br><p>x</body></html>",
    "empty": b"",
    "white space": b" \r\n\t ",
    "NULs": b"\x00" * 2000,
    "NUL in a name": b"<xml><En\x00crypt x></Encrypt></xml>",
    "UTF-16 with a mark": "<xml><Encrypt>x</Encrypt></xml>".encode("utf-16"),
    "UTF-16 without": "<xml><Encrypt>x</Encrypt></xml>".encode("utf-16-be"),
    "UTF-32 with a mark": "<xml><Encrypt>x</Encrypt></xml>".encode("utf-32"),
    "UTF-7": b"+ADw-xml+AD4-+ADw-Encrypt+AD4-x+ADw-/Encrypt+AD4-+ADw-/xml+AD4-",
    "overlong markup": b"\xc0\xbcxml\xc0\xbe\xc0\xbc/xml\xc0\xbe",
    "all bytes": bytes(range(256)) * 20,
    "version 9.9": b"<?xml version='9.9' encoding=''?><xml/>",
    "undeclared prefix, unclosed": b"<a:xml xmlns:a='urn:x'><a:Encrypt>x</a:Encrypt>",
}


@pytest.mark.parametrize("xml", HARMFUL.values(), ids=list(HARMFUL))
async def test_it_is_refused(refusing: Door, send: Send, xml: bytes) -> None:
    assert await send(refusing, xml) == 400


@pytest.fixture
async def listener() -> AsyncIterator[tuple[int, list[bytes]]]:
    """A port on which somebody listens, and what was asked there."""
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            asked.append(await reader.read(1000))
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1], asked
    server.close()
    await server.wait_closed()


EXTERNAL = {
    "entity": '<!ENTITY a SYSTEM "{}">',
    "public entity": '<!ENTITY a PUBLIC "-//x//y" "{}">',
    "parameter entity": '<!ENTITY % p SYSTEM "{}"> %p;',
    "entity made by another": (
        '<!ENTITY % f SYSTEM "{}"> <!ENTITY % m "<!ENTITY a SYSTEM \'{}\'>"> %m;'
    ),
}


@pytest.mark.parametrize("declaration", EXTERNAL.values(), ids=list(EXTERNAL))
async def test_nothing_outside_is_read_or_called(
    refusing: Door,
    send: Send,
    declaration: str,
    listener: tuple[int, list[bytes]],
    tmp_path: Path,
) -> None:
    port, asked = listener
    secret = tmp_path / "secret"
    secret.write_text("13812345678")
    for address in (f"http://127.0.0.1:{port}/x", f"ftp://127.0.0.1:{port}/x", secret.as_uri()):
        assert await send(refusing, with_doctype(declaration.replace("{}", address))) == 400
        elsewhere = f'<!DOCTYPE xml SYSTEM "{address}"><xml><Encrypt>x</Encrypt></xml>'
        assert await send(refusing, elsewhere.encode()) == 400
    # An inclusion, a style sheet and a schema are read as the plain marks that they are.
    harmless = (
        f'<?xml-stylesheet href="http://127.0.0.1:{port}/s"?>'
        f'<xml xmlns:xi="http://www.w3.org/2001/XInclude" '
        f'xmlns:x="http://www.w3.org/2001/XMLSchema-instance" '
        f'x:schemaLocation="http://127.0.0.1:{port}/x.xsd">'
        f'<xi:include href="{secret.as_uri()}" parse="text"/></xml>'
    )
    # As an envelope it lacks Encrypt; as a message it is of no type, which is no failure.
    expected = 403 if send is as_the_envelope else 200
    if send is as_the_envelope:
        assert await send(refusing, harmless.encode()) == expected
    assert asked == []


async def test_cut_off_at_every_byte(refusing: Door) -> None:
    """Of the envelope, of the message inside, of the cipher text: never more than a refusal."""
    message = text_xml(QUESTION).encode()
    query, body = seal(message)
    whole = encrypt(pad(pack(message)))

    async def post_all(deliveries: list[tuple[dict[str, str], bytes]]) -> set[int]:
        statuses: set[int] = set()
        for start in range(0, len(deliveries), 50):
            some = deliveries[start : start + 50]
            answers = await asyncio.gather(*(refusing.post(*one) for one in some))
            statuses |= {answer.status for answer in answers}
        return statuses

    assert await post_all([(query, body[:end]) for end in range(len(body))]) == {400}
    assert await post_all([seal(message[:end]) for end in range(len(message))]) == {400}
    cut = [sign_envelope(whole[:end]) for end in range(1, len(whole))]
    assert await post_all(cut) == {400}


# --- bytes that are not UTF-8, and characters that XML forbids: people send them --------------


def message_of(content: bytes, declared: str = "") -> bytes:
    """A text message around bytes of one's own."""
    xml = text_xml("@@@", MsgId="1").encode()
    return declared.encode() + xml.replace(b"<![CDATA[@@@]]>", content)


Q = QUESTION.encode()
READ = {
    "GBK instead": message_of("补贴".encode("gbk")),
    "GBK, declared": message_of("补贴".encode("gbk"), '<?xml version="1.0" encoding="GBK"?>'),
    "cut in the middle of a character": message_of(Q[:-1]),
    "a lone surrogate": message_of(b"\xed\xa0\xbd"),
    "two surrogates": message_of(b"\xed\xa0\xbd\xed\xb8\x80"),
    "a reference to a surrogate": message_of(b"&#xD83D;&#xDE00;"),
    "overlong <": message_of(b"\xc0\xbcMsgType\xc0\xbeevent\xc0\xbc/MsgType\xc0\xbe"),
    "overlong NUL": message_of(b"\xc0\x80"),
    "beyond Unicode": message_of(b"\xf4\x90\x80\x80"),
    "no characters": message_of(b"\xef\xbf\xbe\xef\xbf\xbf"),
    "NUL alone": message_of(b"\x00"),
    "a reference to NUL": message_of(b"&#0;"),
    "all control characters": message_of(bytes(range(1, 32)) + b"\x7f" + Q),
    "C1 control characters": message_of("".join(map(chr, range(0x80, 0xA0))).encode() + Q),
    "terminal escapes": message_of(b"\x1b[2J\x1b]0;x\x07" + Q),
    "directions": message_of("\u202e\u2066\u200f\ufeff".encode() + Q),
    "stacked marks": message_of(("补" + "\u0301" * 3000).encode()),
    "line breaks": message_of(b"\r\n" * 3000 + Q),
}
UNDERSTOOD = {
    "declared GBK, is UTF-8": message_of(Q, '<?xml version="1.0" encoding="GBK"?>'),
    "declared UTF-16, is UTF-8": message_of(Q, '<?xml version="1.0" encoding="UTF-16"?>'),
    "declared unknown, is UTF-8": message_of(Q, '<?xml version="1.0" encoding="x-none"?>'),
    "with a mark": b"\xef\xbb\xbf" + message_of(Q),
    "NULs between": message_of(Q[:12] + b"\x00\x01\x1f" + Q[12:]),
    "in references": message_of("".join(f"&#{ord(one)};" for one in QUESTION).encode()),
    "in CDATA by halves": message_of(b"<![CDATA[" + Q[:12] + b"]]><![CDATA[" + Q[12:] + b"]]>"),
    "with a comment inside": message_of(Q[:12] + b"<!-- x -->" + Q[12:]),
    "with an instruction inside": message_of(Q[:12] + b"<?php x ?>" + Q[12:]),
    "white space round it": message_of(b" \r\n\t" + Q + b"\n "),
}


@pytest.mark.parametrize("xml", READ.values(), ids=list(READ))
async def test_odd_characters_are_answered(door: Door, xml: bytes) -> None:
    reply = await door.deliver(xml)
    assert (reply.status, reply.kind) == (200, "text")
    assert reply.text


@pytest.mark.parametrize("xml", UNDERSTOOD.values(), ids=list(UNDERSTOOD))
async def test_odd_ways_of_writing_are_understood(door: Door, xml: bytes) -> None:
    assert ANSWER in (await door.deliver(xml)).text
