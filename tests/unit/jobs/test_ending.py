"""A worker ends well only where it was told to end."""

import asyncio
import os

import pytest
import typer
from structlog.testing import capture_logs

import assembly.worker
from jobs.worker import WorkerEnded, run_until
from scripts.commands.parts import _work
from settings import Need, Settings, read_settings


async def go_on() -> None:
    await asyncio.Event().wait()


async def end() -> None:
    """As procrastinate's worker did when it had lost PostgreSQL."""


async def fail() -> None:
    raise RuntimeError


async def test_told_to_stop_it_ends_well() -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(0.05, stop.set)
    with capture_logs() as lines:
        await run_until(stop, {"one": go_on(), "other": go_on()})
    assert [line["event"] for line in lines] == ["worker_started", "worker_stopped"]


async def test_a_part_that_ends_by_itself_is_a_failure() -> None:
    with capture_logs() as lines, pytest.raises(WorkerEnded):
        await run_until(asyncio.Event(), {"one": go_on(), "other": end()})
    assert ("worker_ended", "other") in [(line["event"], line.get("component")) for line in lines]


async def test_a_part_that_fails_is_named_with_its_reason() -> None:
    with capture_logs() as lines, pytest.raises(WorkerEnded):
        await run_until(asyncio.Event(), {"one": go_on(), "other": fail()})
    (failure,) = [line for line in lines if line["event"] == "part_failed"]
    assert failure["component"] == "other"
    assert isinstance(failure["exc_info"], RuntimeError)


def test_the_command_then_ends_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    async def die(_settings: Settings) -> None:
        raise WorkerEnded("queue")

    monkeypatch.setattr(assembly.worker, "run_worker", die)
    monkeypatch.setattr(os, "nice", lambda _by: 0)
    with pytest.raises(typer.Exit) as ended:
        _work(read_settings({}, Need.NOTHING))
    assert ended.value.exit_code == 1
