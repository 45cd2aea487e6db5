"""The firms that a person acts for, as part of what is held of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from tortoise.backends.base.client import BaseDBAsyncClient

from domain.actor import System
from domain.calendar import LOCAL
from domain.employers.actions import leave_firms
from domain.holdings import Holding, Periods, Whose
from domain.vault import Vault
from models.employers import EmployerContact


class FirmContacts:
    """Each firm that one acts for, or did."""

    async def list_held(
        self,
        whose: Whose,
        periods: Periods,  # noqa: ARG002 (as Holder)
        now: datetime,  # noqa: ARG002
    ) -> list[Holding]:
        """As Holder: until the person asks for erasure."""
        if whose.person is None:
            return []
        count = await EmployerContact.filter(person_id=whose.person).count()
        return [Holding("firm", count, None)] if count else []

    async def copy(
        self,
        vault: Vault,  # noqa: ARG002
        whose: Whose,
    ) -> Mapping[str, Sequence[Mapping[str, object]]]:
        """As Holder."""
        if whose.person is None:
            return {}
        rows = EmployerContact.filter(person_id=whose.person).select_related("employer")
        return {
            "firms": [
                {
                    "name": row.employer.name,
                    "uscc": row.employer.uscc,
                    "status": row.status,
                    "keeper": row.keeper,
                    "since": row.since.astimezone(LOCAL),
                    "ended_at": row.ended_at and row.ended_at.astimezone(LOCAL),
                }
                for row in await rows.order_by("id")
            ]
        }

    async def erase(
        self,
        connection: BaseDBAsyncClient,
        whose: Whose,
        periods: Periods,  # noqa: ARG002
        now: datetime,
    ) -> None:
        """As Holder. A firm that is kept by the person is kept by another from now on."""
        if whose.person is not None:
            await leave_firms(System("people.erase"), person_id=whose.person, now=now)
            await EmployerContact.filter(person_id=whose.person).using_db(connection).delete()
