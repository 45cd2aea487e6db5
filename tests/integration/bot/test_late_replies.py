"""What takes longer than WeChat waits: promised at once, sent behind (law 6)."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from redis.asyncio import Redis

from bot.taps import word_routing
from clients.wechat.client import AsyncWeChatClient
from domain.calendar import local_now
from domain.faq.routing.router import Router
from domain.messaging import actions
from domain.vault import Vault
from jobs.context import JobTools
from models.messages import LateReply
from sandbox.platform.inputs import PLATFORM
from sandbox.platform.memory import Platform
from sandbox.server import create_application
from settings import Settings
from tests.integration.bot.conftest import ACCOUNT, OPENID, QUESTION, UNCLEAR, Phone
from tests.integration.bot.database import fetch, locked, wait_for_rows
from tests.working import run_due_jobs

SEND = "/cgi-bin/message/custom/send"


class Worker:
    """The real queue with its real tasks, against the platform's stand-in."""

    def __init__(self, url: str, database_url: str, vault: Vault, redis: Redis) -> None:
        self.url = url
        self._database_url = database_url
        self._vault = vault
        self._redis = redis

    async def run(self, ahead: timedelta = timedelta()) -> None:
        """Run every job that is due and for which somebody waits, with a clock put forward."""
        client = AsyncWeChatClient(
            ACCOUNT.app_id, "a-secret-of-the-tests", api_base=self.url, redis=self._redis
        )
        tools = JobTools(self._vault, client, lambda: local_now() + ahead)
        async with client:
            await run_due_jobs(self._database_url, tools)

    async def hurry(self) -> None:
        """Let what waits for its next attempt be due now."""
        await fetch(self._database_url, "UPDATE procrastinate_jobs SET scheduled_at = now()")


@pytest.fixture
async def stand_in(settings: Settings) -> AsyncIterator[TestServer]:
    server = TestServer(create_application(settings))
    await server.start_server(access_log=None)
    yield server
    await server.close()


@pytest.fixture
def platform(stand_in: TestServer) -> Platform:
    return stand_in.app[PLATFORM]


@pytest.fixture
def worker(stand_in: TestServer, database_url: str, vault: Vault, redis: Redis) -> Worker:
    return Worker(str(stand_in.make_url("")).rstrip("/"), database_url, vault, redis)


async def be_late(phone: Phone, database_url: str, **options: Any) -> tuple[Any, Any]:
    """A question whose answer is kept up in PostgreSQL: the message and what came back."""
    await phone.say(QUESTION)
    message = phone.text(UNCLEAR)
    async with locked(database_url, "dialogues"):
        reply = await phone.send(message, **options)
    return message, reply


def said(platform: Platform) -> list[str]:
    return [sent["content"]["text"]["content"] for sent in platform.sent]


async def test_werobot_486_a_slow_answer_is_promised_and_then_sent(
    impatient: None,
    phone: Phone,
    worker: Worker,
    platform: Platform,
    router: Router,
    database_url: str,
    vault: Vault,
) -> None:
    message, reply = await be_late(phone, database_url, platform_url=worker.url)
    assert reply.text == router.content.texts["bot.later"].strip()
    (row,) = await wait_for_rows(database_url, "SELECT *, xmin FROM late_replies")
    (job,) = await fetch(database_url, "SELECT *, xmin FROM procrastinate_jobs")
    assert job["xmin"] == row["xmin"], "one transaction"
    assert job["args"] == f'{{"late_reply_id": {row["id"]}}}', "ids only"
    assert (row["status"], row["opened_by"]) == ("waiting", "message")
    openid = vault.open(row["openid_sealed"], actions.LATE_OPENID_PLACE, row["message_key"])
    assert openid.decode() == OPENID
    assert (await phone.send(message)).xml == reply.xml, "a retry gets the same promise"
    await worker.run()
    await worker.run()
    (text,) = said(platform)
    assert text == word_routing(router.route(UNCLEAR, local_now().date()), router.content.texts)
    (row,) = await fetch(database_url, "SELECT * FROM late_replies")
    assert row["status"] == "sent"
    todo = "SELECT * FROM procrastinate_jobs WHERE queue_name = 'default' AND status = 'todo'"
    assert await fetch(database_url, todo) == []
    # The options were offered late, and still can be picked.
    assert (await phone.say("1")).text != text


async def test_a_late_silence_stays_silence(
    impatient: None, phone: Phone, database_url: str, redis: Redis
) -> None:
    await phone.say(QUESTION)
    async with locked(database_url, "followers"):
        assert (await phone.event("unsubscribe")).xml == "success"
    await asyncio.sleep(0.2)
    assert await fetch(database_url, "SELECT * FROM late_replies") == []


async def test_so_does_a_code_that_is_scanned_from_the_menu(
    impatient: None, phone: Phone, database_url: str
) -> None:
    await phone.say(QUESTION)
    scanned = {"ScanType": "qrcode", "ScanResult": f"zpt:{uuid4()}:482913"}
    async with locked(database_url, "dialogues"):
        reply = await phone.event("scancode_waitmsg", EventKey="k", ScanCodeInfo=scanned)
    assert reply.kind == "text"
    (row,) = await wait_for_rows(database_url, "SELECT * FROM late_replies")
    assert row["opened_by"] == "touch"


async def test_a_click_opens_a_shorter_channel(
    impatient: None, phone: Phone, worker: Worker, platform: Platform, database_url: str
) -> None:
    await phone.say(QUESTION)
    async with locked(database_url, "followers"):
        reply = await phone.event("subscribe", EventKey="")
    assert reply.kind == "text"
    (row,) = await wait_for_rows(database_url, "SELECT * FROM late_replies")
    assert row["opened_by"] == "touch"
    await worker.run(ahead=timedelta(seconds=61))
    assert said(platform) == []
    (row,) = await fetch(database_url, "SELECT * FROM late_replies")
    assert (row["status"], row["reason"]) == ("dropped", "channel_closed")


@pytest.mark.parametrize(
    ("errcode", "reason"),
    [
        (45047, "wechat_customer_service_count"),
        (45015, "wechat_customer_service_window"),
        (40003, "wechat_invalid_openid"),
        (48001, "wechat_api_unauthorised"),
    ],
)
async def test_a_refusal_drops_it_with_the_reason(
    impatient: None,
    phone: Phone,
    worker: Worker,
    platform: Platform,
    database_url: str,
    errcode: int,
    reason: str,
) -> None:
    await be_late(phone, database_url, platform_url=worker.url)
    await wait_for_rows(database_url, "SELECT * FROM late_replies")
    platform.faults.add({"endpoint": SEND, "times": 1, "errcode": errcode})
    await worker.run()
    await worker.hurry()
    await worker.run()
    (row,) = await fetch(database_url, "SELECT * FROM late_replies")
    assert (row["status"], row["reason"]) == ("dropped", reason)
    assert row["settled_at"] is not None
    assert platform.calls[SEND] == 1, "not tried again"


async def test_busy_is_tried_again_and_sent_once(
    impatient: None, phone: Phone, worker: Worker, platform: Platform, database_url: str
) -> None:
    await be_late(phone, database_url, platform_url=worker.url)
    await wait_for_rows(database_url, "SELECT * FROM late_replies")
    platform.faults.add({"endpoint": SEND, "times": 100, "errcode": -1})
    await worker.run()
    (row,) = await fetch(database_url, "SELECT * FROM late_replies")
    assert row["status"] == "sending"
    (job,) = await fetch(
        database_url, "SELECT * FROM procrastinate_jobs WHERE queue_name = 'default'"
    )
    assert (job["status"], job["attempts"]) == ("todo", 1)
    assert job["scheduled_at"] > local_now()
    platform.faults.waiting.clear()
    await worker.hurry()
    await worker.run()
    await worker.hurry()
    await worker.run()
    assert len(said(platform)) == 1
    (row,) = await fetch(database_url, "SELECT * FROM late_replies")
    assert row["status"] == "sent"


async def test_one_whose_job_gave_up_is_closed(
    impatient: None, phone: Phone, worker: Worker, platform: Platform, database_url: str
) -> None:
    await be_late(phone, database_url, platform_url=worker.url)
    await wait_for_rows(database_url, "SELECT * FROM late_replies")
    assert await actions.give_up_late_replies(local_now()) == 0, "its job waits"
    platform.faults.add({"endpoint": SEND, "times": 100, "errcode": -1})
    jobs: list[Any] = []
    while not jobs:
        assert await actions.give_up_late_replies(local_now()) == 0, "it will be tried again"
        await worker.hurry()
        await worker.run()
        jobs = await fetch(database_url, "SELECT * FROM procrastinate_jobs WHERE status='failed'")
    assert jobs[0]["attempts"] == 7
    assert await actions.give_up_late_replies(local_now()) == 1
    (row,) = await fetch(database_url, "SELECT * FROM late_replies")
    assert (row["status"], row["reason"]) == ("dropped", "gave_up")
    assert row["settled_at"] is not None
    assert await actions.give_up_late_replies(local_now()) == 0, "and counted once"


async def test_who_leaves_meanwhile_is_not_written_to(
    impatient: None, phone: Phone, worker: Worker, platform: Platform, database_url: str
) -> None:
    await be_late(phone, database_url, platform_url=worker.url)
    await wait_for_rows(database_url, "SELECT * FROM late_replies")
    assert (await phone.event("unsubscribe")).xml == "success"
    await worker.run()
    assert said(platform) == []
    assert await fetch(database_url, "SELECT * FROM late_replies") == []


async def test_one_late_answer_for_one_message(database: str, vault: Vault) -> None:
    now = local_now()
    for text in ("一", "二"):
        await actions.queue_late_reply(
            vault,
            message_key=b"k" * 16,
            sender=b"p" * 16,
            openid=OPENID,
            text=text,
            opened_by="message",
            opened_at=now,
        )
    assert await LateReply.all().count() == 1
    assert len(await fetch(database, "SELECT * FROM procrastinate_jobs")) == 1


async def test_a_late_text_is_no_longer_than_the_channel_takes(
    impatient: None,
    phone: Phone,
    worker: Worker,
    platform: Platform,
    router: Router,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(router.content.texts, "bot.welcome", "字" * 1500)
    async with locked(database_url, "followers"):
        await phone.event("subscribe", EventKey="")
    await wait_for_rows(database_url, "SELECT * FROM late_replies")
    platform.people.meet(OPENID)
    platform.windows.open(ACCOUNT.app_id, OPENID, "subscribe")
    await worker.run()
    (text,) = said(platform)
    assert len(text.encode()) <= 2048


async def test_the_door_answers_within_five_seconds_whatever_hangs(
    phone: Phone, session: ClientSession, database_url: str
) -> None:
    """With the real deadline: PostgreSQL hangs, and the person still reads something."""
    loop = asyncio.get_running_loop()
    await phone.say(QUESTION)
    async with locked(database_url, "dialogues"):
        began = loop.time()
        reply = await phone.say(UNCLEAR)
        assert loop.time() - began < 4.8
    assert reply.kind == "text"
