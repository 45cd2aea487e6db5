"""A small city: an institution, classes, people, and what the actions need."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from content.schema import Content
from domain.actor import EmployerContact, Role, Staff, Trainee
from domain.calendar import LOCAL
from domain.enrolments.notice import Teller
from domain.faq.wording import Contact
from domain.people.naming import Named, make_person
from domain.people.rules import complete_id_number
from domain.vault import Vault
from models.columns import new_id
from models.employers import Employer
from models.employers import EmployerContact as ContactRow
from models.institutions import Institution, InstitutionRecord
from models.training import ClassSession, TrainingClass
from settings import DataKey
from tests.consoles import let_in, make_console
from tests.integration.enrolments.browsing import Browser
from tests.support import package_content

NOW = datetime(2026, 11, 30, 9, 0, tzinfo=LOCAL)
#: Fictional.
COUNTY = "371521"

MakeClass = Callable[..., Awaitable[TrainingClass]]
MakePerson = Callable[..., Awaitable[Trainee]]
MakeContact = Callable[..., Awaitable[EmployerContact]]
Browse = Callable[[Staff], Awaitable[Browser]]


@pytest.fixture(scope="session")
def content() -> Content:
    return package_content()


@pytest.fixture
def teller(content: Content) -> Teller:
    return Teller(content, Contact("12333", "12345"))


@pytest.fixture
def vault() -> Vault:
    return Vault([DataKey("k1", bytes(range(32)))])


async def make_institution(name: str = "阳谷县巧手职业培训学校") -> Institution:
    """One that is listed."""
    number = int(new_id()) % 10**9
    institution = await Institution.create(
        id=new_id(), name=name, uscc=f"91371{number:013}", county=COUNTY, created_at=NOW
    )
    await write_record(institution.id, "listed", date(2020, 1, 1))
    return institution


async def write_record(institution: UUID, kind: str, day: date, until: date | None = None) -> None:
    await InstitutionRecord.create(
        id=new_id(),
        institution_id=institution,
        kind=kind,
        valid_from=day,
        valid_until=until,
        made_by="system tests",
        made_at=NOW,
    )


@pytest.fixture
async def institution(database: str) -> Institution:
    return await make_institution()


@pytest.fixture
def make_class(institution: Institution) -> MakeClass:
    async def make(
        title: str = "养老护理员第1期",
        *,
        sittings: list[tuple[datetime, datetime]] | None = None,
        **fields: Any,
    ) -> TrainingClass:
        held = {} if "employer_id" in fields else {"institution_id": institution.id}
        row = await TrainingClass.create(
            **{
                "id": new_id(),
                "title": title,
                "programme": "elderly-care",
                "occupation": "养老护理员",
                "county": COUNTY,
                "capacity": 10,
                "starts_on": date(2026, 12, 7),
                "ends_on": date(2026, 12, 18),
                "status": "recruiting",
                "created_at": NOW,
                **held,
                **fields,
            }
        )
        for start, end in sittings or []:
            await ClassSession.create(
                id=new_id(), training_class_id=row.id, starts_at=start, ends_at=end
            )
        return row

    return make


def id_number_of(number: int) -> str:
    """A fictional citizen ID that passes the check."""
    born = date(1970, 1, 1) + timedelta(days=number // 500)
    return complete_id_number(f"371521{born:%Y%m%d}{number % 500 * 2 + 1:03}")


def named(number: int, name: str = "王秀兰", phone: str = "") -> Named:
    return Named(name, id_number_of(number), phone)


@pytest.fixture
def make_trainee(database: str, vault: Vault) -> MakePerson:
    async def make(number: int = 1, name: str = "王秀兰") -> Trainee:
        row = make_person(vault, named(number, name), source="bound", now=NOW)
        row.bound_at = NOW
        await row.save()
        return Trainee(row.id)

    return make


async def make_employer(name: str = "阳谷县光明轴承厂") -> Employer:
    number = int(new_id()) % 10**8
    return await Employer.create(
        id=new_id(),
        name=name,
        uscc=f"91371521M{number:08}X",
        county=COUNTY,
        index_key_id="k1",
        created_at=NOW,
    )


@pytest.fixture
async def employer(database: str) -> Employer:
    return await make_employer()


@pytest.fixture
def make_contact(vault: Vault) -> MakeContact:
    async def make(employer: Employer, number: int = 900) -> EmployerContact:
        """Somebody who acts for a firm."""
        person = make_person(vault, named(number, "钱经理"), source="bound", now=NOW)
        await person.save()
        await ContactRow.create(
            employer_id=employer.id, person_id=person.id, status="active", keeper=True, since=NOW
        )
        return EmployerContact(person.id, employer.id)

    return make


@pytest.fixture
def clerk(institution: Institution) -> Staff:
    """Somebody of the institution."""
    return Staff(new_id(), Role.INSTITUTION, institution=institution.id)


@pytest.fixture
def operator() -> Staff:
    return Staff(new_id(), Role.HOTLINE)


@pytest.fixture
def browse(database: str, aiohttp_client: Any) -> Browse:
    """The console, open to whoever is named."""

    async def open_one(staff: Staff) -> Browser:
        return Browser(await aiohttp_client(make_console(let_in(staff), clock=lambda: NOW)))

    return open_one
