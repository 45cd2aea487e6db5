"""What is entered for others, and what is decided on it: by a second person, within a day."""

from collections.abc import Awaitable
from dataclasses import replace
from datetime import datetime, time, timedelta
from uuid import UUID

import pytest

from clients.files import Files
from domain.actor import Actor, EmployerContact, Role, Staff, Trainee
from domain.attendance.for_others import (
    Entered,
    check_in_by_hand,
    decide_check_in,
    enter_paper,
)
from domain.attendance.rules import Kind, State, Wants
from domain.attendance.scans import Scan, add_scan
from domain.vault import Vault
from models.attendance import CheckIn
from models.audit import AuditEntry
from models.columns import new_id
from models.employers import EmployerContact as Contact
from models.enrolments import Enrolment
from models.training import ClassSession, TrainingClass
from tests.integration.attendance.conftest import (
    ENDS,
    NOW,
    STARTS,
    HoldClass,
    Join,
    refused,
)
from tests.integration.attendance.conftest import CheckIn as Come
from tests.integration.employers.people import make_firm

DAY = timedelta(days=1)
#: When the teacher sits down to it.
LATER = ENDS + timedelta(minutes=5)


async def enrolment_of(row: TrainingClass, who: Trainee) -> UUID:
    return (await Enrolment.get(training_class_id=row.id, person_id=who.id)).id


async def by_hand(
    actor: Staff,
    session: ClassSession,
    enrolments: list[UUID],
    *,
    kind: Kind = Kind.IN,
    at: datetime = STARTS,
    reason: str = "手机没电",
    now: datetime = LATER,
) -> Entered:
    return await check_in_by_hand(
        *(actor, Wants()),
        session_id=session.id,
        enrolments=enrolments,
        kind=kind,
        at=at,
        reason=reason,
        now=now,
    )


async def decide(
    actor: Actor, id: UUID, *, accept: bool = True, reason: str = "", now: datetime = LATER
) -> State:
    return await decide_check_in(actor, check_in_id=id, accept=accept, reason=reason, now=now)


async def scan_of(actor: Staff, row: TrainingClass, vault: Vault, store: Files) -> Scan:
    return await add_scan(
        *(actor, vault, store),
        class_id=row.id,
        content=b"\x89PNG\r\n\x1a\n a sheet",
        media_type="image/png",
        now=LATER,
    )


async def test_a_teacher_enters_and_another_confirms(
    hold_class: HoldClass, join: Join, clerk: Staff, officer: Staff
) -> None:
    row, session = await hold_class()
    people = [await join(row, number) for number in (1, 2)]
    entered = await by_hand(clerk, session, [await enrolment_of(row, who) for who in people])
    assert (len(entered.check_ins), entered.already) == (2, 0)
    first, second = entered.check_ins
    kept = await CheckIn.get(id=first)
    assert (kept.state, kept.channel, kept.flags) == ("pending", "teacher", ["by_hand"])
    assert (kept.at, kept.made_at, kept.reason) == (STARTS, LATER, "手机没电")
    assert (kept.made_by, kept.late) == (clerk.key, False)
    # Not oneself; a colleague, or the office.
    assert await refused(decide(clerk, first)) == "check_in_needs_another"
    colleague = replace(clerk, id=new_id())
    assert await decide(colleague, first) is State.COUNTED
    assert await decide(officer, second, now=LATER + DAY) is State.COUNTED
    assert await refused(decide(officer, second)) == "check_in_decided"
    kept = await CheckIn.get(id=first)
    assert (kept.decided_by, kept.decided_at) == (colleague.key, LATER)
    events = await AuditEntry.filter(event__startswith="check_in").order_by("at", "id")
    assert [(one.event, one.actor) for one in events] == [
        ("check_in.by_hand", clerk.key),
        ("check_in.confirm", colleague.key),
        ("check_in.confirm", officer.key),
    ]
    assert events[0].about_id == row.id
    assert events[0].facts == {"session": str(session.id), "people": 2, "reason": "手机没电"}


async def test_what_nobody_confirms_in_a_day_lapses_and_may_be_entered_again(
    hold_class: HoldClass, join: Join, clerk: Staff, officer: Staff
) -> None:
    row, session = await hold_class()
    ids = [await enrolment_of(row, await join(row))]
    first = (await by_hand(clerk, session, ids, now=STARTS)).check_ins[0]
    late = STARTS + DAY + timedelta(seconds=1)
    assert await refused(decide(officer, first, now=late)) == "check_in_lapsed"
    # While it waits there is no second one.
    again = await by_hand(clerk, session, ids, now=STARTS + DAY)
    assert (len(again.check_ins), again.already) == (0, 1)
    anew = (await by_hand(clerk, session, ids, now=late)).check_ins[0]
    assert (await CheckIn.get(id=first)).state == "lapsed"
    assert await decide(officer, anew, now=late) is State.COUNTED


async def test_a_person_who_comes_after_all_is_not_held_up(
    hold_class: HoldClass, join: Join, clerk: Staff, come: Come
) -> None:
    row, session = await hold_class()
    who = await join(row)
    first = (
        await by_hand(clerk, session, [await enrolment_of(row, who)], at=NOW, now=NOW)
    ).check_ins[0]
    assert (await come(who, session, now=NOW)).state is State.COUNTED
    assert (await CheckIn.get(id=first)).state == "replaced"


async def test_whoever_has_checked_in_is_not_entered(
    hold_class: HoldClass, join: Join, clerk: Staff, come: Come
) -> None:
    row, session = await hold_class()
    who, other = await join(row, 1), await join(row, 2)
    await come(who, session)
    ids = [await enrolment_of(row, one) for one in (who, other)]
    entered = await by_hand(clerk, session, ids)
    assert (len(entered.check_ins), entered.already) == (1, 1)


@pytest.mark.parametrize(
    ("clock", "answer", "late"),
    [
        ("07:59", "check_in_entered_wrong time", None),
        ("08:00", "", False),
        ("08:45", "", False),
        ("08:46", "", True),
        # Who came so late could not check in by themselves; what they missed is counted off.
        ("11:30", "", True),
        ("11:31", "check_in_entered_wrong time", None),
    ],
)
async def test_a_time_lies_in_the_session(
    hold_class: HoldClass, join: Join, clerk: Staff, clock: str, answer: str, late: bool | None
) -> None:
    row, session = await hold_class()
    ids = [await enrolment_of(row, await join(row))]
    at = datetime.combine(STARTS.date(), time.fromisoformat(clock), STARTS.tzinfo)
    assert await refused(by_hand(clerk, session, ids, at=at)) == answer
    if late is not None:
        assert (await CheckIn.get()).late is late
    assert await refused(by_hand(clerk, session, ids, at=STARTS, now=NOW)) == (
        "check_in_entered_wrong time"
    )


async def test_a_reason_is_needed(
    hold_class: HoldClass, join: Join, clerk: Staff, officer: Staff
) -> None:
    row, session = await hold_class()
    ids = [await enrolment_of(row, await join(row))]
    for reason in ("", "  ", "。", "没来得", "长" * 201):
        assert await refused(by_hand(clerk, session, ids, reason=reason)) == (
            "check_in_entered_wrong reason"
        )
    first = (await by_hand(clerk, session, ids)).check_ins[0]
    assert await refused(decide(officer, first, accept=False)) == "check_in_entered_wrong reason"
    assert await decide(officer, first, accept=False, reason="人没有到") is State.REFUSED
    # And may be entered again, for it stands in nobody's way.
    assert (await by_hand(clerk, session, ids)).check_ins


async def test_nobody_is_entered_once_the_rates_are_known(
    hold_class: HoldClass, join: Join, clerk: Staff, vault: Vault, store: Files
) -> None:
    """By hand for a day after the session, from paper for a week."""
    row, session = await hold_class()
    one, other = [await enrolment_of(row, await join(row, number)) for number in (1, 2)]
    scan, second = await scan_of(clerk, row, vault, store), timedelta(seconds=1)

    def from_paper(now: datetime) -> Awaitable[Entered]:
        return enter_paper(
            *(clerk, Wants()),
            session_id=session.id,
            enrolments=[other],
            kind=Kind.IN,
            at=STARTS,
            document=scan.id,
            now=now,
        )

    assert await refused(by_hand(clerk, session, [one], now=ENDS + DAY + second)) == (
        "check_in_entered_wrong over_teacher"
    )
    assert (await by_hand(clerk, session, [one], now=ENDS + DAY)).check_ins
    assert await refused(from_paper(ENDS + 7 * DAY + second)) == "check_in_entered_wrong over_paper"
    assert (await from_paper(ENDS + 7 * DAY)).check_ins


async def test_only_people_of_the_class_are_entered_all_or_none(
    hold_class: HoldClass, join: Join, clerk: Staff
) -> None:
    row, session = await hold_class()
    other_row, _ = await hold_class("育婴员第1期")
    ids = [
        await enrolment_of(row, await join(row, 1)),
        await enrolment_of(other_row, await join(other_row, 2)),
    ]
    assert await refused(by_hand(clerk, session, ids)) == "check_in_not_enrolled entered"
    applied = await enrolment_of(row, await join(row, 3, "applied"))
    assert await refused(by_hand(clerk, session, [applied])) == "check_in_not_enrolled entered"
    assert await refused(by_hand(clerk, session, [])) == "check_in_entered_wrong people"
    assert await CheckIn.all().count() == 0


async def test_what_stands_on_paper_is_entered_with_the_scan(
    hold_class: HoldClass, join: Join, clerk: Staff, officer: Staff, vault: Vault, store: Files
) -> None:
    row, session = await hold_class()
    other_row, _ = await hold_class("育婴员第1期")
    ids = [await enrolment_of(row, await join(row))]
    scan = await scan_of(clerk, row, vault, store)

    def enter(document: UUID) -> Awaitable[Entered]:
        return enter_paper(
            *(clerk, Wants()),
            session_id=session.id,
            enrolments=ids,
            kind=Kind.OUT,
            at=ENDS,
            document=document,
            now=LATER,
        )

    # Nothing, and another class's.
    for wrong in (new_id(), (await scan_of(clerk, other_row, vault, store)).id):
        assert await refused(enter(wrong)) == "check_in_entered_wrong document"
    kept = await CheckIn.get(id=(await enter(scan.id)).check_ins[0])
    assert (kept.channel, kept.document_id, kept.state) == ("paper", scan.id, "pending")
    assert kept.flags == ["paper", "no_in"]
    assert await refused(decide(clerk, kept.id)) == "check_in_needs_another"
    assert await decide(officer, kept.id) is State.COUNTED


async def test_the_teacher_confirms_what_was_kept_offline(
    hold_class: HoldClass, join: Join, clerk: Staff, come: Come
) -> None:
    row, session = await hold_class()
    done = await come(await join(row), session, taken_at=NOW, now=LATER)
    # No day is set for it.
    assert await decide(clerk, done.id, now=LATER + 3 * DAY) is State.COUNTED


async def test_nobody_confirms_their_own(
    hold_class: HoldClass, join: Join, clerk: Staff, come: Come
) -> None:
    """Whoever acts for a firm may learn in its class: neither what their phone kept, nor what
    somebody else has entered for them; take it back they may."""
    row, session = await hold_class()
    who, other = await join(row, 1), await join(row, 2)
    kept = (await come(who, session, taken_at=NOW, now=LATER)).id
    (entered,) = (await by_hand(clerk, session, [await enrolment_of(row, other)])).check_ins
    firm = await firm_of(row, [who, other])
    for id, person, somebody in ((kept, who, other), (entered, other, who)):
        own, another = (EmployerContact(one.id, firm) for one in (person, somebody))
        assert await refused(decide(own, id)) == "check_in_needs_another"
        assert await decide(another, id) is State.COUNTED
        assert await decide(own, id, accept=False, reason="人没有到") is State.REFUSED


async def firm_of(row: TrainingClass, people: list[Trainee]) -> UUID:
    """The class is held by a firm, for which these act."""
    firm = await make_firm()
    for who in people:
        await Contact.create(
            id=new_id(), employer_id=firm, person_id=who.id, status="active", since=NOW
        )
    held = TrainingClass.filter(id=row.id)
    await held.update(institution_id=None, employer_id=firm, programme="enterprise-staff")
    return firm


async def test_what_counts_may_be_refused_and_made_good(
    hold_class: HoldClass, join: Join, clerk: Staff, come: Come
) -> None:
    row, session = await hold_class()
    who = await join(row)
    done = await come(who, session)
    assert await refused(decide(clerk, done.id)) == "check_in_decided"
    assert await decide(clerk, done.id, accept=False, reason="替人签的") is State.REFUSED
    assert await come(who, session)


async def test_nobody_else_enters_or_decides(
    hold_class: HoldClass, join: Join, clerk: Staff, officer: Staff, come: Come
) -> None:
    row, session = await hold_class()
    who = await join(row)
    ids, done = [await enrolment_of(row, who)], await come(who, session)
    other_clerk = Staff(new_id(), Role.INSTITUTION, institution=new_id())
    other_officer = Staff(new_id(), Role.COUNTY_OFFICER, county="371502")
    assert await refused(by_hand(other_clerk, session, ids)) == "not_found"
    assert await refused(by_hand(officer, session, ids)) == "no_permission"
    for stranger in (other_clerk, other_officer):
        assert await refused(decide(stranger, done.id)) == "not_found"
    hotline = Staff(new_id(), Role.HOTLINE)
    assert await refused(decide(hotline, done.id)) == "no_permission"
    assert await refused(decide(clerk, new_id())) == "not_found"
