"""What waits in memory lies on the disk too: kill -9 loses none of it."""

import asyncio
import resource
import sys
from pathlib import Path

import pytest

from bot.records import journal
from bot.records.buffer import RecordBuffer
from bot.records.journal import Journal
from bot.records.spool import claim_spool_files
from tests.unit.bot.test_record_buffer import Sink, make_record, numbers_of

KEEP_AND_WAIT = """
import sys, time
from pathlib import Path
from bot.records.buffer import RecordBuffer
from tests.unit.bot.test_record_buffer import make_record
buffer = RecordBuffer([], Path(sys.argv[1]))
for number in range(7):
    buffer.keep(make_record(number))
print("kept", flush=True)
time.sleep(600)
"""


async def test_a_killed_process_leaves_what_waited_to_the_next(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", KEEP_AND_WAIT, str(tmp_path)),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            assert await process.stdout.readline() == b"kept\n"
        assert claim_spool_files(tmp_path) == [], "it still lives"
    finally:
        process.kill()
        await process.wait()
    sink = Sink()
    buffer = RecordBuffer([sink], tmp_path)
    buffer.start()
    await buffer.close()
    assert numbers_of(sink) == [*range(7)]
    assert list(tmp_path.iterdir()) == []


async def test_what_was_handed_on_is_not_kept(tmp_path: Path) -> None:
    sink = Sink(is_open=False)
    buffer = RecordBuffer([sink], tmp_path)
    buffer.keep(make_record(1))
    await buffer.flush()
    assert len(list(tmp_path.iterdir())) == 1
    sink.is_open = True
    buffer.keep(make_record(2))
    await buffer.flush()
    assert numbers_of(sink) == [1, 2]
    assert list(tmp_path.iterdir()) == []
    buffer.keep(make_record(3))
    assert len(list(tmp_path.iterdir())) == 1, "it goes on with a new file"
    await buffer.close()
    assert list(tmp_path.iterdir()) == []


async def test_what_is_left_at_a_good_end_is_written_down_once(tmp_path: Path) -> None:
    sink = Sink(is_open=False)
    buffer = RecordBuffer([sink], tmp_path)
    for number in range(3):
        buffer.keep(make_record(number))
    await buffer.close()
    (file,) = tmp_path.iterdir()
    assert len(file.read_text().splitlines()) == 3


def test_the_disk_is_not_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "_PAGE_RECORDS", 10)
    kept = Journal(tmp_path)
    for number in range(95):
        kept.write(make_record(number))
    assert len(list(tmp_path.iterdir())) == 4
    kept.leave()
    (*files,) = claim_spool_files(tmp_path)
    numbers = {record.key[-1] for file in files for record in file.read_batch(100)}
    assert numbers == {*range(60, 95)}
    for file in files:
        file.remove()


def test_a_line_that_the_disk_cuts_costs_itself_alone(tmp_path: Path) -> None:
    """The limit of a file's size stands for the full disk."""
    kept = Journal(tmp_path)
    kept.write(make_record(1))
    (path,) = tmp_path.iterdir()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 20, limits[1]))
    try:
        kept.write(make_record(2))
        kept.write(make_record(3))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    kept.write(make_record(4))
    kept.leave()
    (file,) = claim_spool_files(tmp_path)
    assert [record.key[-1] for record in file.read_batch(10)] == [1, 4]
    file.close()


def test_a_folder_that_cannot_be_made_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("not a folder")
    kept = Journal(tmp_path / "spool")
    kept.write(make_record())
    kept.clear()
