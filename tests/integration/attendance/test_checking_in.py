"""Checking in, against PostgreSQL: what stands, what races, what lasts."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.actor import Trainee
from domain.attendance.actions import Sent, find_session_of
from domain.attendance.misses import count_miss
from domain.attendance.rules import Channel, Kind, Place, State, Wants
from domain.attendance.writing import write_check_in
from domain.errors import DomainError
from domain.vault import Vault
from models.attendance import CheckIn, CodeMisses
from models.training import ClassSession
from tests.integration.attendance.conftest import (
    CLASSROOM,
    ENDS,
    NOW,
    STARTS,
    HoldClass,
    Join,
    Screen,
    enrol,
    refused,
)
from tests.integration.attendance.conftest import CheckIn as Come
from tests.integration.enrolments.conftest import MakePerson


async def test_what_is_kept_of_a_check_in(hold_class: HoldClass, join: Join, come: Come) -> None:
    row, session = await hold_class()
    who = await join(row)
    near = Place(CLASSROOM.latitude + 0.001, CLASSROOM.longitude)
    done = await come(who, session, place=near)
    assert (done.session_id, done.at, done.kind, done.late) == (session.id, NOW, Kind.IN, False)
    assert (done.distance_m, done.flags, done.state) == (111, [], State.COUNTED)
    kept = await CheckIn.get()
    assert kept.id == done.id
    assert (kept.person_id, kept.session_id, kept.channel) == (who.id, session.id, "mini")
    assert (kept.at, kept.made_at, kept.made_by) == (NOW, NOW, who.key)
    # Digests alone: where they were, on which phone and from which address is not there to be read.
    assert kept.device and kept.address and kept.place
    assert {len(kept.device), len(kept.address), len(kept.place)} == {16}
    # One leaves as one came.
    left = await come(who, session, kind=Kind.OUT, now=ENDS)
    assert (left.kind, left.flags) == (Kind.OUT, [])


async def test_two_phones_at_one_moment_make_one_record(
    hold_class: HoldClass, join: Join, come: Come
) -> None:
    row, session = await hold_class()
    who = await join(row)
    outcomes = await asyncio.gather(
        *(come(who, session, device=f"phone {number}") for number in range(12)),
        return_exceptions=True,
    )
    refusals = [one for one in outcomes if isinstance(one, DomainError)]
    assert len(refusals) == 11
    assert {(one.code, one.facts["time"]) for one in refusals} == {("check_in_already", "08:20")}
    assert await CheckIn.all().count() == 1


async def test_one_phone_at_one_moment_checks_in_one_person(
    hold_class: HoldClass, join: Join, come: Come
) -> None:
    row, session = await hold_class()
    people = [await join(row, number) for number in range(8)]
    outcomes = await asyncio.gather(
        *(come(who, session, device="one phone") for who in people), return_exceptions=True
    )
    refusals = [one for one in outcomes if isinstance(one, DomainError)]
    assert [one.code for one in refusals] == ["check_in_device_used"] * 7
    assert await CheckIn.all().count() == 1
    # Nor does it let out whom it did not let in; its own person it does.
    (inside,) = [who for who, one in zip(people, outcomes, strict=True) if one not in refusals]
    other = next(who for who in people if who is not inside)
    leaving = {"kind": Kind.OUT, "now": ENDS, "device": "one phone"}
    assert await refused(come(other, session, **leaving)) == "check_in_device_used"
    assert (await come(inside, session, **leaving)).kind is Kind.OUT


async def test_a_phone_of_another_session_is_free(
    hold_class: HoldClass, join: Join, come: Come
) -> None:
    row, session = await hold_class()
    other_row, other = await hold_class("育婴员第1期")
    await come(await join(row, 1), session, device="one phone")
    assert await come(await join(other_row, 2), other, device="one phone")


async def test_the_code_before_counts_and_the_next_never(
    hold_class: HoldClass, join: Join, come: Come, screen: Screen
) -> None:
    row, session = await hold_class()
    ahead, behind = timedelta(seconds=15), timedelta(seconds=-15)
    who, other = await join(row, 1), await join(row, 2)
    wrong = "check_in_wrong_code left"
    assert await refused(come(who, session, code=screen.code(session, NOW + ahead))) == wrong
    assert await refused(come(who, session, code=screen.code(session, NOW + 2 * behind))) == wrong
    assert await come(who, session, code=screen.code(session, NOW + behind))
    assert await come(other, session, code=screen.code(session, NOW))


async def test_five_wrong_codes_pause_and_the_pause_lasts(
    hold_class: HoldClass, join: Join, come: Come, screen: Screen
) -> None:
    row, session = await hold_class()
    who, other = await join(row, 1), await join(row, 2)
    wrong = screen.wrong(session)
    told = []
    for _ in range(5):
        with pytest.raises(DomainError) as refusal:
            await come(who, session, code=wrong)
        told.append((refusal.value.code, refusal.value.facts["tries_left"]))
    assert told == [("check_in_wrong_code", left) for left in (4, 3, 2, 1, 0)]
    # The refusals undid nothing of it: the right code is not looked at, however it comes.
    assert await refused(come(who, session)) == "check_in_paused"
    assert await refused(come(who, code=screen.code(session))) == "check_in_paused"
    almost = NOW + timedelta(minutes=14, seconds=59)
    assert await refused(come(who, session, now=almost)) == "check_in_paused"
    assert (await CodeMisses.get(person_id=who.id)).paused_until == NOW + timedelta(minutes=15)
    assert await come(other, session)
    assert await come(who, session, now=NOW + timedelta(minutes=15))


async def test_many_guesses_at_once_are_all_counted(
    hold_class: HoldClass, join: Join, come: Come, screen: Screen
) -> None:
    row, session = await hold_class()
    who = await join(row)
    wrong = screen.wrong(session)
    outcomes = await asyncio.gather(
        *(come(who, session, code=wrong) for _ in range(20)), return_exceptions=True
    )
    codes = [one.code for one in outcomes if isinstance(one, DomainError)]
    assert codes.count("check_in_wrong_code") == 5
    assert codes.count("check_in_paused") == 15


async def test_a_right_guess_behind_five_wrong_ones_is_not_looked_at(
    hold_class: HoldClass, join: Join, come: Come, screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All on their way at one moment, and slow in counting the wrong ones."""
    row, session = await hold_class()
    who = await join(row)

    async def count_slowly(person: UUID, now: datetime) -> int:
        await asyncio.sleep(0.2)
        return await count_miss(person, now)

    monkeypatch.setattr("domain.attendance.actions.count_miss", count_slowly)
    wrong = [
        asyncio.ensure_future(come(who, session, code=screen.wrong(session))) for _ in range(5)
    ]
    await asyncio.sleep(0.1)
    assert await refused(come(who, session)) == "check_in_paused"
    told = sorted([await refused(one) for one in wrong])
    assert told == ["check_in_wrong_code last", *["check_in_wrong_code left"] * 4]
    assert await CheckIn.all().count() == 0


async def test_a_phone_lets_one_in_or_another_out_at_one_moment(
    hold_class: HoldClass, join: Join, come: Come, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two kinds of record no index says that one phone wrote both."""
    row, session = await hold_class()
    people = [await join(row, number) for number in range(4)]
    at = STARTS + timedelta(minutes=5)
    kinds = [Kind.IN, Kind.OUT] * 2

    async def write_slowly(*given: Any) -> bool:
        await asyncio.sleep(0.1)
        return await write_check_in(*given)

    monkeypatch.setattr("domain.attendance.actions.write_check_in", write_slowly)
    outcomes = await asyncio.gather(
        *(
            come(who, session, kind=kind, device="one phone", now=at)
            for who, kind in zip(people, kinds, strict=True)
        ),
        return_exceptions=True,
    )
    refusals = [one.code for one in outcomes if isinstance(one, DomainError)]
    assert refusals == ["check_in_device_used"] * 3
    assert await CheckIn.all().count() == 1


async def test_a_typed_code_is_looked_for_among_ones_own_sessions(
    hold_class: HoldClass, join: Join, come: Come, screen: Screen
) -> None:
    row, session = await hold_class()
    _, other = await hold_class("育婴员第1期")
    who = await join(row)
    # Another class's code is no miss, and says whose it is.
    with pytest.raises(DomainError) as refusal:
        await come(who, code=screen.code(other))
    assert refusal.value.code == "check_in_not_enrolled"
    assert refusal.value.facts["title"] == "育婴员第1期"
    assert await CodeMisses.all().count() == 0
    # Nobody's code is one.
    assert await refused(come(who, code=screen.wrong(session))) == "check_in_wrong_code left"
    assert await refused(come(who, code="abc")) == "check_in_wrong_code left"
    assert len((await CodeMisses.get()).times) == 2
    done = await come(who, code=f" {screen.code(session)[:3]} {screen.code(session)[3:]} ")
    assert done.session_id == session.id


async def test_while_nothing_is_open_no_code_is_wrong(
    hold_class: HoldClass, join: Join, come: Come, screen: Screen
) -> None:
    row, session = await hold_class()
    who = await join(row)
    early = STARTS - timedelta(hours=2)
    answer = await refused(come(who, code=screen.wrong(session), now=early))
    assert answer == "check_in_window_closed early_in"
    assert await CodeMisses.all().count() == 0


@pytest.mark.parametrize("status", ["applied", "withdrawn", None])
async def test_who_is_not_in_the_class_learns_nothing_of_its_code(
    hold_class: HoldClass,
    make_trainee: MakePerson,
    come: Come,
    screen: Screen,
    status: str | None,
) -> None:
    row, session = await hold_class()
    who = await make_trainee()
    if status:
        await enrol(row, who, status)
    expected = "applied" if status == "applied" else "class"
    for code in (screen.code(session), screen.wrong(session)):
        assert await refused(come(who, session, code=code)) == f"check_in_not_enrolled {expected}"
    assert await CodeMisses.all().count() == 0


async def test_a_session_that_is_not_there(hold_class: HoldClass, join: Join, come: Come) -> None:
    row, session = await hold_class()
    who = await join(row)
    gone = ClassSession(training_class_id=row.id, starts_at=STARTS, ends_at=ENDS)
    assert await refused(come(who, gone)) == "not_found sitting"
    # One that was taken out while it was judged, too.
    await ClassSession.filter(id=session.id).delete()
    assert await refused(come(who, session)) == "not_found sitting"


async def test_who_left_by_mistake_leaves_again(
    hold_class: HoldClass, join: Join, come: Come
) -> None:
    row, session = await hold_class()
    who, early, minute = await join(row), STARTS + timedelta(minutes=30), timedelta(minutes=1)
    leaving = {"kind": Kind.OUT, "device": "one phone"}
    await come(who, session, device="one phone")
    await come(who, session, now=early, **leaving)
    # A second press is none.
    soon = early + minute - timedelta(seconds=1)
    assert await refused(come(who, session, now=soon, **leaving)) == "check_in_already counted"
    assert (await come(who, session, now=ENDS, **leaving)).at == ENDS
    # What is kept offline waits, and does not undo what counts.
    after = {"taken_at": ENDS + 2 * minute, "now": ENDS + 3 * minute, **leaving}
    assert await refused(come(who, session, **after)) == "check_in_already counted"
    rows = await CheckIn.filter(kind="out").order_by("at").values_list("at", "state")
    assert rows == [(early, "replaced"), (ENDS, "counted")]


async def test_only_a_person_checks_in_and_only_themselves(
    hold_class: HoldClass, join: Join, come: Come
) -> None:
    row, session = await hold_class()
    await join(row)
    nobody = Trainee((await hold_class("育婴员第1期"))[0].id)
    assert await refused(come(nobody, session)) == "check_in_not_enrolled class"


# --- a door that asks where one is after the code ----------------------------------------------


async def test_a_code_stays_right_while_the_chat_asks_where_one_is(
    hold_class: HoldClass, join: Join, come: Come, screen: Screen, vault: Vault
) -> None:
    row, session = await hold_class()
    who = await join(row)
    typed = Sent(screen.code(session), channel=Channel.CHAT)
    found = await find_session_of(who, vault, Wants(), typed, now=NOW)
    assert (found.id, found.place, found.wants.wants_place) == (session.id, CLASSROOM, True)
    assert await CheckIn.all().count() == 0
    minute, said = timedelta(minutes=1), {"channel": Channel.CHAT, "device": "", "address": ""}
    later = {"code": typed.code, "typed_at": NOW, "now": NOW + 10 * minute, **said}
    too_late = {**later, "now": NOW + 10 * minute + timedelta(seconds=1)}
    assert await refused(come(who, **too_late)) == "check_in_window_closed typed"
    done = await come(who, **later)
    assert (done.at, done.state, done.flags) == (NOW, State.COUNTED, [])
    assert await refused(find_session_of(who, vault, Wants(), typed, now=NOW)) == (
        "check_in_already counted"
    )


async def test_the_same_message_at_another_door_finds_its_session_again(
    hold_class: HoldClass, join: Join, come: Come, screen: Screen, vault: Vault
) -> None:
    row, session = await hold_class()
    who = await join(row)
    sent = Sent(screen.code(session), channel=Channel.CHAT, client_id="chat:1")
    first = await come(who, code=sent.code, channel=Channel.CHAT, client_id="chat:1")
    assert (await find_session_of(who, vault, Wants(), sent, now=NOW)).id == session.id
    assert (await come(who, code=sent.code, client_id="chat:1")).id == first.id
    other = replace(sent, client_id="chat:2")
    assert await refused(find_session_of(who, vault, Wants(), other, now=NOW)) == (
        "check_in_already counted"
    )


async def test_a_wrong_code_is_counted_before_anything_is_asked(
    hold_class: HoldClass, join: Join, screen: Screen, vault: Vault
) -> None:
    row, session = await hold_class()
    who, wrong = await join(row), Sent(screen.wrong(session))
    told = [await refused(find_session_of(who, vault, Wants(), wrong, now=NOW)) for _ in range(6)]
    assert told == [
        *["check_in_wrong_code left"] * 4,
        "check_in_wrong_code last",
        "check_in_paused",
    ]
