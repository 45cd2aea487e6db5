"""The envelope against wechatpy, and what wechatpy leaves open (docs/wechat.md)."""

import base64
import contextlib
import struct
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import PrpCrypto, WeChatCrypto

from bot.wire.envelope import Malformed, MessageCipher, NotFromWeChat, Query, Wire, sign
from bot.wire.xml import read_xml
from tests.unit.bot.conftest import ACCOUNT, NONCE, NOW, envelope, make_account, make_query, seal

KEY = base64.b64decode(ACCOUNT.aes_key + "=")
MESSAGE = "<xml><MsgType>text</MsgType><Content>你好</Content></xml>"


def encrypt_raw(padded: bytes) -> str:
    """Any plaintext under the right key, padding and all."""
    encryptor = Cipher(AES(KEY), CBC(KEY[:16])).encryptor()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()


def open_signed(encrypt: str) -> dict[str, Any]:
    signature = sign(ACCOUNT.token, str(NOW), NONCE, encrypt)
    return Wire(ACCOUNT).open(make_query(msg_signature=signature), envelope(encrypt), NOW)


def plaintext(message: bytes, app_id: bytes = ACCOUNT.app_id.encode()) -> bytes:
    return b"r" * 16 + struct.pack(">I", len(message)) + message + app_id


# --- the same as wechatpy, both ways --------------------------------------------------------


@given(st.text(st.characters(codec="utf-8"), max_size=300), st.binary(min_size=16, max_size=16))
def test_wechatpy_reads_what_we_encrypt(message: str, random: bytes) -> None:
    encrypted = MessageCipher(ACCOUNT.app_id, ACCOUNT.aes_key).encrypt(message.encode(), random)
    assert PrpCrypto(KEY).decrypt(encrypted, ACCOUNT.app_id) == message


@given(st.text(st.characters(codec="utf-8"), max_size=300))
def test_we_read_what_wechatpy_encrypts(message: str) -> None:
    encrypted = PrpCrypto(KEY).encrypt(message, ACCOUNT.app_id).decode()
    cipher = MessageCipher(ACCOUNT.app_id, ACCOUNT.aes_key)
    assert cipher.decrypt(encrypted) == message.encode()


@given(st.text(st.characters(min_codepoint=32, codec="utf-8"), max_size=200))
def test_wechatpy_accepts_the_sealed_reply(text: str) -> None:
    reply = f"<xml>{text}</xml>".encode()
    fields = read_xml(Wire(ACCOUNT).seal(reply, NOW))
    crypto = WeChatCrypto(ACCOUNT.token, ACCOUNT.aes_key, ACCOUNT.app_id)
    xml = crypto.decrypt_message(
        fields, fields["MsgSignature"], fields["TimeStamp"], fields["Nonce"]
    )
    assert xml.encode() == reply
    assert fields["TimeStamp"] == str(NOW)


def test_two_seals_of_one_reply_differ() -> None:
    wire = Wire(ACCOUNT)
    assert wire.seal(b"<xml/>", NOW) != wire.seal(b"<xml/>", NOW)


# --- who may speak -----------------------------------------------------------------------


def test_a_delivery_as_wechat_makes_it() -> None:
    query, encrypt = seal(MESSAGE)
    assert Wire(ACCOUNT).open(query, envelope(encrypt), NOW)["Content"] == "你好"


def test_wechatpy_739_the_plain_signature_does_not_stand_for_msg_signature() -> None:
    query, encrypt = seal(MESSAGE)
    swapped = Query(query.signature, query.timestamp, query.nonce, msg_signature=query.signature)
    for wrong in (swapped, make_query()):
        with pytest.raises(NotFromWeChat):
            Wire(ACCOUNT).open(wrong, envelope(encrypt), NOW)


def test_a_right_plain_signature_does_not_authorise_another_body() -> None:
    query, _ = seal(MESSAGE)
    _, other = seal("<xml><MsgType>text</MsgType><Content>另一句</Content></xml>")
    with pytest.raises(NotFromWeChat):
        Wire(ACCOUNT).open(query, envelope(other), NOW)


def test_another_app_id_is_refused_although_the_key_fits() -> None:
    foreign = make_account(app_id="wxsandbox9999999999")
    query, encrypt = seal(MESSAGE, foreign)
    with pytest.raises(NotFromWeChat, match="AppID"):
        Wire(ACCOUNT).open(query, envelope(encrypt), NOW)


@pytest.mark.parametrize("shift", [-601, 601, 86_400, -86_400])
def test_outside_ten_minutes(shift: int) -> None:
    query, encrypt = seal(MESSAGE)
    with pytest.raises(NotFromWeChat):
        Wire(ACCOUNT).open(query, envelope(encrypt), NOW + shift)
    with pytest.raises(NotFromWeChat):
        Wire(ACCOUNT).verify_address(make_query(echostr="1"), NOW + shift)


@pytest.mark.parametrize("shift", [-600, 0, 600])
def test_within_ten_minutes(shift: int) -> None:
    query, encrypt = seal(MESSAGE)
    assert Wire(ACCOUNT).open(query, envelope(encrypt), NOW + shift)


@pytest.mark.parametrize(
    "timestamp", ["", "-1763800000", "1763800000.0", "١٧٦٣٨٠٠٠٠٠", "9" * 13, "1e9", "\ud800"]
)
def test_what_is_no_timestamp(timestamp: str) -> None:
    with pytest.raises(NotFromWeChat):
        Wire(ACCOUNT).verify_address(make_query(timestamp=timestamp), NOW)


def test_node_wechat_243_milliseconds_are_no_timestamp() -> None:
    with pytest.raises(NotFromWeChat):
        Wire(ACCOUNT).verify_address(make_query(timestamp=str(NOW * 1000)), NOW)
    fields = read_xml(Wire(ACCOUNT).seal(b"<xml/>", NOW + 0.75))
    assert fields["TimeStamp"] == str(NOW)


@pytest.mark.parametrize("signature", ["", "é" * 40, "\ud800", "A" * 40, "0" * 39])
def test_any_characters_as_a_signature(signature: str) -> None:
    query = Query(signature, str(NOW), NONCE, signature)
    with pytest.raises(NotFromWeChat):
        Wire(ACCOUNT).verify_address(query, NOW)
    with pytest.raises(NotFromWeChat):
        Wire(ACCOUNT).open(query, envelope("AAAA"), NOW)


def test_easywechat_2983_echostr_goes_back_as_it_came_in_safe_mode_too() -> None:
    _, encrypted = seal("4375120948345356249")
    for echostr in ("4375120948345356249", encrypted, "<b>", "你好", ""):
        assert Wire(ACCOUNT).verify_address(make_query(echostr=echostr), NOW) == echostr


# --- modes -------------------------------------------------------------------------------


def test_easywechat_2008_the_request_does_not_choose_the_mode() -> None:
    with pytest.raises(NotFromWeChat, match="plain body"):
        Wire(ACCOUNT).open(make_query(), MESSAGE.encode(), NOW)


def test_plain_mode_by_configuration() -> None:
    account = make_account(plain=True, aes_key="")
    wire = Wire(account)
    assert wire.open(make_query(account), MESSAGE.encode(), NOW)["Content"] == "你好"
    assert wire.seal(b"<xml/>", NOW) == b"<xml/>"
    with pytest.raises(NotFromWeChat):
        wire.open(Query("0" * 40, str(NOW), NONCE), MESSAGE.encode(), NOW)


def test_compatible_mode_believes_the_encrypted_part_alone() -> None:
    query, encrypt = seal(MESSAGE)
    forged = "<MsgType>text</MsgType><Content>不是我写的</Content><FromUserName>x</FromUserName>"
    fields = Wire(ACCOUNT).open(query, envelope(encrypt, forged), NOW)
    assert fields == {"MsgType": "text", "Content": "你好"}


def test_wxjava_1634_white_space_around_encrypt() -> None:
    query, encrypt = seal(MESSAGE)
    body = f"<xml>\n <Encrypt>\n  {encrypt}\t\n</Encrypt>\n</xml>".encode()
    assert Wire(ACCOUNT).open(query, body, NOW)["Content"] == "你好"


def test_encrypt_twice_the_signed_one_counts() -> None:
    query, encrypt = seal(MESSAGE)
    _, other = seal("<xml><Content>另一句</Content></xml>")
    body = envelope(encrypt, f"<Encrypt>{other}</Encrypt>")
    with pytest.raises(NotFromWeChat):
        Wire(ACCOUNT).open(query, body, NOW)


# --- what cannot be read (wechatpy: struct.error, IndexError, ValueError) -------------------


def test_silenceper_13_wechatpy_struct_error_another_key() -> None:
    """All four ways in which garbage can fail end as Malformed; no key gets through."""
    message = PrpCrypto(KEY).encrypt(MESSAGE, ACCOUNT.app_id).decode()
    for number in range(300):
        other = base64.b64encode(bytes([number % 256, number // 256]) * 16).decode()[:43]
        with pytest.raises((Malformed, NotFromWeChat)):
            MessageCipher(ACCOUNT.app_id, other).decrypt(message)


@pytest.mark.parametrize(
    "encrypt", ["A", "AAAA", "====", "AA==", "%%%%", "你好", base64.b64encode(b"x" * 15).decode()]
)
def test_no_base64_or_no_whole_blocks(encrypt: str) -> None:
    with pytest.raises(Malformed):
        open_signed(encrypt)


@pytest.mark.parametrize(
    "padded",
    [
        b"\x20" * 32,
        plaintext(b"").ljust(63, b"p") + b"\x00",
        plaintext(b"").ljust(63, b"p") + b"\x21",
        plaintext(b"").ljust(63, b"p") + b"\x02",
        plaintext(b"").ljust(62, b"p") + b"\x03\x02",
        (b"r" * 16 + b"\xff\xff\xff\xff").ljust(31, b"x") + b"\x01",
        b"r" * 10 + b"\x06" * 6,
        b"r" * 15 + b"\x01",
    ],
    ids=["all pad", "0", "33", "2 but p", "2 after 3", "length too long", "short", "shortest"],
)
def test_wxjava_909_padding_and_length_are_checked(padded: bytes) -> None:
    with pytest.raises(Malformed):
        open_signed(encrypt_raw(padded))


@pytest.mark.parametrize("pad", range(1, 33))
def test_every_padding_of_32_is_read(pad: int) -> None:
    """Pads of 17 to 32 occur; an unpadder for blocks of 16 fails on them."""
    plain = plaintext(b"")
    plain = plaintext(b"m" * ((32 - pad - len(plain)) % 32))
    padded = plain + bytes([pad]) * pad
    message = MessageCipher(ACCOUNT.app_id, ACCOUNT.aes_key).decrypt(encrypt_raw(padded))
    assert message.strip(b"m") == b""


@pytest.mark.parametrize("message", [b"", b"{}", b"<xml>", b"\xff\xfe", b"<a/><b/>", b"plain"])
def test_rightly_sealed_but_no_xml(message: bytes) -> None:
    with pytest.raises(Malformed):
        open_signed(MessageCipher(ACCOUNT.app_id, ACCOUNT.aes_key).encrypt(message, b"r" * 16))


@given(st.binary(max_size=300))
def test_any_body_is_refused_in_good_order(body: bytes) -> None:
    with pytest.raises((Malformed, NotFromWeChat)):
        Wire(ACCOUNT).open(make_query(msg_signature="0" * 40), body, NOW)


@given(st.binary(max_size=200))
def test_any_plaintext_under_the_right_key(padded: bytes) -> None:
    padded = padded.ljust(-(-len(padded) // 16) * 16, b"\x01")
    with contextlib.suppress(Malformed, NotFromWeChat):
        open_signed(encrypt_raw(padded))
