"""The phone against a service of wechatpy's own, and against the published vectors."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import check_signature

from clients.wechat import open_official_account
from sandbox.callback import posting
from sandbox.callback.messages import (
    EXAMPLES,
    build_event,
    build_example,
    build_message,
    render_xml,
)
from sandbox.callback.posting import PhoneAccount, PhoneError, read_reply, send, sign
from tests.contract.support import OFFICIAL, StandIn, run_stand_in

ACCOUNT = PhoneAccount(OFFICIAL.app_id, OFFICIAL.token, OFFICIAL.aes_key, "gh_test")
OPENID = "oSandboxPerson00000000000001"


@dataclass
class Service:
    """Decrypts with wechatpy, keeps what it read, and answers what it is told."""

    url: str = ""
    read: list[ElementTree.Element] = field(default_factory=list)
    answer: str = "success"
    delays: list[float] = field(default_factory=list)
    plain: bool = False

    async def handle(self, request: web.Request) -> web.Response:
        query, body = request.query, await request.text()
        check_signature(ACCOUNT.token, query["signature"], query["timestamp"], query["nonce"])
        crypto = WeChatCrypto(ACCOUNT.token, ACCOUNT.aes_key, ACCOUNT.app_id)
        if not self.plain:
            signature = query["msg_signature"]
            body = crypto.decrypt_message(body, signature, query["timestamp"], query["nonce"])
        self.read.append(ElementTree.fromstring(body))
        await asyncio.sleep(self.delays.pop(0) if self.delays else 0)
        if self.answer == "success" or self.plain:
            return web.Response(text=self.answer)
        return web.Response(text=crypto.encrypt_message(self.answer, query["nonce"]))


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    service = Service()
    application = web.Application()
    application.router.add_post("/wechat", service.handle)
    server = TestServer(application)
    await server.start_server(access_log=None)
    service.url = str(server.make_url(""))
    try:
        yield service
    finally:
        await server.close()


@pytest.fixture
async def stand_in(tmp_path: Path) -> AsyncIterator[StandIn]:
    async with run_stand_in(tmp_path) as running:
        yield running


REPLY = render_xml(
    {
        "ToUserName": OPENID,
        "FromUserName": "gh_test",
        "CreateTime": 1,
        "MsgType": "text",
        "Content": "每人每月500元",
    }
)


async def test_a_text_goes_out_sealed_and_the_reply_is_read(service: Service):
    service.answer = REPLY
    message = build_message("text", OPENID, "gh_test", Content="以工代训补多少钱？<&]]>")
    reply = await send(service.url, ACCOUNT, message)
    assert (reply.status, reply.kind, reply.text) == (200, "text", "每人每月500元")
    assert reply.attempts == 1
    read = service.read[0]
    assert read.findtext("Content") == "以工代训补多少钱？<&]]>"
    assert read.findtext("FromUserName") == OPENID
    assert int(read.findtext("MsgId") or 0) > 10**15


@pytest.mark.parametrize("name", sorted(EXAMPLES))
async def test_every_message_and_event_can_be_sent(service: Service, name: str):
    reply = await send(service.url, ACCOUNT, build_example(name, OPENID, "gh_test"))
    assert reply.kind == "silence"
    read = service.read[0]
    kind, fields = EXAMPLES[name]
    assert (read.findtext("MsgType") == "event") == (kind == "event")
    assert (read.find("MsgId") is None) == (kind == "event")
    for field_name in fields:
        assert read.find(field_name) is not None


def test_lists_repeat_the_tag_as_the_platform_nests_it():
    event = build_example("subscribe_msg_sent_event", OPENID, "gh_test")
    event["SubscribeMsgSentEvent"]["List"].append({"TemplateId": "T2"})
    tree = ElementTree.fromstring(render_xml(event))
    found = [one.text for one in tree.findall("SubscribeMsgSentEvent/List/TemplateId")]
    assert found == ["VRR0UEO9VJOLs0MHlU0OilqX6MVFDwH3_3gz3Oc0NIc", "T2"]


async def test_a_late_answer_is_asked_for_again_with_the_same_message(service: Service):
    service.answer = REPLY
    service.delays = [0.5, 0.5, 0]
    message = build_message("text", OPENID, "gh_test", Content="x")
    reply = await send(service.url, ACCOUNT, message, patience=0.2)
    assert (reply.kind, reply.attempts) == ("text", 3)
    assert len({read.findtext("MsgId") for read in service.read}) == 1
    service.delays = [0.5, 0.5, 0.5]
    assert (await send(service.url, ACCOUNT, message, patience=0.2)).kind == "fault"


async def test_plain_mode_goes_plain(service: Service):
    service.plain, service.answer = True, REPLY
    account = PhoneAccount(ACCOUNT.app_id, ACCOUNT.token, "")
    message = build_message("text", OPENID, "gh_test", Content="x")
    assert (await send(service.url, account, message)).text == "每人每月500元"


async def test_a_plain_or_wrongly_signed_reply_is_refused(service: Service):
    with pytest.raises(PhoneError):
        read_reply(ACCOUNT, 200, REPLY.encode())
    foreign = WeChatCrypto("another-token", ACCOUNT.aes_key, ACCOUNT.app_id)
    with pytest.raises(PhoneError):
        read_reply(ACCOUNT, 200, foreign.encrypt_message(REPLY, "1").encode())
    assert read_reply(ACCOUNT, 403, b"").kind == "fault"


async def test_a_message_opens_the_window_and_an_unsubscribe_shuts_it(
    service: Service, stand_in: StandIn
):
    message = build_message("text", OPENID, "gh_test", Content="x")
    await send(service.url, ACCOUNT, message, platform_url=stand_in.url)
    async with open_official_account(OFFICIAL, stand_in.url, None) as client:
        await client.send_text(OPENID, "稍后的回答")
        assert (await stand_in.sent(OPENID))[0]["content"]["text"]["content"] == "稍后的回答"
        event = build_event("unsubscribe", OPENID, "gh_test")
        await send(service.url, ACCOUNT, event, platform_url=stand_in.url)
        with pytest.raises(Exception, match="45015"):
            await client.send_text(OPENID, "x")


async def test_say_speaks_as_a_person_of_the_demo(
    service: Service, stand_in: StandIn, tmp_path: Path
):
    service.answer = REPLY
    wechat = {
        "app_id": ACCOUNT.app_id,
        "token": ACCOUNT.token,
        "aes_key": ACCOUNT.aes_key,
        "original_id": "gh_demo",
    }
    demo = {
        "base_url": service.url,
        "sandbox_url": stand_in.url,
        "wechat": wechat,
        "people": [{"openid": OPENID}],
    }
    demo_file = tmp_path / "demo.json"
    demo_file.write_text(json.dumps(demo))
    reply = await asyncio.to_thread(posting.say, "补贴多少", demo_file)
    assert reply.text == "每人每月500元"
    assert service.read[0].findtext("ToUserName") == "gh_demo"
    assert service.read[0].findtext("FromUserName") == OPENID
    reply = await asyncio.to_thread(posting.say, "x", demo_file, "oSomeoneElse")
    assert service.read[1].findtext("FromUserName") == "oSomeoneElse"


def test_the_signature_is_the_published_one():
    # The platform's own example of GET verification.
    made = sign("AAAAA", "1714036504", "1514711492")
    assert made == "f464b24fc39322e44b38aa78f5edd27bd1441696"
