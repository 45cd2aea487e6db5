"""What the console shows of accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from tortoise.expressions import Q

from domain.actor import Role, Staff
from domain.errors import DomainError
from domain.paging import Page, Position, after
from domain.permissions import Permission, Reach, reach_of, require
from domain.sealed import open_field
from domain.staff.tools import StaffTools
from models.institutions import Institution
from models.staff import StaffAccount, StaffReset

#: in_use: signs in. waiting: has a temporary password. disabled.
Standing = Literal["in_use", "waiting", "disabled"]


@dataclass(frozen=True, slots=True)
class Account:
    """An account as officers see it."""

    id: UUID
    username: str
    name: str
    role: Role
    county: str
    institution: UUID | None
    second_factor: bool
    standing: Standing
    temporary_until: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Reset:
    """A reset that is asked for, or was."""

    id: UUID
    account_id: UUID
    username: str
    name: str
    what: str
    reason: str
    asked_by: UUID
    asked_by_name: str
    asked_at: datetime
    expires_at: datetime


async def list_accounts(
    actor: Staff,
    tools: StaffTools,
    *,
    role: str | None = None,
    county: str | None = None,
    disabled: bool | None = None,
    order: Sequence[str] = ("username",),
    position: Position | None = None,
    limit: int = 50,
) -> Page[Account]:
    """Accounts within reach of who may at least ask for a reset. Raises DomainError
    no_permission."""
    rows = StaffAccount.filter(_within_reach(actor))
    if role is not None:
        rows = rows.filter(role=role)
    if county is not None:
        rows = rows.filter(county=county)
    if disabled is not None:
        rows = rows.filter(disabled_at__isnull=not disabled)
    page = await after(rows, order, position, limit)
    return Page([_show(tools, row) for row in page.rows], page.position)


async def get_account(actor: Staff, tools: StaffTools, account_id: UUID) -> Account:
    """One account. Raises DomainError no_permission, not_found."""
    row = await StaffAccount.get_or_none(id=account_id)
    if row is None:
        raise DomainError("not_found")
    require(actor, Permission.ASK_STAFF_RESET, county=row.county)
    return _show(tools, row)


async def get_own_account(actor: Staff, tools: StaffTools) -> Account:
    """The account that one acts with."""
    require(actor, Permission.USE_CONSOLE, owner=actor.id)
    return _show(tools, await StaffAccount.get(id=actor.id))


async def list_open_resets(actor: Staff, tools: StaffTools, now: datetime) -> list[Reset]:
    """What waits for a second officer, the oldest first; at most a hundred."""
    rows = StaffReset.filter(status="open", expires_at__gt=now).order_by("asked_at", "id")
    reach = reach_of(actor, Permission.ASK_STAFF_RESET)
    if reach is None:
        raise DomainError("no_permission")
    if reach is not Reach.ALL:
        rows = rows.filter(account__county=actor.county or "-")
    found = await rows.select_related("account").limit(100)
    askers = await name_accounts(tools, {row.asked_by for row in found})
    return [
        Reset(
            id=row.id,
            account_id=row.account.id,
            username=row.account.username,
            name=open_field(tools.vault, row.account, "name"),
            what=row.what,
            reason=open_field(tools.vault, row, "reason"),
            asked_by=row.asked_by,
            asked_by_name=askers.get(row.asked_by, ""),
            asked_at=row.asked_at,
            expires_at=row.expires_at,
        )
        for row in found
    ]


async def name_accounts(tools: StaffTools, ids: set[UUID]) -> dict[UUID, str]:
    """What the owners of accounts are called: "王敏（wang.min）". For pages that name who acted."""
    rows = await StaffAccount.filter(id__in=ids)
    return {row.id: f"{open_field(tools.vault, row, 'name')}（{row.username}）" for row in rows}


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account that the demo has seeded."""

    username: str
    role: Role
    county: str
    institution: UUID | None


async def list_demo_accounts(*, all: bool = False) -> list[DemoAccount]:
    """Accounts that the demo has seeded, in the order in which it did; `all`: disabled ones too."""
    rows = StaffAccount.filter(demo=True).order_by("created_at", "id")
    return [
        DemoAccount(row.username, Role(row.role), row.county, row.institution_id)
        for row in await (rows if all else rows.filter(disabled_at=None))
    ]


async def name_institutions() -> dict[UUID, str]:
    """The institutions that an account may act for, by name."""
    return {row.id: row.name for row in await Institution.all().order_by("name")}


async def find_account_id(username: str) -> UUID | None:
    """The id of the account of that name."""
    row = await StaffAccount.get_or_none(username=username)
    return None if row is None else row.id


def _within_reach(actor: Staff) -> Q:
    reach = reach_of(actor, Permission.ASK_STAFF_RESET)
    if reach is None:
        raise DomainError("no_permission")
    # An officer without a county reaches nobody; "" is the city's own.
    return Q() if reach is Reach.ALL else Q(county=actor.county or "-")


def _show(tools: StaffTools, row: StaffAccount) -> Account:
    standing: Standing = "in_use"
    if row.disabled_at is not None:
        standing = "disabled"
    elif row.temporary_until is not None:
        standing = "waiting"
    return Account(
        id=row.id,
        username=row.username,
        name=open_field(tools.vault, row, "name"),
        role=Role(row.role),
        county=row.county,
        institution=row.institution_id,
        second_factor=row.totp_sealed is not None,
        standing=standing,
        temporary_until=row.temporary_until,
        created_at=row.created_at,
    )
