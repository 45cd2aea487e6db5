"""What a person has asked officers for, as part of what is held of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.expressions import Q

from domain.calendar import LOCAL
from domain.holdings import Holding, Periods, Whose, keep_until
from domain.requests.asking import erase_requests
from domain.sealed import open_field_or_none, open_json
from domain.vault import Vault
from models.requests import Request


class OwnRequests:
    """Requests, also those that were asked before one was known by name."""

    async def list_held(self, whose: Whose, periods: Periods, now: datetime) -> list[Holding]:
        """As Holder: counted from when each came to its end."""
        rows = await Request.filter(asked_by_whom(whose)).only("id", "ended_at")
        if not rows:
            return []
        newest = max(row.ended_at or now for row in rows)
        return [Holding("request", len(rows), keep_until(periods.get("request"), newest))]

    async def copy(
        self, vault: Vault, whose: Whose
    ) -> Mapping[str, Sequence[Mapping[str, object]]]:
        """As Holder."""
        return {
            "requests": [
                {
                    "kind": row.kind,
                    "about": row.about,
                    "state": row.state,
                    "asked_for": open_json(vault, row, "payload"),
                    "reason": open_field_or_none(vault, row, "reason"),
                    "asked_at": row.asked_at.astimezone(LOCAL),
                    "ended_at": row.ended_at and row.ended_at.astimezone(LOCAL),
                }
                for row in await Request.filter(asked_by_whom(whose)).order_by("id")
            ]
        }

    async def erase(
        self,
        connection: BaseDBAsyncClient,
        whose: Whose,
        periods: Periods,  # noqa: ARG002 (as Holder)
        now: datetime,
    ) -> None:
        """As Holder. That something was asked and how it ended stays for the count, until its
        day; by whom and what does not."""
        await erase_requests(connection, asked_by_whom(whose), now=now)


def asked_by_whom(whose: Whose) -> Q:
    """The condition of the requests of a person, and of identities as visitors."""
    visitors = [key.hex() for key in (*(one.bytes for one in whose.identities), *whose.senders)]
    keys = [f"visitor {key}" for key in visitors]
    if whose.person is not None:
        keys.append(f"person {whose.person}")
    return Q(asked_by__in=keys)
