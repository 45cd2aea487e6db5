"""Many people at once, as actions would have made them: a few statements for what binding does for
one, with codes that only a phone has."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.actor import System
from domain.errors import DomainError
from domain.people.naming import Homes, Named, make_person, meet_people, store_people
from domain.sealed import seal_columns
from domain.vault import Vault
from models.columns import new_id
from models.people import Consent, Identity
from models.transactions import transaction

#: Fewer than what is locked one by one (domain.sealed.lock_values).
_AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class Seeded:
    """A fictional person; `id` is the same at every start. openid, sender: of the identities that
    are bound from the beginning, "" and b"" for who is on rosters alone."""

    id: UUID
    named: Named
    openid: str = ""
    sender: bytes = b""


async def seed_people(
    actor: System,  # noqa: ARG001 (as every action)
    vault: Vault,
    people: Sequence[Seeded],
    *,
    consent: str,
    counties: Collection[str],
    now: datetime,
) -> None:
    """Make these people, who are not there yet."""
    for start in range(0, len(people), _AT_ONCE):
        await _seed(vault, people[start : start + _AT_ONCE], consent, counties, now)


async def _seed(
    vault: Vault, people: Sequence[Seeded], consent: str, counties: Collection[str], now: datetime
) -> None:
    async with transaction() as connection:
        rows = {
            one.named.id_number: make_person(vault, one.named, source="roster", id=one.id, now=now)
            for one in people
        }
        homes = Homes(frozenset(counties), "")
        met = await meet_people(
            connection,
            vault,
            [one.named for one in people],
            source="roster",
            homes=homes,
            prepared=rows,
            now=now,
        )
        made = [one for one in met.values() if not isinstance(one, DomainError) and one.made]
        await store_people(connection, made)
        new = {one.id for one in made}
        bound = [one for one in people if one.openid and one.id in new]
        identities = []
        for one in bound:
            for account, sender in (("mini", None), ("official", one.sender)):
                row_id = new_id()
                columns = seal_columns(
                    vault,
                    Identity,
                    row_id,
                    openid=one.openid,
                    phone=one.named.phone if account == "mini" else None,
                )
                identities.append(
                    Identity(
                        id=row_id,
                        account=account,
                        sender=sender,
                        person_id=one.id,
                        created_at=now,
                        bound_at=now,
                        **columns,
                    )
                )
        await Identity.bulk_create(identities, using_db=connection)
        await Consent.bulk_create(
            [
                Consent(person_id=one.id, version=consent, channel="mini", given_at=now)
                for one in bound
            ],
            using_db=connection,
        )
        await connection.execute_query(
            "UPDATE people SET bound_at = $1, source = 'bound', phone_origin = 'wechat'"
            " WHERE id = ANY($2::uuid[])",
            [now, [one.id for one in bound]],
        )
