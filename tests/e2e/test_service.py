"""The whole service as real processes: web workers, worker, sandbox, PostgreSQL, Redis."""

import asyncio
import os
import signal
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import aiohttp
import asyncpg
import pytest

from assembly.outside import open_official_account
from domain.faq.routing import Router
from sandbox.callback.messages import build_message
from sandbox.callback.posting import PhoneAccount, PhoneReply, send
from scripts.embedded.postgres_server import postgres_url
from scripts.embedded.scratch import read_recorded_scratch, sockets_in
from scripts.supervisor.running_demo import find_running_demo
from settings import Need, read_settings
from tests.e2e.conftest import START_SECONDS, Place, new_place

pytestmark = [pytest.mark.e2e, pytest.mark.alone]

BURST = 200


@pytest.fixture(scope="module")
def running(package_router: Router, models_folder: Path) -> Iterator[Place]:
    """The demo, started once for the tests of this file that leave it running."""
    with new_place(models_folder) as place:
        place.wait_ready(place.start(sys.executable, "-m", "scripts", "demo"), START_SECONDS)
        yield place


def account_of(place: Place) -> PhoneAccount:
    return PhoneAccount(**place.read_demo()["wechat"])


def question(number: int, text: str, openid: str = "") -> dict[str, object]:
    return build_message(
        "text", openid or f"oE2E{number:024d}", "gh_e2e", Content=text, MsgId=7_000_000 + number
    )


async def post_all(place: Place, messages: list[dict[str, object]]) -> list[PhoneReply | None]:
    """Deliver each message once, all at the same time; None where no answer came."""
    connector = aiohttp.TCPConnector(limit=50)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def post(message: dict[str, object]) -> PhoneReply | None:
            base_url = f"http://127.0.0.1:{place.port}"
            reply = await send(
                base_url, account_of(place), message, attempts=1, patience=10, session=session
            )
            return reply if reply.status == 200 else None

        replies = await asyncio.gather(*map(post, messages), return_exceptions=True)
    return [None if isinstance(reply, BaseException) else reply for reply in replies]


async def stored_keys(place: Place) -> int:
    scratch = read_recorded_scratch(place.var)
    assert scratch is not None
    connection = await asyncpg.connect(postgres_url(sockets_in(scratch)))
    try:
        count: int = await connection.fetchval("SELECT count(*) FROM inbound_messages")
        return count
    finally:
        await connection.close()


async def wait_until_stored(place: Place, count: int) -> None:
    """The records reach PostgreSQL behind the answers; wait for them, but not for ever."""
    for _ in range(200):
        if await stored_keys(place) >= count:
            return
        await asyncio.sleep(0.05)
    assert await stored_keys(place) >= count


def test_a_person_gets_a_sourced_answer_that_is_true_today(running: Place) -> None:
    reply = running.say("企业自己培训员工要不要开发票")
    assert "发票" in reply
    assert "依据：" in reply


async def test_retries_get_the_same_reply_from_either_process(running: Place) -> None:
    message = question(1, "外地户口能领补贴吗")
    replies = await post_all(running, [message] * 40)
    assert {reply.xml for reply in replies if reply} == {replies[0].xml if replies[0] else ""}
    assert all(replies)


async def test_metrics_add_up_over_the_processes(running: Place) -> None:
    def count() -> float:
        with urllib.request.urlopen(f"http://127.0.0.1:{running.port}/metrics", timeout=5) as page:
            lines = page.read().decode().splitlines()
        return sum(
            float(line.rsplit(" ", 1)[1])
            for line in lines
            if line.startswith('zpt_bot_messages_total{outcome="policy",type="text"}')
        )

    before = await asyncio.to_thread(count)
    replies = await post_all(
        running, [question(100 + number, "以工代训补贴一个月多少钱") for number in range(60)]
    )
    assert all(replies)
    assert await asyncio.to_thread(count) - before == 60


async def test_the_phone_is_there_and_has_the_menu(running: Place) -> None:
    base_url = f"http://127.0.0.1:{running.port}"
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{base_url}/sandbox/phone/setup") as response:
            setup = await response.json()
        person = setup["people"][0]["openid"]
        tap = {"openid": person, "act": {"kind": "menu", "path": [0, 0]}}
        async with session.post(f"{base_url}/sandbox/phone/acts", json=tap) as response:
            assert response.status == 202
        for _ in range(200):
            url = f"{base_url}/sandbox/phone/items?openid={person}"
            async with session.get(url) as response:
                items = (await response.json())["items"]
            if any(item["side"] == "theirs" for item in items):
                return
            await asyncio.sleep(0.05)
    raise AssertionError(items)


async def test_the_menu_is_set_on_the_running_sandbox(running: Place) -> None:
    # The demo has put it there; taken away, it is set again.
    assert "没有要改的" in running.run("menu", "sync", "--yes").stdout
    account = find_running_demo(running.environment)
    assert account is not None
    settings = read_settings({**running.environment, **account}, Need.WECHAT)
    async with open_official_account(settings, None) as client:
        await client.delete_menu()
    first = running.run("menu", "sync", "--yes")
    assert first.stdout.splitlines()[0].endswith("用正在运行的演示里的沙箱账号。")
    assert "+" in first.stdout
    assert "菜单已更新" in first.stdout
    assert "没有要改的" in running.run("menu", "sync").stdout
    assert "补贴" in running.run("menu", "show").stdout

    # Half an account of one's own is never completed with the sandbox's.
    refused = running.run("menu", "show", WECHAT_MP_APP_ID="wx0123456789abcdef")
    assert refused.returncode == 2
    assert "WECHAT_MP_SECRET" in refused.stderr


def test_other_data_keys_than_the_demos_are_refused(running: Place) -> None:
    """The running demo could not open what they seal (docs/operations.md, On the demo)."""
    told = running.run("keys", "rotate")
    assert told.returncode == 0 and "它自己的密钥 demo1" in told.stderr
    refused = running.run("keys", "rotate", ZPT_DATA_KEYS="k2:" + "A" * 43 + "=")
    assert refused.returncode == 2 and "演示认识的密钥是 demo1" in refused.stderr
    assert "改用密钥" not in refused.stdout


async def test_readiness_answers_while_the_database_hangs(running: Place) -> None:
    base_url = f"http://127.0.0.1:{running.port}"
    # Pools that are cold fail at once; with connections at hand a driver waits for the server.
    with ThreadPoolExecutor(16) as asking:
        assert set(asking.map(running.get, ["/readyz"] * 80)) == {200}
    servers = running.postgres_processes()
    assert servers
    timeout = aiohttp.ClientTimeout(total=5)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        for pid in servers:
            os.kill(pid, signal.SIGSTOP)
        try:
            for _ in range(3):
                began = time.monotonic()
                async with session.get(f"{base_url}/readyz") as response:
                    assert response.status == 503
                    assert "database" in (await response.json())["missing"]
                assert time.monotonic() - began < 1.8
        finally:
            for pid in servers:
                os.kill(pid, signal.SIGCONT)
        for _ in range(100):
            async with session.get(f"{base_url}/readyz") as response:
                if response.status == 200:
                    return
            await asyncio.sleep(0.1)
    raise AssertionError("not ready again")


async def test_what_was_answered_survives_sigterm_in_the_middle(place: Place) -> None:
    run = place.start(sys.executable, "-m", "scripts", "demo")
    place.wait_ready(run, START_SECONDS)
    burst = [question(1000 + number, f"补贴能领几次，我是第{number}个") for number in range(BURST)]
    posting = asyncio.create_task(post_all(place, burst))
    await asyncio.sleep(0.05)
    await asyncio.to_thread(place.stop, run, signal.SIGTERM)
    answered = sum(reply is not None for reply in await posting)
    place.wait_ready(place.start(sys.executable, "-m", "scripts", "demo"), START_SECONDS)
    await wait_until_stored(place, answered)


async def test_what_was_answered_survives_kill_9_of_everything(place: Place) -> None:
    run = place.start(sys.executable, "-m", "scripts", "demo")
    place.wait_ready(run, START_SECONDS)
    burst = [question(2000 + number, f"补贴能领几次，我是第{number}个") for number in range(BURST)]
    answered = sum(reply is not None for reply in await post_all(place, burst))
    assert answered == BURST
    await asyncio.to_thread(place.kill, run)
    place.wait_ready(place.start(sys.executable, "-m", "scripts", "demo"), START_SECONDS)
    await wait_until_stored(place, BURST)
    # And the claims too: the same message again gets the same answer, recorded once.
    assert all(await post_all(place, burst[:20]))
    await asyncio.sleep(1.5)
    assert await stored_keys(place) == BURST


async def test_somebody_of_the_demo_checks_in(running: Place) -> None:
    """With the code that `zpt demo code` prints, which is that of the session's screen."""
    demo = running.read_demo()
    lesson = demo["open_session"]
    who = next(
        one for one in demo["people"] if one["bound"] and lesson["class_id"] in one["enrolled"]
    )
    printed = running.run("demo", "code", lesson["id"])
    assert printed.returncode == 0, printed.stderr
    arrival = {
        "code": printed.stdout.strip(),
        "session_id": lesson["id"],
        "latitude": lesson["latitude"],
        "longitude": lesson["longitude"],
        "accuracy_m": 30,
        "device": "e2e",
    }
    base = f"http://127.0.0.1:{running.port}/api/v1"
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{base}/login", json={"code": who["login_code_hint"]}) as answer:
            headers = {"Authorization": f"Bearer {(await answer.json())['token']}"}
        async with session.post(f"{base}/check-ins", json=arrival, headers=headers) as answer:
            assert answer.status == 201, await answer.text()
            done = await answer.json()
        async with session.get(f"{base}/me/check-ins", headers=headers) as answer:
            # The newest: the demo has let them in before.
            own = (await answer.json())["items"][0]
    assert (done["session_id"], done["flags"]) == (lesson["id"], [])
    assert (own["at"], own["class_id"]) == (done["at"], lesson["class_id"])
    assert running.run("demo", "code", "no-session").returncode == 2
