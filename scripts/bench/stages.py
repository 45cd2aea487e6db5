"""Microseconds for each step of one message, each beside what wechatpy or jieba alone needs."""

import itertools
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from wechatpy import create_reply, parse_message
from wechatpy.crypto import WeChatCrypto

from bot.replies import Text, render_reply
from bot.wire.envelope import Query, Wire, sign
from bot.wire.inbound import Inbound
from bot.wire.xml import read_xml, scalar
from content.loader import PACKAGE_CONTENT, load_content
from domain.calendar import local_now
from domain.faq.routing import Router
from domain.faq.routing.training import ModelStore
from domain.vault import Vault
from scripts.bench.messages import list_questions
from settings import DataKey, OfficialAccount

Row = tuple[str, float, float | None]


def measure(work: Callable[[], Any], times: int = 2000) -> float:
    """Median microseconds of one call, over 5 rounds."""
    rounds = []
    for _ in range(5):
        began = time.perf_counter()
        for _ in range(times):
            work()
        rounds.append((time.perf_counter() - began) / times * 1e6)
    return median(rounds)


def measure_stages(account: OfficialAccount, models: ModelStore) -> list[Row]:
    """(step, ours, wechatpy's or None) for one question of ordinary length."""
    wire = Wire(account)
    crypto = WeChatCrypto(account.token, account.aes_key, account.app_id)
    now = time.time()
    plain = (
        "<xml><ToUserName><![CDATA[gh_bench]]></ToUserName>"
        "<FromUserName><![CDATA[oBENCH0000000000000000000001]]></FromUserName>"
        f"<CreateTime>{int(now)}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        "<Content><![CDATA[外地户口在这边上班能不能领培训补贴]]></Content><MsgId>1</MsgId></xml>"
    ).encode()
    envelope = wire.seal(plain, now)
    fields = read_xml(envelope)
    timestamp, nonce = scalar(fields, "TimeStamp"), scalar(fields, "Nonce")
    signature = scalar(fields, "MsgSignature")
    assert signature == sign(account.token, timestamp, nonce, scalar(fields, "Encrypt"))
    query = Query("", timestamp, nonce, signature)
    inbound = Inbound(read_xml(plain))
    parsed = parse_message(plain)
    router = Router(load_content(PACKAGE_CONTENT), models=models)
    questions = itertools.cycle(list(itertools.islice(list_questions(router.content), 4000)))
    today = local_now().date()
    answer = router.route("外地户口能领补贴吗", today).answer
    vault = Vault([DataKey("k1", bytes(32))])
    text = envelope.decode()
    return [
        (
            "check, decrypt, parse",
            measure(lambda: wire.open(query, envelope, now)),
            measure(
                lambda: parse_message(crypto.decrypt_message(text, signature, timestamp, nonce))
            ),
        ),
        ("route (distinct questions)", measure(lambda: router.route(next(questions), today)), None),
        (
            "render the reply",
            measure(lambda: render_reply(Text(answer), inbound, now)),
            measure(lambda: create_reply(answer, parsed).render()),
        ),
        (
            "encrypt the reply",
            measure(lambda: wire.seal(plain * 3, now)),
            measure(lambda: crypto.encrypt_message((plain * 3).decode(), nonce, timestamp)),
        ),
        ("blind index", measure(lambda: vault.index(inbound.sender, "person")), None),
        ("seal a text", measure(lambda: vault.seal(plain, b"place", bytes(16))), None),
    ]
