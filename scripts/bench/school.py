"""Classes that sit at this moment, and people in them with phones that are signed in."""

import hashlib
import secrets
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from domain.calendar import local_now
from domain.people.naming import Named, make_person
from domain.people.rules import complete_id_number
from domain.vault import Vault
from models.columns import new_id
from models.enrolments import Enrolment
from models.institutions import Institution
from models.people import Identity, Person, SessionToken
from models.training import ClassSession, TrainingClass

#: Where all of them are held, in GCJ-02.
LATITUDE, LONGITUDE = 36.1143, 115.7915
_COUNTY = "371521"
_MADE_BY = "system bench"
#: Sessions begin so long from now: their windows are open, and stay so while anything is measured.
_BEGINS_IN, _LASTS = timedelta(minutes=10), timedelta(hours=3)
_SIGNED_IN_FOR = timedelta(hours=12)
_FIRST_BIRTHDAY = date(1970, 1, 1)


class Seat(NamedTuple):
    """Somebody who is expected in a session, and the token of their mini-program."""

    person: UUID
    session: UUID
    token: str


async def open_school(vault: Vault, *, people: int, sessions: int) -> list[Seat]:
    """As many people, shared evenly among as many classes that sit today; the models are open."""
    now = local_now()
    holder = await Institution.create(
        id=new_id(),
        name="测试学校",
        uscc=f"91371{secrets.randbelow(10**13):013}",
        county=_COUNTY,
        created_at=now,
    )
    sittings = [await _hold_class(holder.id, number, people) for number in range(sessions)]
    persons = [
        make_person(vault, Named("王秀兰", _id_number_of(number)), source="bound", now=now)
        for number in range(people)
    ]
    for person in persons:
        person.bound_at = now
    await Person.bulk_create(persons)
    tokens = [secrets.token_urlsafe(32) for _ in persons]
    identities = [
        Identity(
            id=new_id(),
            account="mini",
            index_key_id=person.index_key_id,
            person_id=person.id,
            created_at=now,
            bound_at=now,
        )
        for person in persons
    ]
    await Identity.bulk_create(identities)
    await SessionToken.bulk_create(
        SessionToken(
            id=new_id(),
            identity_id=identity.id,
            token_hash=hashlib.sha256(token.encode()).digest(),
            created_at=now,
            last_used_at=now,
            expires_at=now + _SIGNED_IN_FOR,
        )
        for identity, token in zip(identities, tokens, strict=True)
    )
    seats = [
        Seat(person.id, sittings[number % sessions].id, token)
        for number, (person, token) in enumerate(zip(persons, tokens, strict=True))
    ]
    classes = {one.id: one.training_class_id for one in sittings}
    await enrol([(seat.person, classes[seat.session]) for seat in seats])
    return seats


async def enrol(places: list[tuple[UUID, UUID]]) -> None:
    """(person, class) of each; confirmed."""
    now = local_now()
    await Enrolment.bulk_create(
        Enrolment(
            id=new_id(),
            training_class_id=class_id,
            person_id=person,
            status="confirmed",
            channel="roster",
            made_by=_MADE_BY,
            created_at=now,
            changed_by=_MADE_BY,
            changed_at=now,
        )
        for person, class_id in places
    )


async def _hold_class(holder: UUID, number: int, capacity: int) -> ClassSession:
    now = local_now()
    row = await TrainingClass.create(
        id=new_id(),
        title=f"测试{number + 1}班",
        institution_id=holder,
        programme="elderly-care",
        occupation="养老护理员",
        county=_COUNTY,
        capacity=capacity,
        latitude=LATITUDE,
        longitude=LONGITUDE,
        status="open",
        created_at=now,
    )
    return await ClassSession.create(
        id=new_id(),
        training_class_id=row.id,
        starts_at=now + _BEGINS_IN,
        ends_at=now + _BEGINS_IN + _LASTS,
    )


def _id_number_of(number: int) -> str:
    """A fictional citizen ID that passes the check."""
    born = _FIRST_BIRTHDAY + timedelta(days=number // 500)
    return complete_id_number(f"{_COUNTY}{born:%Y%m%d}{number % 500 * 2 + 1:03}")
