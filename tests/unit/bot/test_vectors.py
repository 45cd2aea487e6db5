"""Every value here was published by somebody else: vectors.json names the source of each."""

import json
from pathlib import Path
from typing import Any

import pytest
import xmltodict
from wechatpy.client.api import WeChatJSAPI
from wechatpy.crypto import WeChatWxaCrypto
from wechatpy.utils import check_wxa_signature

from bot.wire.envelope import MessageCipher, NotFromWeChat, Query, Wire, sign
from bot.wire.xml import read_xml
from tests.unit.bot.conftest import make_account

VECTORS: dict[str, Any] = json.loads(
    Path(__file__).with_name("vectors.json").read_text(encoding="utf-8")
)


def each(kind: str) -> pytest.MarkDecorator:
    vectors = VECTORS[kind]
    names = [vector.get("id", f"{kind}-{number}") for number, vector in enumerate(vectors)]
    return pytest.mark.parametrize("vector", vectors, ids=names)


def wire_of(vector: dict[str, str]) -> Wire:
    return Wire(
        make_account(
            token=vector["token"],
            app_id=vector["appid"],
            aes_key=vector["encoding_aes_key"],
        )
    )


def query_of(vector: dict[str, str]) -> Query:
    return Query(
        vector.get("signature", ""),
        vector["timestamp"],
        vector["nonce"],
        vector.get("msg_signature", ""),
        vector.get("echostr", ""),
    )


@each("plain_signature")
def test_plain_signature(vector: dict[str, str]) -> None:
    wire = Wire(make_account(token=vector["token"]))
    now = float(vector["timestamp"])
    assert wire.verify_address(query_of(vector), now) == vector.get("echostr", "")
    with pytest.raises(NotFromWeChat):
        wire.verify_address(query_of(vector | {"nonce": vector["nonce"] + "1"}), now)


@each("decrypt")
def test_msg_signature(vector: dict[str, str]) -> None:
    given = (vector["token"], vector["timestamp"], vector["nonce"], vector["encrypt"])
    assert sign(*given) == vector["msg_signature"]


@each("decrypt")
def test_decrypt(vector: dict[str, Any]) -> None:
    message = MessageCipher(vector["appid"], vector["encoding_aes_key"]).decrypt(vector["encrypt"])
    if "msg" in vector:
        assert message.decode() == vector["msg"]
    if "msg_len" in vector:
        assert len(message) == vector["msg_len"]
    if "msg_fields" in vector:
        assert vector["msg_fields"].items() <= read_xml(message).items()
    if vector["id"] == "tencent-sample":
        assert read_xml(message)["MsgType"] == "text"


@pytest.mark.parametrize("vector_id", ["component-xml", "tencent-sample", "easywechat"])
def test_open_a_whole_delivery(vector_id: str) -> None:
    vector = next(vector for vector in VECTORS["decrypt"] if vector["id"] == vector_id)
    body = f"<xml><Encrypt><![CDATA[{vector['encrypt']}]]></Encrypt></xml>".encode()
    fields = wire_of(vector).open(query_of(vector), body, float(vector["timestamp"]))
    assert fields["FromUserName"]
    other = query_of(vector | {"msg_signature": "0" * 40})
    with pytest.raises(NotFromWeChat):
        wire_of(vector).open(other, body, float(vector["timestamp"]))


@each("encrypt")
def test_encrypt(vector: dict[str, str]) -> None:
    cipher = MessageCipher(vector["appid"], vector["encoding_aes_key"])
    encrypted = cipher.encrypt(vector["msg"].encode(), vector["random"].encode())
    assert encrypted == vector["encrypt"]
    assert cipher.decrypt(encrypted).decode() == vector["msg"]
    if "msg_signature" in vector:
        given = (vector["token"], vector["timestamp"], vector["nonce"], encrypted)
        assert sign(*given) == vector["msg_signature"]


@pytest.mark.parametrize("vector_id", ["component-xml-reply"])
def test_seal_the_published_reply(vector_id: str) -> None:
    """`seal` chooses its own nonce, so that only what does not depend on it is compared."""
    vector = next(vector for vector in VECTORS["encrypt"] if vector["id"] == vector_id)
    sealed = wire_of(vector).seal(
        vector["msg"].encode(),
        float(vector["timestamp"]),
        lambda count: vector["random"].encode().ljust(count, b"\0"),
    )
    fields = xmltodict.parse(sealed)["xml"]
    assert fields["Encrypt"] == vector["encrypt"]
    assert fields["TimeStamp"] == vector["timestamp"]


@each("jssdk_signature")
def test_jssdk_signature_of_wechatpy(vector: dict[str, str]) -> None:
    signature = WeChatJSAPI(None).get_jsapi_signature(
        vector["noncestr"], vector["jsapi_ticket"], vector["timestamp"], vector["url"]
    )
    assert signature == vector["signature"]


@each("wxa_rawdata_signature")
def test_mini_program_raw_data_of_wechatpy(vector: dict[str, str]) -> None:
    check_wxa_signature(vector["session_key"], vector["raw_data"], vector["signature"])


@each("wxa_encrypted_data")
def test_mini_program_encrypted_data_of_wechatpy(vector: dict[str, Any]) -> None:
    crypto = WeChatWxaCrypto(vector["session_key"], vector["iv"], vector["appid"])
    data = crypto.decrypt_message(vector["encrypted_data"])
    assert data["watermark"]["appid"] == vector["expect"]["watermark.appid"]
