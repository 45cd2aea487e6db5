"""A line of a roster: one person, masked, how they came, and what they were told (L12)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.calendar import LOCAL
from domain.enrolments.rules import Status
from domain.people.rules import mask_id_number, mask_name, mask_phone
from domain.sealed import open_field_or_none
from domain.vault import Vault
from models.enrolments import Enrolment, Informed
from models.people import Person


@dataclass(frozen=True, slots=True)
class RosterLine:
    """One person on a roster, masked. unfinished: they were not there to the end. told: whether
    they have been told the notice (L12), then told_at and told_by: when, and by which channel
    (models.enrolments.Informed)."""

    id: UUID
    person: UUID
    name: str
    id_number: str
    phone: str
    status: Status
    channel: str
    since: datetime
    beyond_three: bool
    unfinished: bool
    told: bool
    told_at: datetime | None
    told_by: str

    @property
    def standing(self) -> str:
        """The status, or unfinished: how it is called in words."""
        return "unfinished" if self.unfinished else self.status.value


async def make_lines(vault: Vault, rows: Sequence[Enrolment]) -> list[RosterLine]:
    """The lines of these enrolments, masked, in their order."""
    people = {one.id: one for one in await Person.filter(id__in=[row.person_id for row in rows])}
    informed = Informed.filter(enrolment_id__in=[row.id for row in rows]).order_by("id")
    told: dict[UUID, Informed] = {}
    for one in await informed:
        # The last one counts, and one that is owed before all that were told.
        known = told.get(one.enrolment_id)
        if known is None or known.state != "owed":
            told[one.enrolment_id] = one
    return [_make_line(vault, row, people[row.person_id], told.get(row.id)) for row in rows]


async def find_owed(enrolments: Sequence[UUID]) -> set[UUID]:
    """Those of `enrolments` whose people have not been told yet what their class has to tell."""
    rows = await Informed.filter(enrolment_id__in=list(enrolments), state="owed").values_list(
        "enrolment_id", flat=True
    )
    return set(rows)  # type: ignore[arg-type]


def _make_line(
    vault: Vault, row: Enrolment, person: Person, informed: Informed | None
) -> RosterLine:
    shown = {
        key: mask(value) if (value := open_field_or_none(vault, person, key)) else "—"
        for key, mask in (
            ("name", mask_name),
            ("id_number", mask_id_number),
            ("phone", mask_phone),
        )
    }
    told_at = informed.told_at if informed else None
    return RosterLine(
        id=row.id,
        person=person.id,
        status=Status(row.status),
        channel=row.channel,
        since=row.created_at.astimezone(LOCAL),
        beyond_three=row.beyond_three,
        unfinished=row.unfinished,
        told=informed is None or informed.state != "owed",
        told_at=told_at and told_at.astimezone(LOCAL),
        told_by=informed.channel if informed and told_at else "",
        **shown,
    )
