"""Distinct, signed and encrypted questions, as HTTP requests ready to be sent."""

import itertools
import time
from collections.abc import Iterator

from bot.wire.envelope import MessageCipher, sign
from content.schema import Content
from settings import OfficialAccount

_OPENINGS = ("", "请问", "你好 ", "麻烦问下，", "我想知道", "俺问一下 ", "老师，", "那个")
_ENDINGS = ("", "？", "啊", "呢", "，谢谢", " 急", "。", "呀", "，等着用", "，在线等")


def list_questions(content: Content) -> Iterator[str]:
    """Ever different questions in people's words, over all entries and services."""
    phrasings = [phrasing for entry in content.entries for phrasing in entry.phrasings]
    phrasings += [phrasing for service in content.services for phrasing in service.phrasings]
    # Neighbours are about different things, as in life.
    for opening, ending in itertools.product(_OPENINGS, _ENDINGS):
        for phrasing in phrasings:
            yield f"{opening}{phrasing}{ending}"


def make_requests(
    account: OfficialAccount, questions: Iterator[str], count: int, run: int
) -> list[bytes]:
    """`count` POSTs in safe mode from as many senders; `run` keeps the MsgIds of runs apart."""
    cipher = MessageCipher(account.app_id, account.aes_key)
    now = str(int(time.time()))
    return [
        _make_request(account, cipher, question, now, run * 10_000_000 + number)
        for number, question in enumerate(itertools.islice(questions, count))
    ]


def _make_request(
    account: OfficialAccount, cipher: MessageCipher, question: str, now: str, number: int
) -> bytes:
    message = (
        "<xml><ToUserName><![CDATA[gh_bench]]></ToUserName>"
        f"<FromUserName><![CDATA[oBENCH{number:022d}]]></FromUserName>"
        f"<CreateTime>{now}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content><![CDATA[{question}]]></Content><MsgId>{number}</MsgId></xml>"
    )
    encrypted = cipher.encrypt(message.encode(), number.to_bytes(16))
    nonce = str(number)
    signature = sign(account.token, now, nonce, encrypted)
    body = (
        "<xml><ToUserName><![CDATA[gh_bench]]></ToUserName>"
        f"<Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    )
    return (
        f"POST /wechat?signature={sign(account.token, now, nonce)}&timestamp={now}&nonce={nonce}"
        f"&openid=oBENCH{number:022d}&encrypt_type=aes&msg_signature={signature} HTTP/1.1\r\n"
        "Host: 127.0.0.1\r\nContent-Type: text/xml\r\nUser-Agent: Mozilla/4.0\r\n"
        f"Accept: */*\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()
