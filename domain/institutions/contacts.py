"""An institution's contact, which is not for the public: masked, and unmasked with a reason."""

import re
from datetime import datetime
from uuid import UUID

from domain.actor import Actor
from domain.audit.log import record
from domain.errors import DomainError
from domain.institutions.writing import read_entry
from domain.permissions import Permission, require
from domain.reasons import clean_reason
from domain.vault import Vault
from models.institutions import Institution
from models.transactions import transaction

#: Numbers, and the words between them, as people write them into one field.
_PARTS = re.compile(r"(\d[\d -]{5,}\d)|([^\W\d_]+)")
_MOBILE_DIGITS = 11


def mask_contact(contact: str) -> str:
    """赵六 13800000000 -> 赵* 138****0000; of a shorter number the last four digits stay."""
    return " ".join(_mask_part(*part.groups()) for part in _PARTS.finditer(contact))


def _mask_part(number: str | None, word: str | None) -> str:
    if number is None:
        return f"{(word or '')[:1]}*"
    digits = re.sub(r"\D", "", number)
    return f"{digits[:3] if len(digits) == _MOBILE_DIGITS else ''}****{digits[-4:]}"


async def reveal_contact(
    actor: Actor, vault: Vault, *, institution_id: UUID, reason: str, now: datetime
) -> str:
    """The contact in clear, for whoever keeps this entry; that they saw it, and why, is on record.

    Raises DomainError: reason_missing; no_permission; not_found (also for another county's).
    """
    reason = clean_reason(reason)
    async with transaction() as connection:
        row = await Institution.filter(id=institution_id).using_db(connection).first()
        if row is None:
            raise DomainError("not_found")
        require(actor, Permission.EDIT_DIRECTORY, county=row.county)
        about = ("institution", row.id)
        await record(
            connection,
            actor,
            "institution.contact_revealed",
            about=about,
            facts={"reason": reason},
            now=now,
        )
    return read_entry(vault, row).contact
