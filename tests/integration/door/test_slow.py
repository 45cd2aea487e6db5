"""Those who are slow on purpose, and many of them: everybody else is answered meanwhile."""

import asyncio
import contextlib
import resource
import time
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from observing.metrics import Metrics
from tests.integration.api.applications import make_application
from tests.integration.door.client import Door, read_answer, render_post
from tests.integration.door.deliveries import QUESTION, seal, text_xml
from web import serving

SLOW = 200
IDLE = 1000
#: What a person may wait while others idle; WeChat's own patience.
PATIENCE = 5.0

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@contextlib.asynccontextmanager
async def connect_many(door: Door, number: int) -> AsyncIterator[list[Streams]]:
    async with contextlib.AsyncExitStack() as open_ones:
        streams: list[Streams] = []
        for _ in range(0, number, 100):
            some = [open_ones.enter_async_context(door.connect()) for _ in range(100)]
            streams += await asyncio.gather(*some)
        yield streams


async def time_answers(door: Door, number: int = 40) -> list[float]:
    """Seconds of so many answers, one after the other, shortest first."""
    seconds = []
    for _ in range(number):
        began = time.perf_counter()
        await door.answers()
        seconds.append(time.perf_counter() - began)
    return sorted(seconds)


def report(when: str, seconds: list[float]) -> None:
    """For `pytest -rP`: no test of ours fails for a slow machine."""
    print(f"{when}: median {seconds[len(seconds) // 2]:.4f} s, longest {seconds[-1]:.4f} s")


async def test_bodies_that_trickle_are_cut_off_and_hold_nobody_up(door: Door) -> None:
    """Slowloris on bodies: with a length and in chunks, a byte now and then, 200 at once."""
    query, body = seal(text_xml(QUESTION))
    whole = render_post(query, body)
    head, _, _ = whole.partition(b"\r\n\r\n")
    length = f"Content-Length: {len(body)}".encode()
    in_chunks = head.replace(length, b"Transfer-Encoding: chunked")

    async def trickle(streams: Streams, beginning: bytes, piece: bytes) -> int:
        reader, writer = streams
        writer.write(beginning + b"\r\n\r\n")
        answer = asyncio.ensure_future(read_answer(reader))
        with contextlib.suppress(ConnectionError):
            while not answer.done():
                writer.write(piece)
                await writer.drain()
                await asyncio.wait({answer}, timeout=0.4)
        return (await answer).status

    async with asyncio.timeout(30), connect_many(door, SLOW) as connections:
        trickling = [
            asyncio.ensure_future(
                trickle(one, *((in_chunks, b"1\r\nx\r\n") if number % 2 else (head, b"x")))
            )
            for number, one in enumerate(connections)
        ]
        await asyncio.sleep(0.5)
        seconds = await time_answers(door)
        assert not any(one.done() for one in trickling), "they were still at it"
        statuses = await asyncio.gather(*trickling)
    report("while 200 trickle", seconds)
    assert set(statuses) <= {408, 0}
    assert statuses.count(408) >= SLOW / 2
    assert seconds[-1] < PATIENCE


async def test_headers_that_trickle_are_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slowloris on headers, under the service's own runner with its patience cut short."""
    monkeypatch.setattr(serving, "KEEP_ALIVE_SECONDS", 0.5)
    runner = serving.make_runner(make_application(metrics=Metrics()))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]

    async def trickle(first: bytes, pieces: bytes) -> bool:
        """Whether it was hung up on."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(first)
        closed = asyncio.ensure_future(reader.read())
        with contextlib.suppress(ConnectionError):
            for _ in range(40):
                writer.write(pieces)
                await writer.drain()
                if (await asyncio.wait({closed}, timeout=0.1))[0]:
                    break
        done = closed.done()
        closed.cancel()
        writer.transport.abort()
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            await closed
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        return done

    begun = b"POST /wechat HTTP/1.1\r\n"
    answered = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    cut_off = await asyncio.gather(
        trickle(b"", b""),
        trickle(b"P", b""),
        trickle(begun, b"X-A: a\r\n"),
        trickle(begun + b"X-A: ", b"a"),
        trickle(b"POST /wechat?", b"a"),
        trickle(answered, b""),
        trickle(answered, b"\r\n"),
        trickle(answered + begun, b"X-A: a\r\n"),
    )
    await runner.cleanup()
    assert cut_off == [True] * 8


async def test_a_request_that_is_refused_early_is_not_read_on_and_on(refusing: Door) -> None:
    """Too large, and sent for ever: the answer comes, and a while later the end."""
    head = render_post({"timestamp": "1"}, b"", Content_Length="100000000")
    async with asyncio.timeout(20), refusing.connect() as (reader, writer):
        writer.write(head)
        assert (await read_answer(reader)).status == 413
        with pytest.raises(ConnectionError):
            while True:
                writer.write(b"x" * 1000)
                await writer.drain()
                await asyncio.sleep(0.1)


@pytest.fixture
def many_files() -> None:
    """This process may open as many files as the tests here need."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4096 if hard == resource.RLIM_INFINITY else min(4096, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


async def test_a_thousand_idle_connections(door: Door, many_files: None) -> None:
    """Silent in four ways. The service may open 256 files a process when it is started
    (conftest.py), and must ask for more by itself."""
    report("alone", await time_answers(door))
    beginnings = [b"", b"P", b"POST /wechat HTTP/1.1\r\nHost: x\r\n", b"\r\n"]
    async with asyncio.timeout(100), connect_many(door, IDLE) as streams:
        for number, (_, writer) in enumerate(streams):
            if beginning := beginnings[number % len(beginnings)]:
                writer.write(beginning)
        await asyncio.sleep(0.5)
        seconds = await time_answers(door)
        report("beside 1,000 idle", seconds)
        assert seconds[-1] < PATIENCE
        assert not any(reader.at_eof() for reader, _ in streams), "they are all still there"
