"""The cryptography of the envelope: rightly signed, and wrong inside."""

import asyncio
import base64
import secrets
import struct
from collections.abc import Callable

import pytest

from tests.integration.door.client import Door
from tests.integration.door.deliveries import (
    ACCOUNT,
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

APP_ID = ACCOUNT.app_id.encode()


def with_length(length: int) -> bytes:
    """A message that states a length of its own."""
    message = text_xml(QUESTION).encode()
    return pad(secrets.token_bytes(16) + struct.pack(">I", length) + message + APP_ID)


def with_padding(padding: bytes) -> Callable[[], bytes]:
    """A message whose length leaves room for just this padding."""

    def make() -> bytes:
        message = text_xml(QUESTION).encode()
        message += b" " * ((-len(pack(message)) - len(padding)) % 32)
        return pack(message) + padding

    return make


GARBAGE: dict[str, Callable[[], bytes]] = {
    "random block": lambda: secrets.token_bytes(16),
    "random 4 KiB": lambda: secrets.token_bytes(4096),
    "zeros": lambda: bytes(64),
    "padding alone": lambda: b"\x20" * 32,
    "no room for a length": lambda: b"x" * 10 + b"\x06" * 6,
    "padding 0": with_padding(b"\x20" * 31 + b"\x00"),
    "padding 33": with_padding(b"\x21" * 32),
    "padding 255": with_padding(b"\xff" * 32),
    "padding of mixed bytes": with_padding(b"x" * 30 + b"\x20\x20"),
    "length one too long": lambda: with_length(len(text_xml(QUESTION).encode()) + 4096),
    "length of 4 GiB": lambda: with_length(0xFFFFFFFF),
    "length of 2 GiB": lambda: with_length(0x80000000),
    "an empty message": lambda: pad(pack(b"")),
}


@pytest.mark.parametrize("make", GARBAGE.values(), ids=list(GARBAGE))
async def test_garbage_under_the_right_key(refusing: Door, make: Callable[[], bytes]) -> None:
    assert (await refusing.post(*sign_envelope(encrypt(make())))).status == 400


@pytest.mark.parametrize("length", [0, 1, 100])
async def test_a_length_too_short_makes_the_rest_a_foreign_app_id(
    refusing: Door, length: int
) -> None:
    assert (await refusing.post(*sign_envelope(encrypt(with_length(length))))).status == 403


async def test_keys_of_others(refusing: Door) -> None:
    """Rightly signed, sealed with another key: whatever comes out is refused, 200 times."""

    async def try_key() -> int:
        key = base64.b64encode(secrets.token_bytes(32)).decode()[:43]
        encrypted = encrypt(pad(pack(text_xml(QUESTION).encode())), key)
        return (await refusing.post(*sign_envelope(encrypted))).status

    assert set(await asyncio.gather(*(try_key() for _ in range(200)))) <= {400, 403}


async def test_every_bit_of_the_cipher_text(refusing: Door) -> None:
    """CBC can be bent; here each bent text is rightly signed, as no attacker could."""
    message = b"<xml><MsgType>event</MsgType><Event>VIEW</Event></xml>"
    raw = base64.b64decode(encrypt(pad(pack(message))))

    async def bend(bit: int) -> int:
        bent = bytearray(raw)
        bent[bit // 8] ^= 1 << bit % 8
        encrypted = base64.b64encode(bytes(bent)).decode()
        # The signature of the message as it was does not fit; that is what protects it.
        query, body = sign_envelope(encrypted)
        unsigned = query | {"msg_signature": make_query(encrypt(raw))["msg_signature"]}
        assert (await refusing.post(unsigned, body)).status == 403
        return (await refusing.post(query, body)).status

    statuses: set[int] = set()
    for start in range(16 * 8, len(raw) * 8, 100):
        bits = range(start, min(start + 100, len(raw) * 8), 7)
        statuses |= set(await asyncio.gather(*(bend(bit) for bit in bits)))
    assert statuses <= {200, 400, 403}


ODD_BASE64 = {
    "no base64": "%%%%",
    "Chinese": "补贴" * 20,
    "one letter": "A",
    "one byte": "AA==",
    "padding alone": "====",
    "half a block": base64.b64encode(b"x" * 24).decode(),
    "address alphabet": base64.urlsafe_b64encode(b"\xff\xfe" * 48).decode(),
    "markup": "&lt;x&gt;",
}


@pytest.mark.parametrize("encrypted", ODD_BASE64.values(), ids=list(ODD_BASE64))
async def test_what_is_no_cipher_text(refusing: Door, encrypted: str) -> None:
    query, body = sign_envelope(encrypted)
    assert (await refusing.post(query, body)).status in (400, 403)


async def test_white_space_round_encrypt_is_none_of_it(door: Door) -> None:
    encrypted = encrypt(pad(pack(text_xml(QUESTION).encode())))
    body = f"<xml>\r\n\t<Encrypt>\n   {encrypted}\r\n </Encrypt>\n</xml>\n".encode()
    assert ANSWER in (await door.post(make_query(encrypted), body)).read().text


async def test_base64_with_line_breaks(door: Door) -> None:
    """As some libraries write it; the platform signs what it sent, line breaks and all."""
    encrypted = encrypt(pad(pack(text_xml(QUESTION).encode())))
    folded = "\n".join(encrypted[at : at + 64] for at in range(0, len(encrypted), 64))
    answer = await door.post(*sign_envelope(folded))
    assert ANSWER in answer.read().text


async def test_an_envelope_of_other_fields_and_order(door: Door) -> None:
    encrypted = encrypt(pad(pack(text_xml(QUESTION).encode())))
    for body in (
        f"<xml><Encrypt>{encrypted}</Encrypt></xml>",
        f"<root><Encrypt>{encrypted}</Encrypt><ToUserName/></root>",
        f"<xml><AgentID>1</AgentID><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>",
        f"<xml a='1'><Encrypt b='2'>{encrypted[:9]}<!-- -->{encrypted[9:]}</Encrypt></xml>",
    ):
        assert ANSWER in (await door.post(make_query(encrypted), body.encode())).read().text


async def test_compatible_mode_believes_the_sealed_part_alone(door: Door) -> None:
    query, body = seal(text_xml(QUESTION))
    forged = (
        b"<xml><MsgType>event</MsgType><Event>unsubscribe</Event><FromUserName>x</FromUserName>"
    )
    answer = await door.post(query, body.replace(b"<xml>", forged, 1))
    assert ANSWER in answer.read().text


async def test_two_answers_to_one_message_are_sealed_anew(door: Door) -> None:
    """The same inside; outside another random, time or nonce, or keystrokes could be compared."""
    query, body = seal(text_xml(QUESTION))
    first, second = await door.post(query, body), await door.post(query, body)
    assert first.body != second.body
    assert first.read().xml == second.read().xml
