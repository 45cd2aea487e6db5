"""Many people into one class at once: a roster's, or those whom a firm names. Each is judged by
itself; who is refused keeps nobody else out."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from domain.actor import Actor
from domain.enrolments.admission import Admission, side_of
from domain.enrolments.homes import read_homes
from domain.enrolments.locking import hold_class
from domain.enrolments.notice import Teller, note_telling, word_notice_of
from domain.enrolments.rules import Side, Status, check_recruiting, check_standing
from domain.errors import DomainError
from domain.people.naming import (
    Found,
    Named,
    correct_phone,
    meet_people,
    store_corrections,
    store_people,
)
from domain.vault import Vault
from models.enrolments import Enrolment
from models.people import Person

_BATCH = 1000
_PAUSE = 200

#: added: came in. confirmed: had applied, and is taken now. corrected: their phone was another.
#: already: nothing to do.
What = Literal["added", "confirmed", "corrected", "already"]


@dataclass(frozen=True, slots=True)
class Wish:
    """One person who is to come in. told: they know that the year's three trainings are used up."""

    named: Named
    told: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one wish."""

    named: Named
    what: What | None
    refusal: DomainError | None = None
    enrolment: UUID | None = None


async def bring_in(
    connection: BaseDBAsyncClient,
    actor: Actor,
    vault: Vault,
    teller: Teller,
    *,
    class_id: UUID,
    wishes: Sequence[Wish],
    channel: str,
    source: str,
    employer: UUID | None = None,
    prepared: Mapping[str, Person] | None = None,
    now: datetime,
) -> list[Verdict]:
    """What becomes of each of `wishes`, whose IDs differ, in their order.

    `employer`: the firm whose people they are, in a class that is not its own. Everybody who
    comes in is owed the notice (L12). Raises DomainError where nobody may come in at all.
    """
    people = await meet_people(
        connection,
        vault,
        [wish.named for wish in wishes],
        source=source,
        homes=await read_homes(connection, teller.content, class_id),
        prepared=prepared,
        now=now,
    )
    held = await hold_class(connection, teller, class_id, now)
    side = side_of(actor, holder=held.holder, sponsor=employer)
    check_recruiting(held.row.status, held.row.title, begun=held.begun, side=side)
    check_standing(held.standing)
    if held.for_own_people and side is Side.SPONSOR:
        raise DomainError("own_people_only", title=held.row.title)
    ids = [one.id for one in people.values() if isinstance(one, Found)]
    admission = await Admission.prepare(connection, teller, held, ids)
    verdicts: list[Verdict] = []
    to_confirm: list[UUID] = []
    corrections: dict[UUID, dict[str, Any]] = {}
    for number, wish in enumerate(wishes):
        if number % _PAUSE == 0:
            # Others of this process have a turn.
            await asyncio.sleep(0)
        found = people[wish.named.id_number]
        if isinstance(found, DomainError):
            verdicts.append(Verdict(wish.named, None, found))
            continue
        known = admission.find(found.id)
        if known is not None:
            what, corrected = _look_again(vault, admission, known, wish, found, side)
            if what == "confirmed":
                to_confirm.append(known.id)
            if corrected is not None:
                corrections[found.id] = corrected
            verdicts.append(Verdict(wish.named, what, None, known.id))
            continue
        try:
            one = admission.admit(
                actor,
                found.id,
                side=side,
                channel=channel,
                told=wish.told,
                employer=employer if side is Side.SPONSOR else None,
                now=now,
            )
        except DomainError as refusal:
            verdicts.append(Verdict(wish.named, None, refusal))
            continue
        verdicts.append(Verdict(wish.named, "added", None, one.id))
    come = {row.person_id for row in admission.made}
    await store_people(
        connection, [one for one in people.values() if isinstance(one, Found) and one.id in come]
    )
    await admission.save(connection)
    await store_corrections(connection, corrections)
    await _confirm(connection, actor, to_confirm, now)
    fresh = [one.enrolment for one in verdicts if one.what == "added" and one.enrolment]
    words = await word_notice_of(teller, held.row, now)
    await note_telling(
        connection, fresh, words, channel=channel, shown=False, made_by=actor.key, now=now
    )
    return verdicts


def _look_again(
    vault: Vault, admission: Admission, known: Enrolment, wish: Wish, found: Found, side: Side
) -> tuple[What, dict[str, Any] | None]:
    """What a list says of somebody who is in the class already, and what is corrected by it."""
    if known.status == Status.APPLIED and side in (Side.HOLDER, Side.SYSTEM):
        return "confirmed", None
    # Whoever is in other classes, or has bound themselves, is not this list's to correct.
    corrected = None
    if not admission.others.get(found.id):
        corrected = correct_phone(vault, found.row, wish.named.phone)
    return ("already", None) if corrected is None else ("corrected", corrected)


async def _confirm(
    connection: BaseDBAsyncClient, actor: Actor, enrolments: Sequence[UUID], now: datetime
) -> None:
    for start in range(0, len(enrolments), _BATCH):
        part = list(enrolments[start : start + _BATCH])
        await (
            Enrolment.filter(id__in=part)
            .using_db(connection)
            .update(status=Status.CONFIRMED.value, changed_by=actor.key, changed_at=now)
        )
