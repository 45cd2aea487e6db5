"""An account of the tests' own, and messages sealed for it by wechatpy, not by us."""

import xmltodict
from wechatpy.crypto import WeChatCrypto

from bot.wire.envelope import Query, sign
from settings import OfficialAccount

#: The moment of all these tests, seconds since 1970.
NOW = 1_763_800_000
NONCE = "1514711492"
OPENID = "oTESTS-wang-xiulan-000000001"
ORIGINAL_ID = "gh_tests"


def make_account(*, plain: bool = False, **other: str) -> OfficialAccount:
    fields = {
        "app_id": "wxsandbox0123456789",
        "secret": "secret",
        "token": "a-token-of-the-tests",
        "aes_key": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
    } | other
    return OfficialAccount(**fields, plain=plain)


ACCOUNT = make_account()


def make_query(account: OfficialAccount = ACCOUNT, timestamp: str = str(NOW), **more: str) -> Query:
    """A query whose plain signature fits."""
    return Query(sign(account.token, timestamp, NONCE), timestamp, NONCE, **more)


def seal(xml: str, account: OfficialAccount = ACCOUNT) -> tuple[Query, str]:
    """Query and Encrypt of `xml`, by wechatpy."""
    crypto = WeChatCrypto(account.token, account.aes_key, account.app_id)
    sealed = xmltodict.parse(crypto.encrypt_message(xml, NONCE, str(NOW)))["xml"]
    return make_query(account, msg_signature=sealed["MsgSignature"]), sealed["Encrypt"]


def envelope(encrypt: str, more: str = "") -> bytes:
    """The body in safe mode; with `more`, in compatible mode."""
    head = f"<ToUserName><![CDATA[{ORIGINAL_ID}]]></ToUserName>"
    return f"<xml>{head}{more}<Encrypt><![CDATA[{encrypt}]]></Encrypt></xml>".encode()
