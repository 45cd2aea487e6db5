"""What keeps the promises while Redis is away: breaker and ledger of the process."""

import pytest

from bot.ledger.contract import MOST_WAITING, UNKNOWN, Turn
from bot.ledger.local import LocalLedger
from domain.calendar import local_now
from domain.messaging.records import InboundRecord
from models.breaker import Breaker

SENDER, OTHER = b"p" * 16, b"q" * 16


def make_record(number: int = 1) -> InboundRecord:
    key = number.to_bytes(16)
    return InboundRecord(
        key, SENDER, local_now(), "text", "policy", "some-entry", 0.75, b"\x01\xff"
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
    assert (await ledger.open(b"k", SENDER, b"reply", record, aside=True)).verdict == "done"
    again = await ledger.open(b"k", SENDER, b"another", record, aside=True)
    assert (again.verdict, again.reply) == ("repeat", b"reply")
    assert kept == [record]


async def test_messages_of_one_person_wait_for_one_another() -> None:
    kept: list[InboundRecord] = []
    touched: list[bytes] = []
    ledger = LocalLedger(kept.append, touched.append)
    for key in (b"1", b"2", b"x"):
        sender = OTHER if key == b"x" else SENDER
        assert (await ledger.open(key, sender, b"r", make_record())).verdict == "queued"
    assert (await ledger.open(b"1", SENDER, b"r", make_record())).verdict == "working"
    assert await ledger.take_turn(b"1", SENDER) == Turn(UNKNOWN)
    assert await ledger.take_turn(b"2", SENDER) is None
    assert await ledger.take_turn(b"x", OTHER) == Turn(UNKNOWN), "another person does not wait"
    await ledger.finish(b"1", SENDER, b"said", make_record(), state=b"", state_seconds=1)
    assert await ledger.take_turn(b"2", SENDER) == Turn(UNKNOWN)
    assert (await ledger.open(b"1", SENDER, b"r", make_record())).reply == b"said"
    assert touched == [SENDER]
    assert len(kept) == 1


async def test_who_gives_up_lets_the_next_one_pass_and_the_retry_begin_anew() -> None:
    ledger = LocalLedger(lambda _record: None)
    for key in (b"1", b"2"):
        await ledger.open(key, SENDER, b"", make_record())
    await ledger.give_up(b"1", SENDER, None)
    assert await ledger.take_turn(b"2", SENDER) == Turn(UNKNOWN)
    assert (await ledger.open(b"1", SENDER, b"", make_record())).verdict == "queued"


async def test_what_was_promised_stays_promised_and_is_recorded() -> None:
    kept: list[InboundRecord] = []
    ledger = LocalLedger(kept.append)
    record = make_record()
    await ledger.open(b"1", SENDER, b"", record)
    await ledger.keep_reply(b"1", b"later", record)
    assert kept == [record]
    await ledger.give_up(b"1", SENDER, None)
    assert (await ledger.open(b"1", SENDER, b"", record)).reply == b"later"
    assert kept == [record]


async def test_only_so_many_messages_of_one_person_wait() -> None:
    ledger = LocalLedger(lambda _record: None)
    keys = [bytes([number]) for number in range(MOST_WAITING + 2)]
    verdicts = [(await ledger.open(key, SENDER, b"", make_record())).verdict for key in keys]
    assert verdicts == ["queued"] * MOST_WAITING + ["full"] * 2
    assert (await ledger.open(b"other", OTHER, b"", make_record())).verdict == "queued"
    await ledger.give_up(keys[0], SENDER, make_record())
    assert (await ledger.open(keys[-1], SENDER, b"", make_record())).verdict == "queued"


async def test_the_oldest_claims_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.ledger.local._MOST_CLAIMS", 3)
    ledger = LocalLedger(lambda _record: None)
    for number in range(5):
        await ledger.open(bytes([number]), SENDER, b"r", make_record(), aside=True)
    verdicts = [
        (await ledger.open(bytes([number]), SENDER, b"r", make_record(), aside=True)).verdict
        for number in (4, 3, 2, 0)
    ]
    assert verdicts == ["repeat", "repeat", "repeat", "done"]
