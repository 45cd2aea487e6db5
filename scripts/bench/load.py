"""A small HTTP client that keeps a server busy: few bytes parsed, nothing allocated twice.

It has to be several times faster than what it measures, so that the figures are the server's.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import cast

#: A round that has not ended by then never will.
_MOST_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Round:
    """One round: requests per second, and latencies in milliseconds."""

    per_second: float
    p50: float
    p99: float


class _Connection(asyncio.Protocol):
    """Sends the next request when the last answer is complete. Answers carry Content-Length."""

    def __init__(self, requests: Sequence[bytes], first: int, step: int, expect: bytes) -> None:
        self._requests = requests
        self._next = first
        self._step = step
        self._expect = expect
        self._buffer = b""
        self._sent_at = 0.0
        self.latencies: list[float] = []
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are not asyncio's classes.
        self._transport = cast(asyncio.Transport, transport)
        self._send()

    def _send(self) -> None:
        if self._next >= len(self._requests):
            self.done.set_result(None)
            self._transport.close()
            return
        self._sent_at = time.perf_counter()
        self._transport.write(self._requests[self._next])
        self._next += self._step

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._buffer[:end].lower()
        start = head.index(b"content-length:") + 15
        length = int(head[start : head.find(b"\r\n", start) if b"\r\n" in head[start:] else None])
        if len(self._buffer) < end + 4 + length:
            return
        if not head.startswith(b"http/1.1 200") or self._expect not in self._buffer:
            self.done.set_exception(RuntimeError(self._buffer[:300].decode("utf-8", "replace")))
            self._transport.close()
            return
        self.latencies.append(time.perf_counter() - self._sent_at)
        self._buffer = b""
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionResetError("closed by the server"))


async def run_round(port: int, requests: Sequence[bytes], connections: int, expect: bytes) -> Round:
    """Send `requests` to loopback over `connections` at once; every answer must hold `expect`."""
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    protocols = []
    for first in range(connections):
        _, protocol = await loop.create_connection(
            lambda first=first: _Connection(requests, first, connections, expect),  # type: ignore[misc]
            "127.0.0.1",
            port,
        )
        protocols.append(protocol)
    async with asyncio.timeout(_MOST_SECONDS):
        await asyncio.gather(*(protocol.done for protocol in protocols))
    seconds = time.perf_counter() - began
    latencies = [1000 * latency for protocol in protocols for latency in protocol.latencies]
    return Round(len(latencies) / seconds, median(latencies), quantiles(latencies, n=100)[98])
