"""Notices as the person reads them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.notices import IdentityNotice


@dataclass(frozen=True, slots=True)
class OwnNotice:
    """What one had to be told; `kind` is a key of notices in content/texts/people.yaml."""

    kind: str
    created_at: datetime


async def list_notices(identity: UUID) -> list[OwnNotice]:
    """Those of an identity, the newest first; the caller has asked whose it is."""
    rows = IdentityNotice.filter(identity_id=identity).order_by("-created_at", "id")
    return [OwnNotice(row.kind, row.created_at) for row in await rows]
