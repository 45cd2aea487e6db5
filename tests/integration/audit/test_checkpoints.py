"""The checkpoints outside of the tables: what the chain alone cannot tell is found by them."""

import contextlib
import json
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import asyncpg
import pytest
from procrastinate import JobContext

from domain.audit.checkpoints import CheckpointFile, CheckpointsDamaged, verify_and_keep
from domain.audit.verifying import Checkpoint, verify_log
from jobs.audit import AuditBroken, verify
from jobs.context import TOOLS, JobTools
from jobs.metrics import WorkerMetrics
from observing.logs import configure_logging
from tests.integration.audit.test_command import zpt
from tests.integration.audit.test_log import NOW, write_many

CUT = """
    SET session_replication_role = replica;
    DELETE FROM audit_entries WHERE id IN (SELECT entry_id FROM audit_links WHERE position > 3);
    DELETE FROM audit_links WHERE position > 3
"""


@pytest.fixture
def file(tmp_path: Path) -> CheckpointFile:
    return CheckpointFile(tmp_path / "audit" / "checkpoints.txt")


async def cut(url: str) -> None:
    """As who owns the database can, and leaves no trace in it."""
    connection = await asyncpg.connect(url)
    await connection.execute(CUT)
    await connection.close()


async def run_job(file: CheckpointFile) -> tuple[WorkerMetrics, list[dict[str, Any]]]:
    lines, metrics = StringIO(), WorkerMetrics()
    configure_logging(stream=lines)
    outside: Any = None
    tools = JobTools(outside, outside, lambda: NOW, metrics, checkpoints=file)
    context = cast(JobContext, SimpleNamespace(additional_context={TOOLS: tools}))
    with contextlib.suppress(AuditBroken, CheckpointsDamaged):
        await verify(context, 0)
    return metrics, [json.loads(line) for line in lines.getvalue().splitlines()]


def faults_of(metrics: WorkerMetrics) -> float | None:
    return metrics.registry.get_sample_value("zpt_audit_faults_total")


async def test_a_night_writes_down_what_the_next_compares_with(
    database: str, file: CheckpointFile
) -> None:
    await write_many(5)
    metrics, (line,) = await run_job(file)
    assert (line["event"], line["count"], faults_of(metrics)) == ("audit_verified", 5, 0)
    newest = file.read_newest()
    assert newest is not None and newest.at == NOW
    assert Checkpoint.read(line["checkpoint"]) == newest.checkpoint
    assert newest.checkpoint == (await verify_log()).last
    assert file.path.stat().st_mode & 0o777 == 0o600
    await write_many(2)
    assert (await verify_and_keep(file, NOW)).fault is None
    kept = file.path.read_text().split()
    assert [one.partition(":")[0] for one in kept[1::2]] == ["5", "7"], "what was written stays"


async def test_an_end_that_was_cut_off_raises_the_alarm(
    database: str, file: CheckpointFile
) -> None:
    await write_many(5)
    await run_job(file)
    kept = file.path.read_text()
    await cut(database)
    assert (await verify_log()).fault is None, "the chain alone does not tell"
    metrics, (line,) = await run_job(file)
    assert (line["level"], line["event"], line["reason"]) == ("error", "audit_broken", "cut")
    assert faults_of(metrics) == 1
    # New entries in the place of the old ones do not hide it, and no night gets used to it.
    await write_many(4)
    assert faults_of((await run_job(file))[0]) == 1
    assert file.path.read_text() == kept


async def test_the_command_compares_with_the_newest(database: str, tmp_path: Path) -> None:
    environment = {"DATABASE_URL": database, "ZPT_VAR": str(tmp_path)}
    await write_many(5)
    code, _, told = zpt(environment, "audit", "verify")
    assert code == 0 and "还没有记下过检查点" in told
    await verify_and_keep(CheckpointFile(tmp_path / "audit" / "checkpoints.txt"), NOW)
    code, said, told = zpt(environment, "audit", "verify")
    assert (code, told) == (0, "") and "和 2026-11-30 09:30 记下的检查点比（到第5条）" in said
    await cut(database)
    code, _, told = zpt(environment, "audit", "verify")
    assert code == 1 and "末尾被剪掉了" in told


def test_a_line_that_broke_off_is_passed_over(file: CheckpointFile) -> None:
    assert file.read_newest() is None
    first, second = (Checkpoint(place, bytes([place]) * 32) for place in (1, 2))
    file.append(first, NOW)
    with file.path.open("a") as stream:
        stream.write("2026-12-01T04:07:00+08:00 2:ab")
    assert (newest := file.read_newest()) is not None and newest.checkpoint == first
    file.append(second, NOW)
    assert (newest := file.read_newest()) is not None and newest.checkpoint == second


async def test_a_file_that_nobody_can_read_raises_the_alarm(
    database: str, file: CheckpointFile
) -> None:
    file.path.parent.mkdir()
    file.path.write_text("nothing\n")
    metrics, (line,) = await run_job(file)
    assert (line["event"], faults_of(metrics)) == ("audit_checkpoints_damaged", 1)
