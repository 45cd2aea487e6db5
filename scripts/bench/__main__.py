"""The bench itself: rounds of the bare handler and of the whole door in turn, then the table."""

import argparse
import asyncio
import base64
import contextlib
import os
import secrets
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil
import uvloop
from rich.console import Console
from rich.table import Table

from content.loader import PACKAGE_CONTENT, load_content
from domain.calendar import local_now
from domain.faq.routing import Router
from domain.faq.routing.training import ModelStore
from models.database import migrate_database
from scripts.bench.check_ins import PEOPLE, SECONDS, SESSIONS, Measured, measure_check_ins
from scripts.bench.load import Round, run_round
from scripts.bench.messages import list_questions, make_requests
from scripts.bench.roster import ROWS, Took, measure_roster
from scripts.bench.routing import measure_growth, measure_routing, read_questions
from scripts.bench.scale import MOST_TIMES, Cost, measure_scale
from scripts.bench.stages import measure_stages
from scripts.embedded.services import EmbeddedServices
from settings import OfficialAccount, read_settings

_CONNECTIONS = 32
_WARM_UP = 500
#: What a round gave, and the server's processor time for each message.
Row = tuple[Round, float]
_LABELS = {
    "bare": "bare aiohttp handler",
    "wechatpy": "aiohttp with wechatpy, constant reply",
    "unrouted": "whole door, but the answer is there already",
    "door": "whole door",
}
console = Console(width=100)


@dataclass
class _Process:
    process_id: int
    port: int
    ready_seconds: float
    megabytes: int = 0

    def cpu_seconds(self) -> float:
        """User and system time so far."""
        times = psutil.Process(self.process_id).cpu_times()
        return float(times.user + times.system)


@contextlib.asynccontextmanager
async def _server(kind: str, environment: dict[str, str]) -> AsyncIterator[_Process]:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "scripts.bench.server",
        kind,
        env=os.environ | environment,
        stdout=asyncio.subprocess.PIPE,
    )
    assert child.stdout is not None
    port, ready = (await child.stdout.readline()).split()
    process = _Process(child.pid, int(port), float(ready))
    try:
        yield process
    finally:
        child.terminate()
        process.megabytes = int(await child.stdout.readline() or 0)
        await child.wait()


@contextlib.asynccontextmanager
async def _worker(environment: dict[str, str]) -> AsyncIterator[None]:
    """The worker drains the records meanwhile, as it does in production."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "scripts", "worker", env=os.environ | environment
    )
    try:
        yield
    finally:
        child.terminate()
        await child.wait()


async def _bench(rounds: int, messages: int) -> None:
    _leave_first_core()
    account = _make_account()
    with tempfile.TemporaryDirectory() as folder:
        async with EmbeddedServices(Path(folder), keep_data=False) as services:
            environment = _environment(account, services, folder)
            await migrate_database(services.database_url)
            learning = await _learn(environment)
            async with (
                _worker(environment),
                _server("bare", environment) as bare,
                _server("wechatpy", environment) as wechatpy,
                _server("unrouted", environment) as unrouted,
                _server("door", environment) as door,
            ):
                servers = {
                    "bare": bare,
                    "wechatpy": wechatpy,
                    "unrouted": unrouted,
                    "door": door,
                }
                results = await _run_rounds(account, servers, rounds, messages)
            _report(results, door, learning)
            _report_check_ins(await measure_check_ins(environment))
            _report_roster(await measure_roster(services.database_url))
        _report_stages(account, ModelStore(Path(folder) / "models"))


async def _bench_check_ins() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with EmbeddedServices(Path(folder), keep_data=False) as services:
            environment = _environment(_make_account(), services, folder)
            await migrate_database(services.database_url)
            await _learn(environment)
            _report_check_ins(await measure_check_ins(environment))


async def _bench_scale() -> None:
    """On servers of their own: some gigabytes, that go with them."""
    with tempfile.TemporaryDirectory() as folder:
        async with EmbeddedServices(Path(folder), keep_data=False) as services:
            await migrate_database(services.database_url)
            _report_scale(await measure_scale(services.database_url))


async def _learn(environment: dict[str, str]) -> float:
    """Learn the content's phrasings, so that the door starts as it does day by day: with what was
    learned once. The seconds that it took."""
    began = time.perf_counter()
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "scripts", "content", "learn", env=os.environ | environment
    )
    if await child.wait() != 0:
        raise RuntimeError("zpt content learn failed")
    return time.perf_counter() - began


def _leave_first_core() -> None:
    """The servers under test have the first core to themselves."""
    with contextlib.suppress(AttributeError, OSError):
        cores = os.sched_getaffinity(0)
        os.sched_setaffinity(0, cores - {min(cores)} or cores)


def _make_account() -> OfficialAccount:
    return OfficialAccount(
        "wxsandbox" + secrets.token_hex(4), "bench", "bench-token", "b" * 43, plain=False
    )


def _environment(
    account: OfficialAccount, services: EmbeddedServices, folder: str
) -> dict[str, str]:
    environment = {
        "DATABASE_URL": services.database_url,
        "REDIS_URL": services.redis_url,
        "ZPT_VAR": folder,
        "ZPT_SANDBOX": "1",
        "WECHAT_API_BASE": "http://127.0.0.1:9",
        "WECHAT_MP_APP_ID": account.app_id,
        "WECHAT_MP_SECRET": account.secret,
        "WECHAT_MP_TOKEN": account.token,
        "WECHAT_MP_AES_KEY": account.aes_key,
        "ZPT_DATA_KEYS": "k1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
    }
    read_settings(environment)
    return environment


async def _run_rounds(
    account: OfficialAccount, servers: dict[str, _Process], rounds: int, messages: int
) -> dict[str, list[Row]]:
    questions = list_questions(load_content(PACKAGE_CONTENT))
    results: dict[str, list[Row]] = {name: [] for name in servers}
    for number in range(rounds + 1):
        count = messages if number else _WARM_UP
        requests = make_requests(account, questions, count, number)
        for name, server in servers.items():
            expect = b"xxxx" if name == "bare" else b"<Encrypt>"
            began = server.cpu_seconds()
            result = await run_round(server.port, requests, _CONNECTIONS, expect)
            if number:
                results[name].append((result, (server.cpu_seconds() - began) / count * 1e6))
                console.print(f"round {number} {name}: {result.per_second:,.0f}/s")
    return results


def _report(results: dict[str, list[Row]], door: _Process, learning: float) -> None:
    table = Table(title="Whole door, safe mode, one process on one core, medians")
    for column in ("", "messages/s", "p50 ms", "p99 ms", "CPU µs each"):
        table.add_column(column, justify="left" if not column else "right")
    for name, label in _LABELS.items():
        rows = results[name]
        table.add_row(
            label,
            f"{median(row.per_second for row, _ in rows):,.0f}",
            f"{median(row.p50 for row, _ in rows):.2f}",
            f"{median(row.p99 for row, _ in rows):.2f}",
            f"{median(cpu for _, cpu in rows):.0f}",
        )
    console.print(table)
    ratio = median(
        mine.per_second / other.per_second
        for (mine, _), (other, _) in zip(results["door"], results["bare"], strict=True)
    )
    console.print(f"door / bare: {ratio:.1%} (target: 20 %)")
    processor = {name: median(cpu for _, cpu in rows) for name, rows in results.items()}
    console.print(
        f"the same by processor time: {processor['bare'] / processor['door']:.1%},"
        f" without routing {processor['bare'] / processor['unrouted']:.1%}"
    )
    console.print(
        f"a web process: ready in {door.ready_seconds:.1f} s (target 8),"
        f" {door.megabytes} MB at most (target 400); before the first start of a new content"
        f" {learning:.0f} s of learning"
    )


def _report_stages(account: OfficialAccount, models: ModelStore) -> None:
    table = Table(title="One message, microseconds for each step")
    for column in ("step", "ours", "wechatpy"):
        table.add_column(column, justify="left" if column == "step" else "right")
    for step, ours, theirs in measure_stages(account, models):
        table.add_row(step, f"{ours:.1f}", "" if theirs is None else f"{theirs:.1f}")
    console.print(table)


def _report_roster(steps: list[Took]) -> None:
    table = Table(title=f"A roster of {ROWS:,} people (target: taken over in 20 s)")
    table.add_column("step")
    table.add_column("seconds", justify="right")
    for took in steps:
        table.add_row(took.step, f"{took.seconds:.1f}")
    console.print(table)


def _report_check_ins(measured: Measured) -> None:
    took, books = measured
    table = Table(
        title=f"{PEOPLE:,} people check in to {SESSIONS} sessions within {SECONDS:.0f} s, zpt serve"
        " (target: p99 under 1 s, nothing lost, nothing twice)"
    )
    for column in ("came", "p50 ms", "p99 ms", "slowest ms", "asked again", "lost", "twice"):
        table.add_column(column, justify="right")
    times = (f"{one:.1f}" for one in (took.p50, took.p99, took.most))
    counts = (str(one) for one in (took.broken, len(books.lost), len(books.twice)))
    table.add_row(f"{books.came:,}", *times, *counts)
    console.print(table)
    if books.wrong:
        console.print(f"the ledger and PostgreSQL differ: {books}")


def _report_scale(costs: Sequence[Cost]) -> None:
    table = Table(title=f"Check-ins at two sizes, medians (target: within {MOST_TIMES} times)")
    for column in ("check-ins", "filled in s", "scanned ms", "typed ms", "a class's sheet ms"):
        table.add_column(column, justify="right")
    for cost in costs:
        times = (f"{one:.2f}" for one in (cost.scanned, cost.typed, cost.sheet))
        table.add_row(f"{cost.rows:,}", f"{cost.filled_seconds:.0f}", *times)
    first, last = costs[0], costs[-1]
    ratios = (last.scanned / first.scanned, last.typed / first.typed, last.sheet / first.sheet)
    table.add_row("times", "", *(f"{one:.2f}" for one in ratios))
    console.print(table)


def _report_routing() -> None:
    today = local_now().date()
    content = load_content(PACKAGE_CONTENT)
    table = Table(title="Routing, one core, milliseconds a question (target: p50 0.5, p99 2)")
    for column in ("content", "judge", "built in s", "p50", "p99"):
        table.add_column(column, justify="left" if column in ("content", "judge") else "right")
    began = time.perf_counter()
    router = Router(content)
    built = time.perf_counter() - began
    own = measure_routing(router, read_questions(), today)
    name = f"own: {len(content.entries)} entries"
    table.add_row(name, "classifier", f"{built:.1f}", f"{own.p50:.2f}", f"{own.p99:.2f}")
    for count, judge, seconds, times in measure_growth(content, today):
        row = (
            f"{count:,} entries",
            judge,
            f"{seconds:.1f}",
            f"{times.p50:.2f}",
            f"{times.p99:.2f}",
        )
        table.add_row(*row)
    console.print(table)


def main() -> None:
    """`make bench`; the options make it shorter."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--messages", type=int, default=6000, help="in each round")
    parser.add_argument("--only-routing", action="store_true", help="leave the door out")
    parser.add_argument("--only-check-ins", action="store_true", help="leave the rest out")
    parser.add_argument(
        "--scale",
        action="store_true",
        help="check-ins beside 50,000 and 5 million others, too: a quarter of an hour, 6 GB",
    )
    options = parser.parse_args()
    if options.only_check_ins:
        uvloop.run(_bench_check_ins())
    elif not options.only_routing:
        uvloop.run(_bench(options.rounds, options.messages))
    if options.scale:
        uvloop.run(_bench_scale())
    if not options.only_check_ins:
        _report_routing()


if __name__ == "__main__":
    main()
