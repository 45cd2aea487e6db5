"""Who comes into a class that is held, one after another, by the same rules for one and for
thousands. Decides in memory; `save` writes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from domain.actor import Actor, EmployerContact, Role, Staff, System, Trainee
from domain.calendar import LOCAL
from domain.enrolments.locking import HeldClass, load_others
from domain.enrolments.looking import looker_of
from domain.enrolments.notice import Teller
from domain.enrolments.rules import (
    Other,
    Side,
    Status,
    check_amendable,
    check_move,
    check_overlap,
    check_places,
    check_recruiting,
    check_return,
    check_standing,
    check_told,
    first_status,
    year_of,
)
from domain.errors import DomainError
from models.columns import new_id
from models.enrolments import Enrolment

_BATCH = 1000
#: An operator withdraws whoever has called for it.
_BY_THEMSELVES = frozenset({Side.SELF.value, Side.OPERATOR.value})


def side_of(
    actor: Actor, *, holder: UUID, person: UUID | None = None, sponsor: UUID | None = None
) -> Side:
    """In which relation `actor` stands to an enrolment of `person` in a class of `holder`.

    Raises DomainError not_found where it is none of theirs, no_permission.
    """
    if isinstance(actor, System):
        return Side.SYSTEM
    if isinstance(actor, Staff) and actor.role is Role.HOTLINE:
        return Side.OPERATOR
    if holder in actor.owns and isinstance(actor, Staff | EmployerContact):
        return Side.HOLDER
    if isinstance(actor, EmployerContact) and sponsor in actor.owns:
        return Side.SPONSOR
    if isinstance(actor, Trainee) and person == actor.id:
        return Side.SELF
    raise DomainError("not_found")


def _told_of(actor: Actor, side: Side) -> UUID | None:
    """Whose classes `actor` may hear of; None: of all. Who names others by the hundred, and need
    not know them, hears of their own alone."""
    if side not in (Side.HOLDER, Side.SPONSOR):
        return None
    return looker_of(actor)


@dataclass(slots=True)
class Admission:
    """A class and all that is known of the people who are to come into it."""

    held: HeldClass
    existing: dict[UUID, Enrolment]
    others: dict[UUID, list[Other]]
    made: list[Enrolment] = field(default_factory=list)
    changed: list[Enrolment] = field(default_factory=list)

    @classmethod
    async def prepare(
        cls,
        connection: BaseDBAsyncClient,
        teller: Teller,
        held: HeldClass,
        people: Sequence[UUID],
    ) -> "Admission":
        """For `people`, whose rows and class are held."""
        existing: dict[UUID, Enrolment] = {}
        for start in range(0, len(people), _BATCH):
            part = people[start : start + _BATCH]
            rows = Enrolment.filter(training_class_id=held.row.id, person_id__in=list(part))
            existing |= {row.person_id: row for row in await rows.using_db(connection)}
        others = await load_others(connection, teller, people, held.row.id)
        return cls(held, existing, others)

    def find(self, person: UUID) -> Enrolment | None:
        """The enrolment of a person who is in the class already."""
        known = self.existing.get(person)
        return None if known is None or known.status == Status.WITHDRAWN else known

    def admit(
        self,
        actor: Actor,
        person: UUID,
        *,
        side: Side,
        channel: str,
        told: bool,
        now: datetime,
        employer: UUID | None = None,
        amending: bool = False,
    ) -> Enrolment:
        """Bring `person` in, who is not in yet. `employer`: the firm whose place it is.
        `amending`: the class is filed, and somebody has allowed it.

        Raises DomainError: all that domain.enrolments.rules refuses; own_people_only.
        """
        held, row = self.held, self.held.row
        if amending:
            check_amendable(row.status, row.title)
        else:
            check_recruiting(row.status, row.title, begun=held.begun, side=side)
        check_standing(held.standing)
        if held.for_own_people and side in (Side.SELF, Side.OPERATOR):
            raise DomainError("own_people_only", title=row.title)
        others = self.others.get(person, [])
        check_overlap(held.times, others, told_of=_told_of(actor, side))
        year = year_of(held.times, now.astimezone(LOCAL).date())
        beyond = check_told(year, others, counts=held.counts, told=told)
        after = Status.CONFIRMED if amending else first_status(side)
        known = self.existing.get(person)
        if known is not None:
            check_return(left_by_themselves=known.withdrawn_by in _BY_THEMSELVES, side=side)
            if not amending:
                check_move(
                    Status(known.status), after, side=side, class_status=row.status, title=row.title
                )
        self._take_place(employer)
        return self._write(known, actor, person, after, channel, beyond, employer, now)

    def _take_place(self, employer: UUID | None) -> None:
        """One place: of those that the firm holds as long as there are any, else a free one."""
        places, named = self.held.reserved.get(employer, (0, 0)) if employer else (0, 0)
        if employer is not None:
            if named >= places:
                check_places(self.held.row.capacity, self.held.taken)
                self.held.taken += 1
            self.held.reserved[employer] = (places, named + 1)
            return
        check_places(self.held.row.capacity, self.held.taken)
        self.held.taken += 1

    def _write(
        self,
        known: Enrolment | None,
        actor: Actor,
        person: UUID,
        after: Status,
        channel: str,
        beyond: bool,
        employer: UUID | None,
        now: datetime,
    ) -> Enrolment:
        if known is None:
            known = Enrolment(
                id=new_id(),
                training_class_id=self.held.row.id,
                person_id=person,
                made_by=actor.key,
                created_at=now,
            )
            self.made.append(known)
            self.existing[person] = known
        else:
            self.changed.append(known)
        known.status, known.channel, known.beyond_three = after.value, channel, beyond
        known.employer_id = employer
        known.changed_by, known.changed_at, known.withdrawn_by = actor.key, now, ""
        return known

    async def save(self, connection: BaseDBAsyncClient) -> None:
        """Write whom `admit` has brought in."""
        await Enrolment.bulk_create(self.made, batch_size=_BATCH, using_db=connection)
        changes = (
            *("status", "channel", "beyond_three", "employer_id", "changed_by", "changed_at"),
            "withdrawn_by",
        )
        for one in self.changed:
            await one.save(using_db=connection, update_fields=changes)
