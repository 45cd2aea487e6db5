"""An institution, a firm, a class that is ready for the next step, and who acts on it."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from content.schema import Content
from domain.actor import EmployerContact, Role, Staff
from domain.calendar import LOCAL
from domain.training import actions
from domain.training.actions import Holder
from domain.training.details import Details
from models.columns import new_id
from models.employers import Employer
from models.employers import EmployerContact as Contact
from models.enrolments import Enrolment
from models.institutions import Institution, InstitutionRecord
from models.people import Person
from models.training import TrainingClass
from tests.support import package_content
from tests.unit.training.facts import DETAILS, SITTINGS

#: A week before the class of tests.unit.training.facts.
NOW = datetime(2026, 11, 30, 9, 0, tzinfo=LOCAL)
COUNTY, OTHER_COUNTY = "371502", "371521"

Step = Callable[..., Awaitable[TrainingClass]]


@pytest.fixture(scope="session")
def content() -> Content:
    return package_content()


async def make_institution(
    name: str = "演示职业培训学校", may_teach: list[str] | None = None
) -> Institution:
    """One that is listed."""
    institution = await Institution.create(
        name=name,
        uscc=f"91371{int(new_id()) % 10**13:013}",
        county=COUNTY,
        may_teach=may_teach or [],
        created_at=NOW,
    )
    await write_record(institution.id, "listed", date(2020, 1, 1))
    return institution


async def write_record(
    institution: UUID,
    kind: str,
    day: date,
    until: date | None = None,
    made_at: datetime = NOW,
) -> None:
    await InstitutionRecord.create(
        institution_id=institution,
        kind=kind,
        valid_from=day,
        valid_until=until,
        made_by="system tests",
        made_at=made_at,
    )


async def enrol(class_id: UUID, people: int = 1, status: str = "confirmed") -> list[UUID]:
    """People on a roster; the ids of their enrolments."""
    enrolments = []
    for _ in range(people):
        person = await Person.create(index_key_id="k1", source="roster", created_at=NOW)
        enrolment = await Enrolment.create(
            training_class_id=class_id,
            person_id=person.id,
            status=status,
            channel="roster",
            made_by="system tests",
            created_at=NOW,
            changed_by="system tests",
            changed_at=NOW,
        )
        enrolments.append(enrolment.id)
    return enrolments


@pytest.fixture
async def institution(database: str) -> Institution:
    return await make_institution()


@pytest.fixture
async def employer(database: str) -> Employer:
    return await Employer.create(
        name="演示纺织厂",
        uscc="91371502MA3C000001",
        county=COUNTY,
        index_key_id="k1",
        created_at=NOW,
    )


@pytest.fixture
def clerk(institution: Institution) -> Staff:
    """Somebody of the institution."""
    return Staff(new_id(), Role.INSTITUTION, institution=institution.id)


@pytest.fixture
def stranger() -> Staff:
    """Somebody of another institution."""
    return Staff(new_id(), Role.INSTITUTION, institution=new_id())


@pytest.fixture
def officer() -> Staff:
    return Staff(new_id(), Role.COUNTY_OFFICER, county=COUNTY)


@pytest.fixture
async def contact(employer: Employer) -> EmployerContact:
    person = await Person.create(index_key_id="k1", source="bound", created_at=NOW)
    await Contact.create(
        employer_id=employer.id, person_id=person.id, status="active", keeper=True, since=NOW
    )
    return EmployerContact(person.id, employer.id)


class Trial:
    """One class, led on step by step at `now`, which goes up by a minute."""

    def __init__(self, content: Content, clerk: Staff, officer: Staff) -> None:
        self.content, self.clerk, self.officer = content, clerk, officer
        self.now = NOW
        self.row = TrainingClass()

    @property
    def id(self) -> UUID:
        return self.row.id

    async def draft(self, **changes: object) -> TrainingClass:
        """A draft that lacks nothing but people."""
        assert self.clerk.institution
        details: Details = replace(DETAILS, **changes)  # type: ignore[arg-type]
        self.row = await actions.draft_class(
            self.clerk,
            self.content,
            Holder("institution", self.clerk.institution),
            details,
            now=self.now,
        )
        self.row = await actions.plan_sessions(
            self.clerk, self.id, self.row.version, SITTINGS, now=self.now
        )
        return self.row

    async def take(
        self, step: Step, *words: str, actor: Staff | None = None, **said: object
    ) -> TrainingClass:
        """`step` by whoever takes it, with the version as it is."""
        self.now += timedelta(minutes=1)
        offices = (actions.approve_class, actions.return_class, actions.archive_class)
        who = actor or (self.officer if step in offices else self.clerk)
        version = (await TrainingClass.get(id=self.id)).version
        self.row = await step(who, self.content, self.id, version, *words, now=self.now, **said)
        return self.row

    async def lead_to(self, status: str) -> TrainingClass:
        """From nothing to `status`, with three people on the roster."""
        await self.draft()
        for step, day, after in (
            (actions.open_recruiting, None, "recruiting"),
            (actions.file_class, None, "filed"),
            (actions.approve_class, None, "approved"),
            (actions.open_class, datetime(2026, 12, 7, 8, tzinfo=LOCAL), "open"),
            (actions.end_class, datetime(2026, 12, 9, 12, tzinfo=LOCAL), "ended"),
        ):
            if self.row.status == status:
                break
            self.now = day or self.now
            await self.take(step)
            if after == "recruiting":
                await enrol(self.id, 3)
        assert self.row.status == status
        return self.row


@pytest.fixture
def trial(content: Content, clerk: Staff, officer: Staff) -> Trial:
    return Trial(content, clerk, officer)
