"""A crowd that checks in with its phones, and keeps a ledger of its own.

It believes nobody: what each phone sent, when, and what came back stands in the ledger, and at the
end the ledger is compared with the rows of PostgreSQL (`compare`).

A phone whose server does not answer, or is not well, tries again as the mini-program does: under
the same client_id, and with the code that the screen shows by then.
"""

import asyncio
import secrets
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median, quantiles
from typing import Any
from uuid import UUID

import aiohttp
import asyncpg

from domain.attendance.codes import code_at, secret_of
from domain.calendar import local_now
from domain.vault import Vault
from scripts.bench.school import LATITUDE, LONGITUDE, Seat

#: A status that is not the server's: the connection was refused or died, or nothing came in time.
BROKEN = -1
#: The answer came, and was thrown away before the phone had read it.
DROPPED = -2
_PATIENCE_SECONDS = 10.0
#: Between two tries of a phone: longer each time, up to the second.
_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.5, 3.0
#: Whoever has no answer by then never gets one.
_GIVES_UP_SECONDS = 180.0
#: A server that is not well, or has too much to do: it is asked again.
_AGAIN = frozenset({BROKEN, DROPPED, 429, 500, 502, 503, 504})
_ROWS = """
    SELECT person_id, session_id, kind, state, at, client_id FROM check_ins
    WHERE session_id = ANY($1::uuid[])
"""


@dataclass(frozen=True, slots=True)
class Try:
    """One request. Seconds of the loop's clock."""

    began: float
    seconds: float
    status: int


@dataclass(slots=True)
class Arrival:
    """One person with one phone, and what became of it. answer: what the phone was told last;
    dropped: what it would have been told the first time."""

    seat: Seat
    number: int
    drops: bool
    client_id: str = field(default_factory=lambda: secrets.token_hex(16))
    tries: list[Try] = field(default_factory=list)
    answer: dict[str, Any] = field(default_factory=dict)
    dropped: dict[str, Any] = field(default_factory=dict)

    @property
    def done(self) -> bool:
        return bool(self.tries) and self.tries[-1].status == 201

    @property
    def seconds(self) -> float:
        """From the first request to the answer, whatever broke in between."""
        if not self.done:
            return float("inf")
        last = self.tries[-1]
        return last.began + last.seconds - self.tries[0].began


class Crowd:
    """The people of `seats` before the server at `url`; each phone of its own address, which the
    server believes where loopback is a proxy that it trusts.

    Of every `drop_one_in` phones one loses its first answer; 0: none does.
    """

    def __init__(
        self, url: str, vault: Vault, seats: Sequence[Seat], *, drop_one_in: int = 0
    ) -> None:
        self._url = f"{url}/api/v1/check-ins"
        self._secrets = {seat.session: secret_of(vault, seat.session) for seat in seats}
        self.ledger = [
            Arrival(seat, number, drops=bool(drop_one_in) and number % drop_one_in == 0)
            for number, seat in enumerate(seats)
        ]

    async def come(self, seconds: float) -> None:
        """All come within `seconds`, in even steps, whatever becomes of those before them. Ends
        when each has been answered, or has given up."""
        clock = asyncio.get_running_loop().time
        began = clock()
        async with (
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session,
            asyncio.TaskGroup() as group,
        ):
            for arrival in self.ledger:
                due = began + seconds * arrival.number / len(self.ledger)
                await asyncio.sleep(max(0.0, due - clock()))
                group.create_task(self._check_in(session, arrival))

    async def _check_in(self, session: aiohttp.ClientSession, arrival: Arrival) -> None:
        clock = asyncio.get_running_loop().time
        until, pause = clock() + _GIVES_UP_SECONDS, _PAUSE_SECONDS
        while clock() < until:
            await self._try(session, arrival)
            if arrival.tries[-1].status not in _AGAIN:
                return
            await asyncio.sleep(pause)
            pause = min(_LONGEST_PAUSE_SECONDS, 1.5 * pause)

    async def _try(self, session: aiohttp.ClientSession, arrival: Arrival) -> None:
        seat, number = arrival.seat, arrival.number
        body = {
            "code": code_at(self._secrets[seat.session], local_now()),
            "session_id": str(seat.session),
            # Each sits somewhere else in the room.
            "latitude": LATITUDE + number % 40 * 1e-6,
            "longitude": LONGITUDE + number // 40 * 1e-6,
            "accuracy_m": 25,
            "device": f"bench-{number}",
            "client_id": arrival.client_id,
        }
        headers = {
            "Authorization": f"Bearer {seat.token}",
            "X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
        }
        began = asyncio.get_running_loop().time()
        try:
            async with session.post(
                self._url,
                json=body,
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=_PATIENCE_SECONDS),
            ) as response:
                said, status = await response.json(), response.status
        except (aiohttp.ClientError, TimeoutError, ValueError):
            said, status = {}, BROKEN
        if status == 201 and arrival.drops and not arrival.dropped:
            arrival.dropped, said, status = said, {}, DROPPED
        arrival.answer = said
        seconds = asyncio.get_running_loop().time() - began
        arrival.tries.append(Try(began, seconds, status))


@dataclass(slots=True)
class Books:
    """The ledger beside PostgreSQL; all lists are empty where nothing is wrong.

    refused: no 201 in the end, and what was said instead. lost: answered, and there is no row that
    counts. twice: more than one row of one person. differing: the row is of another moment or
    session than was answered, or a second answer differs from the first. unknown: rows that no
    phone has sent.
    """

    came: int = 0
    refused: list[tuple[int, int, dict[str, Any]]] = field(default_factory=list)
    lost: list[int] = field(default_factory=list)
    twice: list[int] = field(default_factory=list)
    differing: list[int] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> int:
        parts = (self.refused, self.lost, self.twice, self.differing, self.unknown)
        return sum(len(part) for part in parts)


async def compare(database_url: str, ledger: Iterable[Arrival]) -> Books:
    """What PostgreSQL has of the sessions in the ledger against what their phones were told."""
    arrivals = {one.seat.person: one for one in ledger}
    connection = await asyncpg.connect(database_url)
    try:
        rows = await connection.fetch(_ROWS, [*{one.seat.session for one in arrivals.values()}])
    finally:
        await connection.close()
    books, written = Books(), dict[UUID, list[Any]]()
    for row in rows:
        # asyncpg has a class of its own for them.
        person = UUID(int=row["person_id"].int)
        if person in arrivals:
            written.setdefault(person, []).append(row)
        else:
            books.unknown.append(str(person))
    for person, arrival in arrivals.items():
        _compare_one(books, arrival, written.get(person, []))
    return books


def _compare_one(books: Books, arrival: Arrival, rows: Sequence[Any]) -> None:
    number = arrival.number
    if len(rows) > 1:
        books.twice.append(number)
    if not arrival.done:
        books.refused.append((number, arrival.tries[-1].status, arrival.answer))
        return
    books.came += 1
    counted = [row for row in rows if (row["kind"], row["state"]) == ("in", "counted")]
    if not counted:
        books.lost.append(number)
        return
    row, said = counted[0], arrival.answer
    same = (
        str(row["session_id"]) == said["session_id"] == str(arrival.seat.session)
        and row["client_id"] == arrival.client_id
        and datetime.fromisoformat(said["at"]) == row["at"]
    )
    if not same or arrival.dropped not in ({}, said):
        books.differing.append(number)


@dataclass(frozen=True, slots=True)
class Took:
    """Milliseconds from the first request to the answer, of those who were answered."""

    people: int
    p50: float
    p99: float
    most: float
    broken: int

    @classmethod
    def of(cls, ledger: Iterable[Arrival]) -> "Took":
        arrivals = list(ledger)
        times = sorted(1000 * one.seconds for one in arrivals if one.done)
        broken = sum(one.status != 201 for arrival in arrivals for one in arrival.tries)
        if len(times) < 2:
            return cls(len(times), float("nan"), float("nan"), float("nan"), broken)
        return cls(len(times), median(times), quantiles(times, n=100)[98], times[-1], broken)


async def wait_ready(url: str, seconds: float) -> None:
    """Until the server at `url` says that it is ready. Raises TimeoutError."""
    until = time.monotonic() + seconds
    async with aiohttp.ClientSession() as session:
        while time.monotonic() < until:
            try:
                async with session.get(f"{url}/readyz") as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.05)
    raise TimeoutError(f"{url} is not ready after {seconds:.0f} s")
