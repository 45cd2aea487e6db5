"""Telling people face to face (当面告知, L12) who were put on a roster by others: who has to be
told still, what, and that it was done."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.expressions import Q, Subquery

from domain.actor import Actor, EmployerContact
from domain.audit.log import record
from domain.employers.contacts import require_still_acting
from domain.enrolments.admission import side_of
from domain.enrolments.lines import RosterLine, make_lines
from domain.enrolments.locking import hold_row
from domain.enrolments.queries import require_roster
from domain.enrolments.rules import Side
from domain.errors import DomainError
from domain.permissions import Permission, require
from domain.training.details import MOST_PEOPLE
from domain.training.views import holder_of
from domain.vault import Vault
from models.enrolments import Enrolment, Informed, NoticeWords
from models.training import TrainingClass
from models.transactions import transaction

#: How they were told (models.enrolments.Informed.channel).
FACE_TO_FACE = "face"
_TELLERS = (Side.HOLDER, Side.SPONSOR, Side.SYSTEM)
_SETTLE = """
    UPDATE informed SET state = 'shown', channel = $2, made_by = $3, told_at = $4
    WHERE enrolment_id = ANY($1::uuid[]) AND state = 'owed'
    RETURNING enrolment_id
"""


@dataclass(frozen=True, slots=True)
class Owed:
    """The people of a class who have not been told: at most MOST_PEOPLE lines, masked, in the
    order in which they came; and the words that they are owed, each once."""

    lines: list[RosterLine]
    words: list[str]


async def inform_people(
    actor: Actor, *, class_id: UUID, enrolments: Collection[UUID], now: datetime
) -> int:
    """The people with these enrolments were told face to face: by whoever holds the class, or by
    the firm that has named them. How many were owed it; said again it changes nothing.

    Raises DomainError: no_permission; not_found for another's class, and where one of
    `enrolments` is not of it or has been withdrawn.
    """
    async with transaction() as connection:
        await require_still_acting(connection, actor)
        row = await hold_row(connection, class_id)
        theirs = Enrolment.filter(_told_by(actor, row), id__in=list(enrolments))
        if await theirs.using_db(connection).count() < len(set(enrolments)):
            raise DomainError("not_found")
        return await _settle(connection, actor, class_id, enrolments, now)


async def list_owed(actor: Actor, vault: Vault, class_id: UUID) -> Owed:
    """Whom `actor` has to tell. Raises DomainError as inform_people."""
    row = await TrainingClass.get_or_none(id=class_id)
    if row is None:
        require(actor, Permission.ENROL)
        raise DomainError("not_found")
    theirs = _told_by(actor, row)
    if holder_of(row) not in actor.owns and not await Enrolment.filter(theirs).exists():
        # A firm that has named nobody in another's class.
        raise DomainError("not_found")
    owed = Informed.filter(state="owed", enrolment__training_class_id=class_id)
    rows = Enrolment.filter(theirs, id__in=Subquery(owed.values("enrolment_id")))
    people = await rows.order_by("id").limit(MOST_PEOPLE)
    digests = owed.filter(enrolment_id__in=[one.id for one in people]).values("notice_digest")
    words = NoticeWords.filter(digest__in=Subquery(digests)).order_by("first_said_at")
    return Owed(await make_lines(vault, people), [one.words for one in await words])


async def count_owed(actor: Actor, class_id: UUID) -> int:
    """How many of a class have not been told. Raises DomainError: no_permission, not_found."""
    await require_roster(actor, class_id, Permission.SEE_ROSTER)
    owed = Informed.filter(state="owed").values("enrolment_id")
    people = Enrolment.filter(training_class_id=class_id, id__in=Subquery(owed))
    return await people.exclude(status="withdrawn").count()


def _told_by(actor: Actor, row: TrainingClass) -> Q:
    """Whose enrolments in the class are `actor`'s to tell. Raises DomainError no_permission,
    not_found."""
    holder = holder_of(row)
    sponsor = actor.employer if isinstance(actor, EmployerContact) else None
    side = side_of(actor, holder=holder, sponsor=sponsor)
    require(actor, Permission.ENROL, owner=sponsor if side is Side.SPONSOR else holder)
    if side not in _TELLERS:
        raise DomainError("no_permission")
    theirs = Q(training_class_id=row.id) & ~Q(status="withdrawn")
    return theirs & Q(employer_id=sponsor) if side is Side.SPONSOR else theirs


async def _settle(
    connection: BaseDBAsyncClient,
    actor: Actor,
    class_id: UUID,
    enrolments: Collection[UUID],
    now: datetime,
) -> int:
    """Each telling names who told and when; the audit log names the person, or of several how
    many there were."""
    values = [list(enrolments), FACE_TO_FACE, actor.key, now]
    settled = await connection.execute_query_dict(_SETTLE, values)
    told = {row["enrolment_id"] for row in settled}
    if len(told) == 1:
        about = ("enrolment", next(iter(told)))
        await record(
            connection, actor, "enrolment.told", about=about, facts={"how": FACE_TO_FACE}, now=now
        )
    elif told:
        await record(
            connection,
            actor,
            "roster.told",
            about=("class", class_id),
            facts={"how": FACE_TO_FACE, "people": len(told)},
            now=now,
        )
    return len(told)
