"""Enrolling, and what becomes of an enrolment. Each is one transaction of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from domain.actor import Actor, Role, Staff, Trainee
from domain.audit.log import record
from domain.employers.contacts import require_still_acting
from domain.enrolments.admission import Admission, side_of
from domain.enrolments.changing import note_change, take_out
from domain.enrolments.homes import read_homes
from domain.enrolments.locking import (
    HeldClass,
    find_holder,
    hold_class,
    hold_enrolment,
    hold_people,
    hold_row,
)
from domain.enrolments.looking import allow_look, noting_refusal
from domain.enrolments.notice import Teller, note_telling, settle_debt, word_notice_of
from domain.enrolments.rules import Side, Status, check_move
from domain.errors import DomainError
from domain.people.naming import Homes, Named, find_or_make_person, meet_people
from domain.permissions import Permission, require
from domain.training.views import holder_of
from domain.vault import Vault
from models.enrolments import Enrolment
from models.people import Consent
from models.transactions import transaction

#: Where people see the notice while they enrol; of others it is owed, until whoever told them says
#: so (mark_informed).
_TOLD_BY = {"mini", "chat"}


@dataclass(frozen=True, slots=True)
class Enrolled:
    """An enrolment as its doors tell it. notice: what a class has to tell (L12). fresh: it was
    not there before."""

    id: UUID
    class_id: UUID
    title: str
    status: Status
    notice: str
    fresh: bool


async def enrol_oneself(
    actor: Trainee,
    teller: Teller,
    *,
    class_id: UUID,
    channel: str,
    told_beyond_three: bool = False,
    now: datetime,
) -> Enrolled:
    """Enrol `actor` in a class; once, however often they ask. `told_beyond_three`: they know that
    they have had the year's three subsidised trainings.

    Raises DomainError: what Admission.admit refuses; not_found.
    """
    require(actor, Permission.ENROL, owner=actor.id)
    async with transaction() as connection:
        await hold_people(connection, [actor.id])
        held = await hold_class(connection, teller, class_id, now)
        _require_visible(held, Side.SELF)
        return await _enrol(
            connection,
            actor,
            teller,
            held,
            actor.id,
            side=Side.SELF,
            channel=channel,
            told=told_beyond_three,
            now=now,
        )


async def enrol_other(
    actor: Actor,
    vault: Vault,
    teller: Teller,
    *,
    class_id: UUID,
    named: Named,
    consent: str = "",
    told_beyond_three: bool = False,
    now: datetime,
) -> Enrolled:
    """Enrol somebody for them: an operator of the hotline whoever calls without a smartphone, an
    institution somebody who stands before it.

    `consent`: the version of the privacy notice that the operator has read out, and that the
    caller agreed to; an operator cannot do without. Raises DomainError: as enrol_oneself;
    consent_unheard, name_differs, own_people_only, too_many_looks. A refusal is on the record.
    """
    async with noting_refusal(actor, class_id, now), transaction() as connection:
        await require_still_acting(connection, actor)
        holder = await find_holder(connection, class_id)
        side = side_of(actor, holder=holder)
        require(actor, Permission.ENROL, owner=holder)
        if side is Side.OPERATOR and not consent:
            raise DomainError("consent_unheard")
        await allow_look(connection, actor, teller.content, 1, now)
        source = "hotline" if side is Side.OPERATOR else "roster"
        homes = await read_homes(connection, teller.content, class_id)
        person = await find_or_make_person(
            connection, vault, named, source=source, homes=homes, now=now
        )
        held = await hold_class(connection, teller, class_id, now)
        _require_visible(held, side)
        if consent:
            await Consent.create(
                person_id=person,
                version=consent,
                channel="hotline" if side is Side.OPERATOR else "sheet",
                given_at=now,
                using_db=connection,
            )
        return await _enrol(
            connection,
            actor,
            teller,
            held,
            person,
            side=side,
            channel="hotline" if side is Side.OPERATOR else "console",
            told=told_beyond_three,
            now=now,
        )


async def confirm(
    actor: Actor, *, class_id: UUID, enrolments: Sequence[UUID], now: datetime
) -> int:
    """Take those who have applied; how many were not taken before. Raises DomainError."""
    async with transaction() as connection:
        await require_still_acting(connection, actor)
        row = await hold_row(connection, class_id)
        holder = holder_of(row)
        require(actor, Permission.ENROL, owner=holder)
        side = side_of(actor, holder=holder)
        found = await (
            Enrolment.filter(training_class_id=class_id, id__in=list(enrolments))
            .using_db(connection)
            .order_by("id")
            .select_for_update(no_key=True)
        )
        if len(found) < len(set(enrolments)):
            raise DomainError("not_found")
        moved = [one for one in found if one.status != Status.CONFIRMED]
        for one in moved:
            check_move(
                *(Status(one.status), Status.CONFIRMED),
                side=side,
                class_status=row.status,
                title=row.title,
            )
        await (
            Enrolment.filter(id__in=[one.id for one in moved])
            .using_db(connection)
            .update(status=Status.CONFIRMED.value, changed_by=actor.key, changed_at=now)
        )
        if moved and isinstance(actor, Staff):
            await record(
                connection,
                actor,
                "roster.confirm",
                about=("class", class_id),
                facts={"people": len(moved)},
                now=now,
            )
        return len(moved)


async def withdraw(
    actor: Actor, *, enrolment_id: UUID, class_id: UUID | None = None, now: datetime
) -> str:
    """Take somebody out of a class that is not filed yet; the class's title. Said again it
    changes nothing. `class_id`: the class that the actor believes it to be of.

    Raises DomainError: roster_frozen once it is filed, not_found for another's, enrolment_stands.
    """
    async with transaction() as connection:
        await require_still_acting(connection, actor)
        found = await Enrolment.filter(id=enrolment_id).using_db(connection).get_or_none()
        if found is None or class_id not in (None, found.training_class_id):
            raise DomainError("not_found")
        return await _withdraw(connection, actor, found, now)


async def withdraw_caller(
    actor: Actor, vault: Vault, *, class_id: UUID, named: Named, now: datetime
) -> str:
    """The same by an operator of the hotline for whoever calls, by name and ID.

    Raises DomainError as withdraw; not_in_class for whoever is not, or not by this name.
    """
    if not isinstance(actor, Staff) or actor.role is not Role.HOTLINE:
        raise DomainError("no_permission")
    async with transaction() as connection:
        # Nobody is stored here, so that it says nothing where they live.
        nowhere = Homes(frozenset(), "")
        answers = await meet_people(
            connection, vault, [named], source="hotline", homes=nowhere, now=now
        )
        person = answers[named.id_number]
        known = None
        if not isinstance(person, DomainError) and not person.made:
            found = Enrolment.filter(training_class_id=class_id, person_id=person.id)
            known = await found.exclude(status=Status.WITHDRAWN.value).using_db(connection).first()
        if known is None:
            raise DomainError("not_in_class")
        return await _withdraw(connection, actor, known, now)


async def mark_informed(actor: Actor, *, enrolment_id: UUID, channel: str, now: datetime) -> str:
    """The person was told what they were owed (L12), by `channel`, or has read it themselves; the
    words, "" where nothing was owed.

    Whoever holds the class tells its people face to face (domain.enrolments.telling), and not by a
    channel of theirs or the hotline's. Raises DomainError: not_found, no_permission.
    """
    async with transaction() as connection:
        found = await Enrolment.filter(id=enrolment_id).using_db(connection).get_or_none()
        if found is None:
            raise DomainError("not_found")
        holder = await find_holder(connection, found.training_class_id)
        person: UUID = found.person_id
        side = side_of(actor, holder=holder, person=person)
        require(actor, Permission.ENROL, owner=person if side is Side.SELF else holder)
        if side is Side.HOLDER:
            raise DomainError("no_permission")
        words = await settle_debt(
            connection, enrolment_id, channel=channel, made_by=actor.key, now=now
        )
        if words:
            await note_change(connection, actor, "enrolment.told", enrolment_id, now)
        return words


async def _withdraw(
    connection: BaseDBAsyncClient, actor: Actor, found: Enrolment, now: datetime
) -> str:
    row, one = await hold_enrolment(connection, found)
    holder = holder_of(row)
    person: UUID = one.person_id
    sponsor: UUID | None = one.employer_id
    side = side_of(actor, holder=holder, person=person, sponsor=sponsor)
    owner = {Side.SELF: person, Side.SPONSOR: sponsor}.get(side, holder)
    require(actor, Permission.ENROL, owner=owner)
    before = Status(one.status)
    if before is Status.WITHDRAWN:
        return row.title
    check_move(before, Status.WITHDRAWN, side=side, class_status=row.status, title=row.title)
    await take_out(connection, actor, one, side, now)
    await note_change(connection, actor, "enrolment.withdraw", one.id, now)
    return row.title


async def _enrol(
    connection: BaseDBAsyncClient,
    actor: Actor,
    teller: Teller,
    held: HeldClass,
    person: UUID,
    *,
    side: Side,
    channel: str,
    told: bool,
    now: datetime,
) -> Enrolled:
    """One person into a class; both are held."""
    admission = await Admission.prepare(connection, teller, held, [person])
    words = await word_notice_of(teller, held.row, now)
    known = admission.find(person)
    if known is None:
        one = admission.admit(actor, person, side=side, channel=channel, told=told, now=now)
        await admission.save(connection)
        await note_telling(
            connection,
            [one.id],
            words,
            channel=channel,
            shown=channel in _TOLD_BY,
            made_by=actor.key,
            now=now,
        )
        await note_change(connection, actor, "enrolment.make", one.id, now)
    else:
        one = known
    return Enrolled(
        one.id, held.row.id, held.row.title, Status(one.status), words, fresh=known is None
    )


def _require_visible(held: HeldClass, side: Side) -> None:
    """A draft is its holder's own."""
    if held.row.status == "draft" and side in (Side.SELF, Side.OPERATOR):
        raise DomainError("not_found")
