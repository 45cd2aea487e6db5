"""What is posted to the door, right and wrong: sealed here by hand, apart from bot/wire."""

import base64
import itertools
import secrets
import struct
import time
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from sandbox.callback.messages import build_message, render_xml
from sandbox.callback.posting import PhoneAccount, sign
from tests.support import AES_KEY, APP_ID, TOKEN

ACCOUNT = PhoneAccount(app_id=APP_ID, token=TOKEN, aes_key=AES_KEY, original_id="gh_tests")
#: Has one answer, and needs no dialogue.
QUESTION = "以工代训补贴一个月多少钱"
ANSWER = "500元"
#: Fictional, and in most of the messages: none of it may ever come up in a log.
PERSONAL = ("oDOOR-", "王秀兰", "13812345678")

Query = dict[str, str]

_numbers = itertools.count(time.time_ns() // 1000)


def new_openid() -> str:
    """Somebody who has never written before."""
    return f"oDOOR-wang-{next(_numbers):018d}"


def text_xml(content: str, /, **fields: Any) -> str:
    """A text message of somebody new, as the platform writes it."""
    message = build_message("text", new_openid(), ACCOUNT.original_id, Content=content)
    return render_xml(message | fields)


def pad(content: bytes) -> bytes:
    """PKCS#7 to 32 bytes, as the platform pads."""
    missing = 32 - len(content) % 32
    return content + bytes([missing]) * missing


def pack(message: bytes, app_id: str = APP_ID) -> bytes:
    """random(16) + length + message + AppID, not padded."""
    return secrets.token_bytes(16) + struct.pack(">I", len(message)) + message + app_id.encode()


def encrypt(padded: bytes, aes_key: str = AES_KEY) -> str:
    """Any plaintext of whole blocks, in base64."""
    key = base64.b64decode(aes_key + "=")
    encryptor = Cipher(AES(key), CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()


def make_envelope(encrypted: str) -> bytes:
    return render_xml({"ToUserName": ACCOUNT.original_id, "Encrypt": encrypted}).encode()


def make_query(
    encrypted: str = "", *, at: float | None = None, nonce: str = "77", token: str = TOKEN
) -> Query:
    """The query of a delivery of `encrypted`, both signatures right, sent `at` (now)."""
    timestamp = str(int(time.time() if at is None else at))
    return {
        "signature": sign(token, timestamp, nonce),
        "timestamp": timestamp,
        "nonce": nonce,
        "openid": "oDOOR-openid-of-the-address",
        "encrypt_type": "aes",
        "msg_signature": sign(token, timestamp, nonce, encrypted),
    }


def seal(message: bytes | str, **how: Any) -> tuple[Query, bytes]:
    """Query and body of one delivery, rightly sealed and signed whatever the message is."""
    raw = message if isinstance(message, bytes) else message.encode()
    return sign_envelope(encrypt(pad(pack(raw))), **how)


def sign_envelope(encrypted: str, **how: Any) -> tuple[Query, bytes]:
    """The same around an Encrypt of one's own."""
    return make_query(encrypted, **how), make_envelope(encrypted)
