"""Notices as something that is held of a person."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from tortoise.backends.base.client import BaseDBAsyncClient

from domain.calendar import LOCAL
from domain.holdings import Holding, Periods, Whose, keep_until
from domain.vault import Vault
from models.notices import IdentityNotice

#: A key of content/retention.yaml.
KIND = "notice"


class OwnNotices:
    """What somebody had to be told."""

    async def list_held(
        self,
        whose: Whose,
        periods: Periods,
        now: datetime,  # noqa: ARG002 (as Holder)
    ) -> list[Holding]:
        """As Holder."""
        rows = await IdentityNotice.filter(identity_id__in=list(whose.identities))
        days = [keep_until(periods.get(KIND), row.created_at) for row in rows]
        last = max((day for day in days if day is not None), default=None)
        return [Holding(KIND, len(rows), last)] if rows else []

    async def copy(
        self,
        vault: Vault,  # noqa: ARG002
        whose: Whose,
    ) -> Mapping[str, Sequence[Mapping[str, object]]]:
        """As Holder."""
        rows = IdentityNotice.filter(identity_id__in=list(whose.identities)).order_by("id")
        return {
            "notices": [
                {"kind": row.kind, "created_at": row.created_at.astimezone(LOCAL)}
                for row in await rows
            ]
        }

    async def erase(
        self,
        connection: BaseDBAsyncClient,
        whose: Whose,
        periods: Periods,  # noqa: ARG002
        now: datetime,  # noqa: ARG002
    ) -> None:
        """As Holder."""
        rows = IdentityNotice.filter(identity_id__in=list(whose.identities))
        await rows.using_db(connection).delete()
