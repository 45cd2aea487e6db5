"""The stream of events: live, gone on with, too slow, and its end."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from sandbox.phone import conversations
from sandbox.phone.conversations import Conversations
from sandbox.phone.event_stream import send_events
from tests.integration.sandbox.support import OPENID, Hand, ScriptedService, text_reply, watch
from tests.integration.sandbox.test_stand_in import ENVIRONMENT, ROOT


async def test_what_happens_is_told_as_it_happens(hand: Hand, scripted: ScriptedService):
    scripted.answers = [text_reply("一")]
    async with watch(hand) as stream:
        number = await hand.act("text", text="x")
        ids: list[int] = []
        items: list[Any] = []
        while not items or items[-1]["side"] != "theirs":
            event = await stream.event()
            ids.append(int(event["id"]))
            items.append(json.loads(event["data"]))
    assert ids == list(range(ids[0], ids[0] + len(ids)))
    mine = [item for item in items if item["number"] == number]
    assert [item["revision"] for item in mine] == [0, 1, 2]
    assert [item["state"] for item in mine] == ["on_the_way", "on_the_way", "answered"]
    assert mine[1]["deliveries"][0]["result"] == "waiting"


@pytest.mark.parametrize("header", [True, False])
async def test_a_reader_goes_on_where_it_was(hand: Hand, header: bool):
    latest = (await hand.get("phone/setup"))["latest"]
    await hand.do("text", text="一")
    async with watch(hand, latest, header=header) as stream:
        event = await stream.event()
        item = json.loads(event["data"])
        # It is told once, as it is now.
        assert (item["text"], item["state"]) == ("一", "silent")
    await hand.do("text", text="二")
    async with watch(hand, event["id"], header=header) as stream:
        assert (await stream.item())["text"] == "二"
        await hand.do("text", text="三")
        assert (await stream.item())["text"] == "三"


async def test_items_say_where_the_events_go_on(hand: Hand):
    await hand.do("text", text="一")
    latest = (await hand.get(f"phone/items?openid={OPENID}"))["latest"]
    await hand.do("text", text="二")
    async with watch(hand, latest) as stream:
        assert (await stream.item())["text"] == "二"


@pytest.mark.parametrize("after", ["1", "99999999999999999", "-5", "x", "9" * 400])
async def test_a_number_that_is_not_of_this_process_loads_anew(hand: Hand, after: str):
    await hand.do("text", text="一")
    async with watch(hand, after) as stream:
        assert (await stream.event())["event"] == "reload"
        await hand.act("text", text="二")
        assert (await stream.item())["text"] == "二"


async def test_all_pages_are_told_what_time_it_is(hand: Hand):
    await hand.do("text", text="一")
    before = (await hand.get("phone/setup"))["latest"]
    assert (await hand.get("phone/setup"))["ahead_s"] == 0
    async with watch(hand) as stream:
        told = await hand.post("clock", {"advance_s": 3600})
        event = await stream.event()
    assert (event["event"], json.loads(event["data"])) == ("clock", told)
    assert told["ahead_s"] == 3600 and abs(told["now"] - time.time() - 3600) < 60
    setup = await hand.get("phone/setup")
    assert setup["ahead_s"] == 3600 and setup["now"] >= told["now"]
    # Whoever was away meanwhile is told too, once.
    await hand.do("text", text="二")
    async with watch(hand, before) as stream:
        assert [(await stream.event()).get("event") for _ in range(2)] == ["clock", None]
    assert (await hand.post("clock", {"ahead_s": 0}))["ahead_s"] == 0
    assert abs((await hand.get("phone/setup"))["now"] - time.time()) < 60


@pytest.mark.parametrize("data", [{"ahead_s": "1"}, {"ahead_s": 1e300}, {"advance_s": True}])
async def test_a_time_that_is_none(hand: Hand, data: Any):
    async with hand.session.post(f"{hand.url}/sandbox/clock", json=data) as response:
        assert response.status == 400
    assert (await hand.get("phone/setup"))["ahead_s"] == 0


async def test_a_reset_loads_anew(hand: Hand):
    await hand.do("text", text="一")
    before = (await hand.get("phone/setup"))["latest"]
    async with watch(hand) as stream:
        await hand.post("reset", {})
        assert (await stream.event())["event"] == "reload"
    assert await hand.items() == []
    async with watch(hand, before) as stream:
        assert (await stream.event())["event"] == "reload"


async def test_a_reader_that_does_not_read_holds_nobody_up(
    hand: Hand, monkeypatch: pytest.MonkeyPatch
):
    """It stops reading, more comes than fits in all buffers, and it is told to load anew."""
    monkeypatch.setattr(conversations, "MOST_WAITING", 20)
    host, port = hand.url.removeprefix("http://").split(":")
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(slow, (host, int(port)))
        request = f"GET /sandbox/phone/events HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n"
        await loop.sock_sendall(slow, request.encode())
        await loop.sock_recv(slow, 100)
        async with watch(hand) as quick:
            for number in range(60):
                await hand.act("raw", xml=f"{number} " + "x" * 20_000)
                while not (await quick.item())["text"].startswith(f"{number} "):
                    pass
        received = b""
        async with asyncio.timeout(20):
            while b"event: reload" not in received:
                received = received[-100:] + await loop.sock_recv(slow, 1 << 16)


async def test_a_quiet_stream_has_a_heartbeat(hand: Hand, monkeypatch: pytest.MonkeyPatch):
    defaults: Any = send_events.__defaults__
    monkeypatch.setattr(send_events, "__defaults__", (0.05, *defaults[1:]))
    async with watch(hand) as stream:
        lines = [await stream.response.content.readline() for _ in range(8)]
    assert lines.count(b": \n") >= 2


async def test_there_is_an_end_to_how_many_watch(hand: Hand, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(conversations, "MOST_LISTENERS", 1)
    async with watch(hand):
        url = f"{hand.url}/sandbox/phone/events"
        async with hand.session.get(url) as response:
            assert response.status == 503
    for _ in range(100):
        await hand.act("text", text="x")  # the one that left is noticed when it is written to
        async with hand.session.get(url) as response:
            if response.status == 200:
                return
        await asyncio.sleep(0.02)
    raise AssertionError("the place is not free again")


def fill(held: Conversations, people: int, items: int, text: str = "") -> None:
    for person in range(people):
        for _ in range(items):
            held.add(f"o{person}", "system", text=text)


def test_of_a_person_the_latest_stay():
    held = Conversations(time.time)
    fill(held, 1, conversations.ITEMS_KEPT + 10)
    items = held.list_items("o0", 10_000)
    assert len(items) == conversations.ITEMS_KEPT
    assert items[0]["number"] == 11


def test_who_was_quiet_longest_is_forgotten():
    held = Conversations(time.time)
    fill(held, 1, 1)
    first = held.list_items("o0", 1)[0]
    fill(held, conversations.PEOPLE_KEPT, 1)
    assert len(held.list_items("o0", 5)) == 2, "who comes again is not quiet"
    held.add("oLast", "system")
    held.add("oVeryLast", "system")
    assert held.list_items("o0", 5) == []
    assert held.list_items("oVeryLast", 5)
    # What is still under way for one who is forgotten does no harm.
    held.change(first, state="answered")
    assert held.list_items("o0", 5) == []


def test_large_items_are_bounded_by_their_bytes(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(conversations, "BYTES_KEPT", 10_000)
    held = Conversations(time.time)
    fill(held, 10, 1, "x" * 3000)
    kept = [person for person in range(10) if held.list_items(f"o{person}", 5)]
    assert kept == [7, 8, 9]
    fill(held, 1, 9, "x" * 3000)
    assert [item["number"] for item in held.list_items("o0", 50)] == [17, 18, 19]


async def test_an_open_stream_does_not_keep_the_process_from_stopping(tmp_path: Path):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/sandbox/phone/events"
        process = subprocess.Popen(
            [sys.executable, "-m", "sandbox", "--fd", str(listener.fileno())],
            cwd=ROOT,
            env={**ENVIRONMENT, "ZPT_VAR": str(tmp_path), "PATH": os.environ["PATH"]},
            pass_fds=[listener.fileno()],
        )
    try:
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            await response.content.readline()
            process.send_signal(signal.SIGTERM)
            # Cleanly: the body has its end.
            await asyncio.wait_for(response.content.read(), 10)
            assert await asyncio.to_thread(process.wait, 10) == 0
    finally:
        process.kill()
        process.wait()
