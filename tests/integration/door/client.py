"""The other side of the door: bytes as they are, and answers with nothing left out."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

from redis.asyncio import Redis

from sandbox.callback.posting import PhoneReply, read_reply
from tests.integration.bot.database import fetch
from tests.integration.door.deliveries import ACCOUNT, ANSWER, QUESTION, Query, seal, text_xml
from tests.integration.door.processes import Service

#: Nothing takes longer, on any machine; what hangs fails here.
MOST_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer; `status` 0 where the connection was closed without one."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def read(self) -> PhoneReply:
        """What the person reads. Raises PhoneError for what WeChat would not accept."""
        return read_reply(ACCOUNT, self.status, self.body)


async def read_answer(reader: asyncio.StreamReader, *, head: bool = False) -> Answer:
    """The next answer, without a 100 before it; status 0 where there is none."""
    try:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return Answer(0)
    status = int(lines[0].split(" ")[1])
    if status == 100:
        return await read_answer(reader, head=head)
    pairs = (line.split(": ", 1) for line in lines[1:] if line)
    headers = {name.lower(): value for name, value in pairs}
    length = 0 if head else int(headers.get("content-length", "0"))
    return Answer(status, headers, await reader.readexactly(length))


def render_post(query: Query, body: bytes, **headers: str) -> bytes:
    """A whole POST as bytes."""
    fields = {"Host": "x", "Content-Type": "text/xml", "Content-Length": str(len(body))}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"POST /wechat?{urlencode(query)} HTTP/1.1\r\n{lines}\r\n".encode() + body


class Door:
    """A running service, its stores, and what one may ask of them."""

    def __init__(self, service: Service, redis: Redis, database_url: str) -> None:
        self.service = service
        self.port = service.port
        self.redis = redis
        self.database_url = database_url

    async def ask(self, request: bytes, *, answers: int = 1, head: bool = False) -> list[Answer]:
        """Send bytes on a connection of their own and read that many answers."""
        async with asyncio.timeout(MOST_SECONDS), self.connect() as (reader, writer):
            with contextlib.suppress(ConnectionError):
                writer.write(request)
                await writer.drain()
            return [await read_answer(reader, head=head) for _ in range(answers)]

    @contextlib.asynccontextmanager
    async def connect(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """A connection of its own, hung up at the end whatever is still under way."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            yield reader, writer
        finally:
            writer.transport.abort()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def post(self, query: Query, body: bytes, **headers: str) -> Answer:
        """One delivery."""
        (answer,) = await self.ask(render_post(query, body, Connection="close", **headers))
        return answer

    async def deliver(self, message: bytes | str) -> PhoneReply:
        """Any inner message, rightly sealed; what the person reads."""
        return (await self.post(*seal(message))).read()

    async def get(self, query: Query) -> Answer:
        request = f"GET /wechat?{urlencode(query)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        (answer,) = await self.ask(request.encode())
        return answer

    async def answers(self) -> None:
        """It still does what it is there for."""
        reply = await self.deliver(text_xml(QUESTION))
        assert (reply.status, reply.kind) == (200, "text"), reply
        assert ANSWER in reply.text

    async def look(self) -> tuple[set[bytes], int, int]:
        """All that a message could leave behind: keys and records in Redis, rows in PostgreSQL."""
        keys = {key async for key in self.redis.scan_iter(count=1000)}
        rows = await fetch(
            self.database_url,
            "SELECT (SELECT count(*) FROM followers) + (SELECT count(*) FROM dialogues) +"
            " (SELECT count(*) FROM inbound_messages) + (SELECT count(*) FROM procrastinate_jobs)",
        )
        return keys, await self.redis.xlen("zpt:inbound"), rows[0][0]
