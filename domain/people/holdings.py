"""Who somebody is, as part of what is held of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.expressions import Q

from domain.calendar import LOCAL
from domain.holdings import Holding, Periods, Whose, keep_until
from domain.sealed import open_field_or_none
from domain.vault import Vault
from models.people import Consent, Identity, Person, SessionToken


class OwnRecords:
    """Name, ID and phone; identities; consents; sessions."""

    async def list_held(self, whose: Whose, periods: Periods, now: datetime) -> list[Holding]:
        """As Holder."""
        identities = list(whose.identities)
        sessions = await SessionToken.filter(identity_id__in=identities, expires_at__gt=now)
        consents = await Consent.filter(person_id=whose.person).count() if whose.person else 0
        last_seen = max((row.last_used_at for row in sessions), default=now)
        wechat, visit = periods.get("wechat"), periods.get("visit")
        found = [
            Holding("person", 1 if whose.person else 0, None),
            Holding("phone", int(await _has_phone(whose)), None),
            Holding("wechat", len(identities), keep_until(wechat, now))
            if whose.person
            else Holding("visit", len(identities), keep_until(visit, last_seen)),
            Holding("consent", consents, keep_until(periods.get("consent"), now)),
            Holding(
                "session",
                len(sessions),
                max((row.expires_at.astimezone(LOCAL).date() for row in sessions), default=None),
            ),
        ]
        return [holding for holding in found if holding.count]

    async def copy(
        self, vault: Vault, whose: Whose
    ) -> Mapping[str, Sequence[Mapping[str, object]]]:
        """As Holder."""
        people = await Person.filter(id=whose.person) if whose.person else []
        identities = await Identity.filter(id__in=list(whose.identities)).order_by("id")
        sessions = await SessionToken.filter(identity_id__in=list(whose.identities)).order_by("id")
        consents = await Consent.filter(person_id=whose.person) if whose.person else []
        return {
            "person": [
                _open(vault, row, "name", "id_number", "phone")
                | _plain(row, "phone_origin", "county", "source", "created_at", "bound_at")
                for row in people
            ],
            "identities": [
                _open(vault, row, "openid", "unionid", "phone")
                | _plain(row, "account", "created_at", "bound_at")
                for row in identities
            ],
            "consents": [_plain(row, "version", "channel", "given_at") for row in consents],
            "sessions": [
                _plain(row, "created_at", "last_used_at", "expires_at") for row in sessions
            ],
        }

    async def erase(
        self,
        connection: BaseDBAsyncClient,
        whose: Whose,
        periods: Periods,  # noqa: ARG002
        now: datetime,  # noqa: ARG002
    ) -> None:
        """Identities, with their sessions and notices; the person's row is the action's."""
        condition = Q(id__in=list(whose.identities))
        await Identity.filter(condition).using_db(connection).delete()


async def _has_phone(whose: Whose) -> bool:
    there = Q(phone_sealed__not_isnull=True)
    if await Identity.filter(there, id__in=list(whose.identities)).exists():
        return True
    return whose.person is not None and await Person.filter(there, id=whose.person).exists()


def _open(vault: Vault, row: Any, *fields: str) -> dict[str, object]:
    return {field: open_field_or_none(vault, row, field) for field in fields}


def _plain(row: Any, *fields: str) -> dict[str, object]:
    values = {field: getattr(row, field) for field in fields}
    return {
        field: value.astimezone(LOCAL) if isinstance(value, datetime) else value
        for field, value in values.items()
    }
