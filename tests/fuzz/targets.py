"""What must hold for any bytes whatever. Each target raises where it does not.

They are driven by coverage (guided.py), by grammars (test_targets.py) and by the corpus.
"""

import base64
import contextlib
import re
import struct
import time
from collections.abc import Callable
from typing import Any
from xml.parsers import expat

import xmltodict
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from wechatpy.crypto import WeChatCrypto

from bot.replies import MOST_TEXT_BYTES, Text, render_reply
from bot.wire.envelope import Malformed, MessageCipher, NotFromWeChat, Query, Wire
from bot.wire.inbound import KINDS, Inbound
from bot.wire.xml import XmlError, cdata, read_xml
from sandbox.callback.posting import PhoneAccount, read_reply, sign
from settings import OfficialAccount
from tests.support import AES_KEY, APP_ID, TOKEN

NOW = 1_763_800_000
_NONCE = "1514711492"
_ACCOUNT = OfficialAccount(APP_ID, "secret", TOKEN, AES_KEY, plain=False)
_PHONE = PhoneAccount(APP_ID, TOKEN, AES_KEY)
_KEY = WeChatCrypto(TOKEN, AES_KEY, APP_ID).key
_WIRE = Wire(_ACCOUNT)
_CIPHER = MessageCipher(APP_ID, AES_KEY)
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REPLY_FIELDS = {"ToUserName", "FromUserName", "CreateTime", "MsgType", "Content"}
#: No input of a few KiB takes anything like as long.
_MOST_SECONDS = 2.0


def check_xml(data: bytes) -> None:
    """Our reader against xmltodict; and whatever is read can be written and told."""
    began = time.process_time()
    try:
        fields = read_xml(data)
    except XmlError:
        fields = None
    assert time.process_time() - began < _MOST_SECONDS
    theirs = _read_with_xmltodict(data)
    if fields is None:
        assert theirs is None or _is_refused_on_purpose(data, theirs), "read by another, not by us"
        return
    if theirs is not None:
        assert fields == theirs, "another reads something else"
    for text in _texts_of(fields):
        assert not _FORBIDDEN.search(text)
        again = read_xml(f"<xml><C>{cdata(text)}</C></xml>".encode())["C"]
        assert again == _as_written(text)
    check_inbound(Inbound(fields))


def check_inbound(inbound: Inbound) -> None:
    """A message of any fields has a kind, a sender and an identity."""
    assert inbound.kind in KINDS
    assert len(inbound.name) <= 64
    assert 0 <= inbound.created < 10**12
    assert inbound.identity() == Inbound(inbound.fields).identity()
    assert isinstance(inbound.sender, str)


def check_envelope(data: bytes) -> None:
    """The first byte says how the rest comes: a body, plaintext, message, bent cipher text."""
    way, rest = data[:1], data[1:]
    match way:
        case b"b":
            _open_body(rest)
        case b"p":
            _open_plaintext(rest)
        case b"m":
            _open_message(rest)
        case b"c":
            _open_bent(rest)
        case _:
            _open_query(data)


def check_reply(data: bytes) -> None:
    """Any text, said to anybody, comes out on the phone as that text and nothing else."""
    try:
        text = data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
    half = len(text) // 4
    sender, said = text[:half], text[half:]
    rendered = render_reply(Text(said), Inbound({"FromUserName": sender, "ToUserName": "gh"}), NOW)
    fields = xmltodict.parse(rendered)["xml"]
    assert set(fields) == _REPLY_FIELDS
    assert fields["MsgType"] == "text"
    reply = read_reply(_PHONE, 200, _WIRE.seal(rendered, NOW))
    assert reply.xml.encode() == rendered
    content = reply.text.strip()
    assert len(content.encode()) <= MOST_TEXT_BYTES
    if len(said.encode("utf-8", "replace")) <= MOST_TEXT_BYTES:
        assert content == _as_written(said).strip()
    else:
        beginning = content.removesuffix("…")
        assert beginning != content
        assert _as_written(said.encode("utf-8", "replace").decode()).lstrip().startswith(beginning)


def _as_written(text: str) -> str:
    """As XML brings it over."""
    return _FORBIDDEN.sub("", text).replace("\r\n", "\n").replace("\r", "\n")


TARGETS: dict[str, Callable[[bytes], None]] = {
    "xml": check_xml,
    "envelope": check_envelope,
    "reply": check_reply,
}


def _read_with_xmltodict(data: bytes) -> Any:
    """As read_xml has it; None where xmltodict does not read it."""
    try:
        read = xmltodict.parse(data, xml_attribs=False, strip_whitespace=False)
    except (expat.ExpatError, ValueError):
        return None
    root = _normalise(next(iter(read.values())))
    return root if isinstance(root, dict) else {}


def _normalise(node: Any) -> Any:
    if isinstance(node, dict):
        children = {name: _normalise(value) for name, value in node.items() if name != "#text"}
        return children or node.get("#text") or ""
    if isinstance(node, list):
        return [_normalise(value) for value in node]
    return node or ""


def _is_refused_on_purpose(data: bytes, theirs: Any) -> bool:
    """Document types, UTF-16, depth and breadth."""
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:4]
    return b"<!DOCTYPE" in data or marked or data.count(b"<") > 500 or _depth(theirs) > 14


def _depth(node: Any) -> int:
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    step = 0 if isinstance(node, list) else 1
    return step + max(map(_depth, children), default=0)


def _texts_of(node: Any) -> list[str]:
    if isinstance(node, str):
        return [node]
    children = node.values() if isinstance(node, dict) else node
    return [text for child in children for text in _texts_of(child)]


# --- the four ways into the envelope -----------------------------------------------------------


def _open(query: Query, body: bytes) -> dict[str, Any] | None:
    """What was opened; None where it was refused in one of the two ways that there are."""
    try:
        return _WIRE.open(query, body, NOW)
    except (Malformed, NotFromWeChat):
        return None


def _open_signed(encrypted: str) -> dict[str, Any] | None:
    query = Query("", str(NOW), _NONCE, sign(TOKEN, str(NOW), _NONCE, encrypted))
    return _open(query, f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>".encode())


def _open_body(body: bytes) -> None:
    """Nobody can sign for a body that they do not know the token of."""
    assert _open(Query("0" * 40, str(NOW), _NONCE, "0" * 40), body) is None


def _open_query(data: bytes) -> None:
    parts = data.decode("utf-8", "replace").split("&", 4)
    parts += [""] * (5 - len(parts))
    query = Query(*parts)
    assert _open(query, b"<xml><Encrypt>AAAA</Encrypt></xml>") is None
    with contextlib.suppress(NotFromWeChat):
        _WIRE.verify_address(query, NOW)
        raise AssertionError("verified without the token")


def _encrypt(padded: bytes) -> bytes:
    encryptor = Cipher(AES(_KEY), CBC(_KEY[:16])).encryptor()
    return encryptor.update(padded) + encryptor.finalize()


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _open_plaintext(padded: bytes) -> None:
    """Any plaintext under the right key: opened exactly where it is packed as it must be.

    wechatpy, which looks neither at the padding nor at the length, must read the same in it.
    """
    padded += b"\x01" * (-len(padded) % 16)
    encrypted = _base64(_encrypt(padded))
    message = _unpack_strictly(padded)
    try:
        assert _CIPHER.decrypt(encrypted) == message, "opened what is not packed rightly"
    except (Malformed, NotFromWeChat):
        assert message is None, "refused what is packed rightly"
    opened = _open_signed(encrypted)
    if message is None:
        assert opened is None
        return
    assert opened == _read_or_none(message)
    # It does not read what is no UTF-8; we do, with replacement characters.
    with contextlib.suppress(UnicodeDecodeError):
        assert message == _decrypt_with_wechatpy(encrypted)


def _unpack_strictly(padded: bytes) -> bytes | None:
    """The message in 16 bytes + its length + itself + our AppID + 1 to 32 equal bytes that tell
    their number; None where `padded` is anything else."""
    if len(padded) < 20:
        return None
    end = 20 + int.from_bytes(padded[16:20], "big")
    tail = padded[end:]
    rests = [APP_ID.encode() + bytes([number]) * number for number in range(1, 33)]
    return padded[20:end] if tail in rests else None


def _read_or_none(message: bytes) -> dict[str, Any] | None:
    try:
        return read_xml(message)
    except XmlError:
        return None


def _decrypt_with_wechatpy(encrypted: str) -> bytes:
    crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
    signature = sign(TOKEN, str(NOW), _NONCE, encrypted)
    text: str = crypto.decrypt_message({"Encrypt": encrypted}, signature, str(NOW), _NONCE)
    return text.encode()


def _open_message(message: bytes) -> None:
    """Rightly sealed: the message comes out as it went in, and is read or refused as XML."""
    plain = b"r" * 16 + struct.pack(">I", len(message)) + message + APP_ID.encode()
    pad = 32 - len(plain) % 32
    encrypted = _base64(_encrypt(plain + bytes([pad]) * pad))
    assert encrypted == _CIPHER.encrypt(message, b"r" * 16)
    assert _CIPHER.decrypt(encrypted) == message
    assert _open_signed(encrypted) == _read_or_none(message)
    with contextlib.suppress(UnicodeDecodeError):
        message.decode()
        assert _decrypt_with_wechatpy(encrypted) == message


def _open_bent(changes: bytes) -> None:
    """A real message with bytes of its cipher text changed, signed anew and not."""
    raw = bytearray(_encrypt(b"r" * 16 + _pack_event()))
    for place, value in zip(changes[::2], changes[1::2], strict=False):
        raw[place % len(raw)] ^= value
    encrypted = _base64(bytes(raw))
    _open_signed(encrypted)
    original = sign(TOKEN, str(NOW), _NONCE, _base64(_encrypt(b"r" * 16 + _pack_event())))
    if any(changes[1::2]) and bytes(raw) != _encrypt(b"r" * 16 + _pack_event()):
        body = f"<xml><Encrypt>{encrypted}</Encrypt></xml>".encode()
        assert _open(Query("", str(NOW), _NONCE, original), body) is None


def _pack_event() -> bytes:
    message = b"<xml><MsgType>event</MsgType><Event>VIEW</Event></xml>"
    plain = struct.pack(">I", len(message)) + message + APP_ID.encode()
    pad = 32 - (16 + len(plain)) % 32
    return plain + bytes([pad]) * pad
