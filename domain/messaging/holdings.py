"""What somebody has said in the official account, as part of what is held of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from tortoise.backends.base.client import BaseDBAsyncClient

from domain.holdings import Holding, Periods, Whose, keep_until
from domain.messaging.queries import count_messages_of, list_messages_of
from domain.messaging.records import TEXT_PLACE
from domain.vault import Vault


class OfficialAccountMessages:
    """Messages; erased by their own forgetting (forgetting.py), around all else."""

    async def list_held(self, whose: Whose, periods: Periods, now: datetime) -> list[Holding]:
        """As Holder."""
        count, newest = await count_messages_of(whose.senders)
        until = keep_until(periods.get("message"), newest or now)
        return [Holding("message", count, until)] if count else []

    async def copy(
        self, vault: Vault, whose: Whose
    ) -> Mapping[str, Sequence[Mapping[str, object]]]:
        """As Holder."""
        return {
            "messages": [
                {
                    "received_at": row.received_at,
                    "kind": row.kind,
                    "text": vault.open(row.text_sealed, TEXT_PLACE, row.key).decode()
                    if row.text_sealed
                    else None,
                }
                for row in await list_messages_of(whose.senders)
            ]
        }

    async def erase(
        self, connection: BaseDBAsyncClient, whose: Whose, periods: Periods, now: datetime
    ) -> None:
        """Nothing more."""
