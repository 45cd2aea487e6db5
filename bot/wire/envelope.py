"""The envelope: who signed it, what is in it, and how the answer goes back.

The one seam where WeChat's cryptography is done. It gives byte for byte what wechatpy gives (the
tests compare them over the published vectors and over random messages) in a fifth of the time,
and closes what wechatpy leaves open: comparisons in constant time, every byte of the padding
checked, one error for whatever a wrong key brings about. See docs/decisions.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from bot.wire.xml import XmlError, read_xml, scalar
from settings import OfficialAccount

#: A request older or newer than this is not answered (interfaces.md).
CLOCK_TOLERANCE_SECONDS = 600
#: WeChat pads to 32 bytes, not to the cipher's block of 16.
_PAD_TO = 32
_RANDOM_BYTES = 16


class NotFromWeChat(Exception):  # noqa: N818 (says what is so)
    """The signature, the time or the AppID is not WeChat's, or encryption is missing: 403."""


class Malformed(Exception):  # noqa: N818
    """Rightly signed or not, this cannot be read: 400."""


def sign(*parts: str) -> str:
    """WeChat's signature: SHA-1 over the sorted parts, as 40 hexadecimal digits."""
    joined = "".join(sorted(parts)).encode("utf-8", "replace")
    return hashlib.sha1(joined, usedforsecurity=False).hexdigest()


def _same(expected: str, given: str) -> bool:
    """Compares in constant time; whatever stands in an address is allowed as `given`."""
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))


class MessageCipher:
    """Encrypts and decrypts for one AppID. `aes_key` is the 43-character EncodingAESKey."""

    def __init__(self, app_id: str, aes_key: str) -> None:
        self._app_id = app_id.encode()
        key = base64.b64decode(aes_key + "=")
        self._cipher = Cipher(AES(key), CBC(key[:16]))

    def decrypt(self, encrypted: str) -> bytes:
        """The message inside. Raises Malformed, and NotFromWeChat for another AppID."""
        try:
            # Some write base64 in lines; they are signed like the rest.
            cipher_text = base64.b64decode("".join(encrypted.split()), validate=True)
            decryptor = self._cipher.decryptor()
            padded = decryptor.update(cipher_text) + decryptor.finalize()
        except (binascii.Error, ValueError):
            raise Malformed("not base64, or not whole blocks") from None
        message, app_id = _unpack(padded)
        if not hmac.compare_digest(app_id, self._app_id):
            raise NotFromWeChat("for another AppID")
        return message

    def encrypt(self, message: bytes, random: bytes) -> str:
        """`message` in base64; `random` is 16 bytes that come first."""
        plain = random + struct.pack(">I", len(message)) + message + self._app_id
        pad = _PAD_TO - len(plain) % _PAD_TO
        encryptor = self._cipher.encryptor()
        cipher_text = encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()
        return base64.b64encode(cipher_text).decode()


def _unpack(padded: bytes) -> tuple[bytes, bytes]:
    """Message and AppID out of random(16) + length(4) + message + AppID + padding."""
    pad = padded[-1] if padded else 0
    if not 1 <= pad <= _PAD_TO or padded[-pad:] != bytes([pad]) * pad:
        raise Malformed("wrong padding: probably another key")
    content = padded[:-pad]
    start = _RANDOM_BYTES + 4
    if len(content) < start:
        raise Malformed("too short: probably another key")
    (length,) = struct.unpack(">I", content[_RANDOM_BYTES:start])
    if length > len(content) - start:
        raise Malformed("wrong length: probably another key")
    return content[start : start + length], content[start + length :]


@dataclass(frozen=True, slots=True)
class Query:
    """What stands in the address of a callback; a missing parameter is ""."""

    signature: str
    timestamp: str
    nonce: str
    msg_signature: str = ""
    echostr: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Query":
        return cls(
            query.get("signature", ""),
            query.get("timestamp", ""),
            query.get("nonce", ""),
            query.get("msg_signature", ""),
            query.get("echostr", ""),
        )


class Wire:
    """Opens what WeChat posts and seals what goes back, in the mode that the settings state.

    The mode is never chosen by the request (EasyWeChat#2008): where encryption is required, a
    plain body is refused whatever else it carries.
    """

    def __init__(self, account: OfficialAccount) -> None:
        self._token = account.token
        self._plain = account.plain
        self._cipher = None if account.plain else MessageCipher(account.app_id, account.aes_key)

    def verify_address(self, query: Query, now: float) -> str:
        """The echostr to answer the GET with: as it came, for it is never encrypted (#2983)."""
        self._check_time(query, now)
        self._check_signature(query)
        return query.echostr

    def open(self, query: Query, body: bytes, now: float) -> dict[str, Any]:
        """The fields of the message. Raises NotFromWeChat or Malformed."""
        self._check_time(query, now)
        if self._cipher is None:
            self._check_signature(query)
            return _fields(body)
        envelope = _fields(body)
        # White space around the value is part of neither the value nor the signature (WxJava#1634).
        encrypted = scalar(envelope, "Encrypt")
        if not encrypted:
            raise NotFromWeChat("a plain body where encryption is required")
        # `signature` arrives too, but does not cover the body: only this one counts.
        expected = sign(self._token, query.timestamp, query.nonce, encrypted)
        if not _same(expected, query.msg_signature):
            raise NotFromWeChat("msg_signature does not fit")
        return _fields(self._cipher.decrypt(encrypted))

    def seal(
        self, reply: bytes, now: float, random: Callable[[int], bytes] = secrets.token_bytes
    ) -> bytes:
        """The body that answers: the encrypted envelope, or `reply` itself in plain mode."""
        if self._cipher is None:
            return reply
        noise = random(_RANDOM_BYTES + 8)
        encrypted = self._cipher.encrypt(reply, noise[:_RANDOM_BYTES])
        timestamp, nonce = str(int(now)), str(int.from_bytes(noise[_RANDOM_BYTES:]) % 10**10)
        signature = sign(self._token, timestamp, nonce, encrypted)
        return (
            f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt>"
            f"<MsgSignature><![CDATA[{signature}]]></MsgSignature>"
            f"<TimeStamp>{timestamp}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
        ).encode()

    def _check_signature(self, query: Query) -> None:
        expected = sign(self._token, query.timestamp, query.nonce)
        if not _same(expected, query.signature):
            raise NotFromWeChat("signature does not fit")

    def _check_time(self, query: Query, now: float) -> None:
        text = query.timestamp
        if not (text.isascii() and text.isdigit() and len(text) <= 12):
            raise NotFromWeChat("no timestamp")
        if abs(int(text) - now) > CLOCK_TOLERANCE_SECONDS:
            raise NotFromWeChat("sent too long ago, or the clocks disagree")


def _fields(body: bytes) -> dict[str, Any]:
    try:
        return read_xml(body)
    except XmlError as error:
        raise Malformed(str(error)) from None
