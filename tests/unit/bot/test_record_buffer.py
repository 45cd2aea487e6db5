"""Records that no store takes now: in memory, on the disk, and never lost unsaid."""

import asyncio
import contextlib
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.records.buffer import RecordBuffer
from bot.records.spool import write_spool_file
from domain.calendar import local_now
from domain.messaging.records import InboundRecord


def make_record(number: int = 1) -> InboundRecord:
    return InboundRecord(
        number.to_bytes(16),
        b"p" * 16,
        local_now(),
        "text",
        "policy",
        "some-entry",
        0.75,
        b"\x01\xff",
    )


class Sink:
    """Takes records while it is open; each call may first wait for `gate`."""

    def __init__(self, *, is_open: bool = True) -> None:
        self.is_open = is_open
        self.gate: asyncio.Event | None = None
        self.calls = 0
        self.taken: list[InboundRecord] = []

    async def __call__(self, records: Sequence[InboundRecord]) -> None:
        self.calls += 1
        if self.gate is not None:
            await self.gate.wait()
        if not self.is_open:
            raise ConnectionError
        self.taken += records


def test_a_record_survives_the_stream() -> None:
    record = make_record()
    back = InboundRecord.from_stream(*record.to_stream())
    assert replace(back, received_at=record.received_at) == record
    assert abs((back.received_at - record.received_at).total_seconds()) < 0.001


@pytest.mark.parametrize(
    "about", [b"", b"{}", b"[]", b"null", b"[1,2,3,4,5,6,7]", b'["zz","",1,"","","",null]', b"\xff"]
)
def test_an_entry_of_somebody_else(about: bytes) -> None:
    with pytest.raises((ValueError, TypeError)):
        InboundRecord.from_stream(about, b"")


async def test_the_first_sink_that_takes_them_has_them(tmp_path: Path) -> None:
    first, second = Sink(is_open=False), Sink()
    buffer = RecordBuffer([first, second], tmp_path)
    records = [make_record(n) for n in range(1200)]
    for record in records:
        buffer.keep(record)
    await buffer.flush()
    assert second.taken == records
    assert len(buffer) == 0
    first.is_open = True
    buffer.keep(records[0])
    await buffer.flush()
    assert first.taken == records[:1]


async def test_what_nobody_takes_is_spooled_and_read_by_the_next_process(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    closed = Sink(is_open=False)
    buffer = RecordBuffer([closed], spool)
    buffer.start()
    records = [make_record(n) for n in range(7)]
    for record in records:
        buffer.keep(record)
    await buffer.close()
    (file,) = spool.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    sink, nothing = Sink(), Sink()
    after, other = RecordBuffer([sink], spool), RecordBuffer([nothing], spool)
    after.start()
    other.start()
    await other.close()
    await after.close()
    assert nothing.taken == [], "one of two processes has the file"
    assert [record.key for record in sink.taken] == [record.key for record in records]
    assert sink.taken[0].text_sealed == records[0].text_sealed
    assert list(spool.iterdir()) == []


def write_spool(spool: Path, numbers: range) -> None:
    write_spool_file(spool, [make_record(number) for number in numbers])


def numbers_of(sink: Sink) -> list[int]:
    return [int.from_bytes(record.key) for record in sink.taken]


async def test_a_spooled_file_stays_until_a_sink_has_taken_all_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.records.buffer._BATCH", 4)
    write_spool(tmp_path, range(10))
    sink = Sink()
    buffer = RecordBuffer([sink], tmp_path)
    buffer.start()
    sink.gate = asyncio.Event()
    flushing = asyncio.create_task(buffer.flush())
    await asyncio.sleep(0.05)
    assert len(list(tmp_path.iterdir())) == 1, "it is only being handed on"
    sink.gate.set()
    await flushing
    assert numbers_of(sink) == [*range(10)]
    assert list(tmp_path.iterdir()) == []
    await buffer.close()


async def test_a_spooled_file_that_is_not_taken_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.records.buffer._BATCH", 4)
    write_spool(tmp_path, range(10))
    sink = Sink(is_open=False)
    buffer = RecordBuffer([sink], tmp_path)
    buffer.start()
    buffer.keep(make_record(10))
    await buffer.flush()
    assert (sink.calls, len(buffer)) == (1, 1), "what came later waits behind it"
    sink.is_open = True
    await buffer.flush()
    assert numbers_of(sink) == [*range(11)]
    sink.is_open = False
    write_spool(tmp_path, range(20, 22))
    await buffer.close()
    assert len(list(tmp_path.iterdir())) == 1


CLAIM_AND_WAIT = """
import asyncio, sys
from pathlib import Path
from bot.records.buffer import RecordBuffer

async def main():
    async def hang(records):
        print(len(records), flush=True)
        await asyncio.sleep(60)
    buffer = RecordBuffer([hang], Path(sys.argv[1]))
    buffer.start()
    await buffer.flush(60)

asyncio.run(main())
"""


async def test_spooled_records_outlive_a_process_killed_while_it_hands_them_on(
    tmp_path: Path,
) -> None:
    write_spool(tmp_path, range(7))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", CLAIM_AND_WAIT, str(tmp_path)),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(30):
            assert await process.stdout.readline() == b"7\n"
        meanwhile = Sink()
        buffer = RecordBuffer([meanwhile], tmp_path)
        buffer.start()
        await buffer.close()
        assert meanwhile.taken == [], "the other process still has the file"
    finally:
        process.kill()
        await process.wait()
    sink = Sink()
    buffer = RecordBuffer([sink], tmp_path)
    buffer.start()
    await buffer.close()
    assert numbers_of(sink) == [*range(7)]
    assert list(tmp_path.iterdir()) == []


async def test_a_spool_that_a_full_disk_has_cut_does_not_stop_the_start(tmp_path: Path) -> None:
    about, _ = make_record().to_stream()
    good = json.dumps([about.decode(), "AQ=="])
    lines = [good, good[:20], "[1]", "", "7", json.dumps([about.decode(), "%"])]
    (tmp_path / "1-a.jsonl").write_text("\n".join(lines))
    sink = Sink()
    buffer = RecordBuffer([sink], tmp_path)
    buffer.start()
    await buffer.close()
    assert [record.text_sealed for record in sink.taken] == [b"\x01"]


async def test_a_spool_that_cannot_be_written_does_not_stop_the_end(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("not a folder")
    buffer = RecordBuffer([Sink(is_open=False)], tmp_path / "spool")
    buffer.keep(make_record())
    await buffer.close()


async def test_a_sink_that_hangs_does_not_hold_up_the_end(tmp_path: Path) -> None:
    async def hang(_records: Sequence[InboundRecord]) -> None:
        await asyncio.sleep(60)

    buffer = RecordBuffer([hang, hang], tmp_path)
    buffer.keep(make_record())
    began = asyncio.get_running_loop().time()
    await buffer.close()
    assert asyncio.get_running_loop().time() - began < 1.0, "web.serving leaves 2.5 s for it all"
    assert len(list(tmp_path.glob("*.jsonl"))) == 1


async def test_when_memory_is_full_the_oldest_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("bot.records.buffer._MOST_RECORDS", 3)
    sink = Sink()
    buffer = RecordBuffer([sink], tmp_path)
    for number in range(5):
        buffer.keep(make_record(number))
    await buffer.flush()
    assert numbers_of(sink) == [2, 3, 4]
    await buffer.flush()
    lines = [line for line in "".join(capsys.readouterr()).splitlines() if "records_lost" in line]
    assert len(lines) == 1, "one line for all"
    assert "count=2" in lines[0]


@pytest.mark.parametrize("taken", [True, False])
async def test_what_is_being_handed_on_is_not_dropped_and_not_handed_on_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken: bool
) -> None:
    """More comes than memory holds while a sink is at work."""
    monkeypatch.setattr("bot.records.buffer._MOST_RECORDS", 3)
    sink = Sink(is_open=taken)
    sink.gate = asyncio.Event()
    buffer = RecordBuffer([sink], tmp_path)
    for number in range(3):
        buffer.keep(make_record(number))
    flushing = asyncio.create_task(buffer.flush())
    await asyncio.sleep(0.02)
    for number in range(3, 8):
        buffer.keep(make_record(number))
    sink.gate.set()
    await flushing
    sink.is_open = True
    await buffer.flush()
    assert numbers_of(sink) == ([0, 1, 2, 5, 6, 7] if taken else [5, 6, 7])
    assert len(buffer) == 0


async def test_what_was_being_handed_on_at_the_end_is_written_down(tmp_path: Path) -> None:
    sink = Sink()
    sink.gate = asyncio.Event()
    buffer = RecordBuffer([sink], tmp_path)
    records = [make_record(number) for number in range(3)]
    for record in records:
        buffer.keep(record)
    buffer.start()
    async with asyncio.timeout(5):
        while not sink.calls:
            await asyncio.sleep(0.02)
    await buffer.close()
    (file,) = tmp_path.iterdir()
    assert len(file.read_text().splitlines()) == 3
    after = Sink()
    last = RecordBuffer([after], tmp_path)
    last.start()
    await last.close()
    assert numbers_of(after) == [0, 1, 2]


async def test_what_one_sink_will_never_take_waits_for_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def refuse_the_first(records: Sequence[InboundRecord]) -> Sequence[InboundRecord]:
        return [record for record in records if record.key == bytes(16)]

    other = Sink(is_open=False)
    buffer = RecordBuffer([other, refuse_the_first], tmp_path)
    for number in range(3):
        buffer.keep(make_record(number))
    await buffer.flush()
    await buffer.flush()
    assert len(buffer) == 1, "the others are taken"
    assert "records_refused" in "".join(capsys.readouterr())
    await buffer.close()
    after = RecordBuffer([other, refuse_the_first], tmp_path)
    after.start()
    await after.flush()
    other.is_open = True
    await after.flush()
    assert numbers_of(other) == [0]
    await after.close()
    assert list(tmp_path.iterdir()) == []


async def test_it_ends_where_a_driver_loses_the_cancellation(tmp_path: Path) -> None:
    """As redis-py does below Python 3.12: the process would have hung until it was killed."""
    handing_on = asyncio.Event()

    async def lose_it(_: Sequence[InboundRecord]) -> None:
        handing_on.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(10)

    buffer = RecordBuffer([lose_it], tmp_path)
    buffer.keep(make_record())
    buffer.start()
    await handing_on.wait()
    closing = asyncio.create_task(buffer.close())
    await asyncio.wait({closing}, timeout=3)
    ended = closing.done()
    closing.cancel()
    await asyncio.wait({closing})
    assert ended
