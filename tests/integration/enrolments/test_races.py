"""People who do the same thing at the same moment."""

import asyncio
from typing import Any

from domain.actor import EmployerContact, Staff
from domain.enrolments.actions import enrol_oneself, withdraw
from domain.enrolments.bulk import Wish
from domain.enrolments.notice import Teller
from domain.enrolments.reservations import name_people, reserve_places
from domain.enrolments.roster import import_roster
from domain.errors import DomainError
from domain.people.naming import Named
from domain.vault import Vault
from models.columns import new_id
from models.employers import Employer
from models.enrolments import Enrolment, Informed
from models.institutions import Institution
from models.people import Person
from models.training import TrainingClass
from models.transactions import transaction
from tests.integration.enrolments.conftest import (
    NOW,
    MakeClass,
    MakeContact,
    MakePerson,
    id_number_of,
    make_employer,
    named,
    write_record,
)
from tests.unit.sheets.building import workbook


async def all_of(*doings: Any) -> list[Any]:
    """What each came to: its answer, or the code that it was refused with."""
    ends = await asyncio.gather(*doings, return_exceptions=True)
    for end in ends:
        if isinstance(end, BaseException) and not isinstance(end, DomainError):
            raise end
    return [end.code if isinstance(end, DomainError) else end for end in ends]


def enrolling(person: Any, teller: Teller, row: TrainingClass, channel: str = "chat") -> Any:
    return enrol_oneself(person, teller, class_id=row.id, channel=channel, now=NOW)


def roster(*people: tuple[str, str]) -> bytes:
    return workbook([("姓名", "身份证号"), *people])


async def test_the_last_two_places_go_to_two(
    make_class: MakeClass, make_trainee: MakePerson, teller: Teller
) -> None:
    row = await make_class(capacity=2)
    people = [await make_trainee(number) for number in range(8)]
    ends = await all_of(*(enrolling(person, teller, row) for person in people))
    assert ends.count("class_full") == 6
    assert await Enrolment.all().count() == await Informed.all().count() == 2


async def test_one_person_by_chat_and_by_roster_is_one_enrolment(
    make_class: MakeClass, make_trainee: MakePerson, clerk: Staff, teller: Teller, vault: Vault
) -> None:
    row = await make_class()
    for number in range(6):
        person = await make_trainee(number)
        sheet = roster(("王秀兰", id_number_of(number)))
        await all_of(
            enrolling(person, teller, row),
            import_roster(clerk, vault, teller, class_id=row.id, content=sheet, now=NOW),
            enrolling(person, teller, row, "mini"),
        )
        (one,) = await Enrolment.filter(person_id=person.id)
        assert one.status == "confirmed"
        assert await Informed.filter(enrolment_id=one.id).count() == 1


async def test_two_rosters_with_the_same_unknown_people(
    make_class: MakeClass, clerk: Staff, teller: Teller, vault: Vault
) -> None:
    undated: Any = {"starts_on": None, "ends_on": None, "capacity": 100}
    rows = [await make_class("一班", **undated), await make_class("二班", **undated)]
    people = [("王秀兰", id_number_of(number)) for number in range(40)]
    orders = [people, list(reversed(people))]
    for _ in range(2):
        await all_of(
            *(
                import_roster(
                    clerk, vault, teller, class_id=row.id, content=roster(*order), now=NOW
                )
                for row in rows
                for order in orders
            )
        )
    assert await Person.all().count() == 40, "each of them once"
    assert await Enrolment.all().count() == 80


async def test_one_person_is_not_in_two_classes_at_one_time(
    make_class: MakeClass, make_trainee: MakePerson, teller: Teller
) -> None:
    rows = [await make_class(f"{number}班") for number in range(4)]
    person = await make_trainee()
    ends = await all_of(*(enrolling(person, teller, row) for row in rows))
    assert ends.count("enrolment_overlaps") == 3


async def test_a_suspension_in_the_middle_stops_whoever_comes_behind_it(
    make_class: MakeClass, make_trainee: MakePerson, teller: Teller, institution: Institution
) -> None:
    row = await make_class()
    first, second = await make_trainee(1), await make_trainee(2)
    await enrolling(first, teller, row)
    written, go_on = asyncio.Event(), asyncio.Event()

    async def suspend() -> None:
        async with transaction() as connection:
            await Institution.filter(id=institution.id).using_db(connection).select_for_update()
            await write_record(institution.id, "suspended", NOW.date())
            written.set()
            await go_on.wait()

    suspending = asyncio.create_task(suspend())
    await written.wait()
    enrolling_second = asyncio.create_task(all_of(enrolling(second, teller, row)))
    await asyncio.sleep(0.3)
    assert not enrolling_second.done(), "it waits for what is being decided"
    go_on.set()
    await suspending
    assert await enrolling_second == ["enrolment_stopped"]
    assert await Enrolment.all().count() == 1


async def test_the_filing_in_the_middle_freezes_the_roster(
    make_class: MakeClass, make_trainee: MakePerson, teller: Teller
) -> None:
    row = await make_class()
    first, second = await make_trainee(1), await make_trainee(2)
    told = await enrolling(first, teller, row)
    held, go_on = asyncio.Event(), asyncio.Event()

    async def file() -> None:
        async with transaction() as connection:
            query = TrainingClass.filter(id=row.id).using_db(connection)
            one = await query.select_for_update(no_key=True).get()
            held.set()
            await go_on.wait()
            one.status = "filed"
            await one.save(using_db=connection)

    filing = asyncio.create_task(file())
    await held.wait()
    others = asyncio.create_task(
        all_of(enrolling(second, teller, row), withdraw(first, enrolment_id=told.id, now=NOW))
    )
    await asyncio.sleep(0.3)
    go_on.set()
    await filing
    assert await others == ["roster_frozen", "roster_frozen"]


# --- firms ------------------------------------------------------------------------------------


async def test_a_firm_holds_places_and_names_people(
    make_class: MakeClass,
    make_trainee: MakePerson,
    make_contact: MakeContact,
    employer: Employer,
    teller: Teller,
    vault: Vault,
) -> None:
    row = await make_class(capacity=4)
    contact = await make_contact(employer)
    reserving: Any = {"class_id": row.id, "now": NOW}
    reserved = await reserve_places(contact, teller, places=3, **reserving)
    assert (reserved.places, reserved.named) == (3, 0)
    assert await all_of(reserve_places(contact, teller, places=5, **reserving)) == ["class_full"]
    one, two = await make_trainee(1), await make_trainee(2)
    assert (await all_of(enrolling(one, teller, row)))[0].fresh
    assert await all_of(enrolling(two, teller, row)) == ["class_full"], "the others are held"

    async def name(*people: Named) -> list[Any]:
        verdicts = await name_people(
            contact,
            vault,
            teller,
            class_id=row.id,
            wishes=[Wish(person) for person in people],
            now=NOW,
        )
        return [one.what or (one.refusal and one.refusal.code) for one in verdicts]

    assert await name(named(11), named(12), named(11)) == ["added", "added", "person_twice"]
    assert await name(named(12), named(13), named(14)) == ["already", "added", "class_full"]
    assert {one.employer_id for one in await Enrolment.filter(channel="employer")} == {employer.id}
    assert await Informed.filter(state="owed", channel="employer").count() == 3
    assert await all_of(reserve_places(contact, teller, places=2, **reserving)) == ["places_named"]
    gone = await Enrolment.filter(channel="employer").first()
    assert gone is not None
    await withdraw(contact, enrolment_id=gone.id, now=NOW)
    assert (await reserve_places(contact, teller, places=2, **reserving)).named == 2
    assert (await all_of(enrolling(two, teller, row)))[0].fresh, "one was given back"


async def test_another_firm_cannot_take_them_out(
    make_class: MakeClass,
    make_contact: MakeContact,
    employer: Employer,
    teller: Teller,
    vault: Vault,
) -> None:
    row = await make_class()
    contact = await make_contact(employer)
    (told,) = await name_people(
        contact, vault, teller, class_id=row.id, wishes=[Wish(named(1))], now=NOW
    )
    assert told.enrolment is not None
    stranger = await make_contact(await make_employer("东阿某厂"), 901)
    gone = EmployerContact(new_id(), employer.id)
    assert await all_of(withdraw(gone, enrolment_id=told.enrolment, now=NOW)) == ["not_found"]
    assert await all_of(withdraw(stranger, enrolment_id=told.enrolment, now=NOW)) == ["not_found"]


async def test_a_firms_own_class_is_for_its_own_people(
    make_class: MakeClass,
    make_trainee: MakePerson,
    make_contact: MakeContact,
    employer: Employer,
    operator: Staff,
    teller: Teller,
    vault: Vault,
) -> None:
    row = await make_class(employer_id=employer.id, programme="enterprise-staff")
    person = await make_trainee()
    assert await all_of(enrolling(person, teller, row)) == ["own_people_only"]
    other = await make_contact(await make_employer("东阿某厂"), 901)
    naming: Any = {"class_id": row.id, "wishes": [Wish(named(1))], "now": NOW}
    assert await all_of(name_people(other, vault, teller, **naming)) == ["own_people_only"]
    contact = await make_contact(employer)
    (told,) = await name_people(contact, vault, teller, **naming)
    assert told.what == "added"
    (one,) = await Enrolment.all()
    assert (one.status, one.employer_id) == ("confirmed", None)
