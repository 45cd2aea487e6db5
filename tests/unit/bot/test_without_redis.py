"""What keeps the promises while Redis is away: breaker, ledger of the process, buffer, spool."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.breaker import Breaker
from bot.ledger import UNKNOWN
from bot.local_ledger import LocalLedger
from bot.record_buffer import RecordBuffer
from domain.calendar import local_now
from domain.messaging.records import InboundRecord

PERSON, OTHER = b"p" * 16, b"q" * 16


def make_record(number: int = 1) -> InboundRecord:
    key = number.to_bytes(16)
    return InboundRecord(
        key, PERSON, local_now(), "text", "policy", "some-entry", 0.75, b"\x01\xff"
    )


class HandClock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


# --- breaker -----------------------------------------------------------------------------


def test_after_a_failure_one_caller_tries_and_the_others_go_without() -> None:
    clock = HandClock()
    breaker = Breaker(0.5, clock)
    assert breaker.allows()
    assert breaker.allows()
    breaker.trip()
    assert breaker.tripped
    assert not breaker.allows()
    clock.now += 0.5
    assert breaker.allows(), "one tries again"
    assert not breaker.allows(), "nobody else waits with it"
    clock.now += 0.5
    assert breaker.allows(), "the one that tried may never come back"
    breaker.mend()
    assert breaker.allows()
    assert breaker.allows()
    assert not breaker.tripped


# --- the ledger of one process --------------------------------------------------------------


async def test_a_message_that_needs_nobody_is_answered_once() -> None:
    kept: list[InboundRecord] = []
    ledger = LocalLedger(kept.append)
    record = make_record()
    assert (await ledger.open(b"k", PERSON, b"reply", record, aside=True)).verdict == "done"
    again = await ledger.open(b"k", PERSON, b"another", record, aside=True)
    assert (again.verdict, again.reply) == ("repeat", b"reply")
    assert kept == [record]


async def test_messages_of_one_person_wait_for_one_another() -> None:
    kept: list[InboundRecord] = []
    touched: list[bytes] = []
    ledger = LocalLedger(kept.append, touched.append)
    for key in (b"1", b"2", b"x"):
        person = OTHER if key == b"x" else PERSON
        assert (await ledger.open(key, person, b"r", make_record())).verdict == "queued"
    assert (await ledger.open(b"1", PERSON, b"r", make_record())).verdict == "working"
    assert await ledger.take_turn(b"1", PERSON) == UNKNOWN
    assert await ledger.take_turn(b"2", PERSON) is None
    assert await ledger.take_turn(b"x", OTHER) == UNKNOWN, "another person does not wait"
    await ledger.finish(b"1", PERSON, b"said", make_record(), state=b"", state_seconds=1)
    assert await ledger.take_turn(b"2", PERSON) == UNKNOWN
    assert (await ledger.open(b"1", PERSON, b"r", make_record())).reply == b"said"
    assert touched == [PERSON]
    assert len(kept) == 1


async def test_who_gives_up_lets_the_next_one_pass_and_the_retry_begin_anew() -> None:
    ledger = LocalLedger(lambda _record: None)
    for key in (b"1", b"2"):
        await ledger.open(key, PERSON, b"", make_record())
    await ledger.give_up(b"1", PERSON)
    assert await ledger.take_turn(b"2", PERSON) == UNKNOWN
    assert (await ledger.open(b"1", PERSON, b"", make_record())).verdict == "queued"


async def test_what_was_promised_stays_promised() -> None:
    ledger = LocalLedger(lambda _record: None)
    await ledger.open(b"1", PERSON, b"", make_record())
    await ledger.promise(b"1", b"later")
    await ledger.give_up(b"1", PERSON)
    assert (await ledger.open(b"1", PERSON, b"", make_record())).reply == b"later"


async def test_the_oldest_claims_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.local_ledger._MOST_CLAIMS", 3)
    ledger = LocalLedger(lambda _record: None)
    for number in range(5):
        await ledger.open(bytes([number]), PERSON, b"r", make_record(), aside=True)
    verdicts = [
        (await ledger.open(bytes([number]), PERSON, b"r", make_record(), aside=True)).verdict
        for number in (4, 3, 2, 0)
    ]
    assert verdicts == ["repeat", "repeat", "repeat", "done"]


# --- records that nobody takes ----------------------------------------------------------------


class Sink:
    """Takes records while it is open."""

    def __init__(self, *, is_open: bool = True) -> None:
        self.is_open = is_open
        self.taken: list[InboundRecord] = []

    async def __call__(self, records: Sequence[InboundRecord]) -> None:
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
    sink = Sink()
    after = RecordBuffer([sink], spool)
    other = RecordBuffer([Sink()], spool)
    after.start()
    other.start()
    assert (len(after), len(other)) == (7, 0), "one of two processes has the file"
    await after.close()
    await other.close()
    assert [record.key for record in sink.taken] == [record.key for record in records]
    assert sink.taken[0].text_sealed == records[0].text_sealed
    assert list(spool.iterdir()) == []


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
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.record_buffer._MOST_RECORDS", 3)
    sink = Sink()
    buffer = RecordBuffer([sink], tmp_path)
    for number in range(5):
        buffer.keep(make_record(number))
    await buffer.flush()
    assert [int.from_bytes(record.key) for record in sink.taken] == [2, 3, 4]
