"""Whoever has asked for erasure is found by nobody but those who audit, and they give a reason."""

from datetime import timedelta
from uuid import UUID

import pytest

from domain.actor import STAFF_ROLES, Role, Staff
from domain.calendar import local_now
from domain.errors import DomainError
from domain.people.erased import find_erased, reveal_erased, see_erased
from domain.people.lookups import find_people, reveal_person, see_person
from models.audit import AuditEntry
from models.columns import new_id
from models.people import Person
from tests.integration.people.conftest import LI, WANG, put_on_roster
from tests.integration.people.test_lookups import VAULT

REASON = "查账：核对第1期名册"
NOW = local_now()
AUDITORS = {Role.AUDITOR, Role.COUNTY_OFFICER, Role.CITY_OFFICER}


def staff(role: Role, county: str | None = None) -> Staff:
    return Staff(new_id(), role, county)


@pytest.fixture
async def gone(database: str) -> UUID:
    """Erased, with a record that is kept; beside somebody who is not."""
    await put_on_roster(VAULT, *LI)
    id = await put_on_roster(VAULT, *WANG)
    await Person.filter(id=id).update(erased_at=NOW - timedelta(days=3), phone_origin="")
    return id


@pytest.mark.parametrize("role", sorted(STAFF_ROLES, key=str))
async def test_no_search_of_every_day_finds_them(gone: UUID, role: Role) -> None:
    actor = staff(role, "371502")
    for by in ({"name": WANG[0]}, {"id_number": WANG[1]}):
        try:
            assert await find_people(actor, VAULT, **by, now=NOW) == []
        except DomainError as refusal:
            assert refusal.code == "no_permission"
    for attempt in (
        see_person(actor, VAULT, person=gone, now=NOW),
        reveal_person(actor, VAULT, person=gone, reason="核对本人身份", now=NOW),
    ):
        with pytest.raises(DomainError) as refused:
            await attempt
        assert refused.value.code in ("not_found", "no_permission")


@pytest.mark.parametrize("role", sorted(STAFF_ROLES, key=str))
async def test_who_audits_finds_them_and_is_written_down(gone: UUID, role: Role) -> None:
    actor = staff(role, "371502" if role is Role.COUNTY_OFFICER else None)
    if role not in AUDITORS:
        for attempt in (
            find_erased(actor, VAULT, name=WANG[0], reason=REASON, now=NOW),
            see_erased(actor, VAULT, person=gone, now=NOW),
            reveal_erased(actor, VAULT, person=gone, reason=REASON, now=NOW),
        ):
            with pytest.raises(DomainError) as refused:
                await attempt
            assert refused.value.code == "no_permission"
        return
    (found,) = await find_erased(actor, VAULT, id_number=WANG[1], reason=REASON, now=NOW)
    assert (found.masked.id, found.masked.name) == (gone, "王*")
    assert (await see_erased(actor, VAULT, person=gone, now=NOW)).erased_at == found.erased_at
    shown = await reveal_erased(actor, VAULT, person=gone, reason=REASON, now=NOW)
    assert (shown.name, shown.id_number) == WANG
    entries = await AuditEntry.all().order_by("id")
    assert [(one.event, one.about_id) for one in entries] == [
        ("erased.found", gone),
        ("erased.seen", gone),
        ("erased.revealed", gone),
    ]
    assert entries[0].facts == {"by": "id_number", "count": 1, "reason": REASON}


async def test_what_an_audit_does_not_find(gone: UUID) -> None:
    """Who is not erased, another county's, and nobody without a reason."""
    city, other = staff(Role.CITY_OFFICER), staff(Role.COUNTY_OFFICER, "371521")
    assert await find_erased(city, VAULT, name=LI[0], reason=REASON, now=NOW) == []
    assert await find_erased(other, VAULT, name=WANG[0], reason=REASON, now=NOW) == []
    with pytest.raises(DomainError) as refused:
        await see_erased(other, VAULT, person=gone, now=NOW)
    assert refused.value.code == "not_found"
    with pytest.raises(DomainError) as refused:
        await find_erased(city, VAULT, name=WANG[0], reason=" ", now=NOW)
    assert refused.value.code == "reason_missing"
