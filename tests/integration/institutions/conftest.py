"""A directory to try things in."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from uuid import UUID

import pytest
from stdnum.cn.uscc import calc_check_digit

from domain.actor import Role, Staff, System
from domain.calendar import LOCAL
from domain.institutions.actions import list_institution
from domain.institutions.names import Places
from domain.institutions.rules import Entry
from domain.institutions.writing import Dated
from domain.vault import Vault
from models.columns import new_id
from settings import Settings
from tests.support import make_settings

NOW = datetime(2026, 11, 30, 10, 0, tzinfo=LOCAL)
TODAY = NOW.date()
COUNTIES = {"371502": "东昌府区", "371521": "阳谷县", "371524": "东阿县", "371581": "临清市"}
CODES = frozenset(COUNTIES)
PLACES = Places.of(COUNTIES.items())
SEEDING = System("tests")
CITY = Staff(new_id(), Role.CITY_OFFICER)
YANGGU = Staff(new_id(), Role.COUNTY_OFFICER, county="371521")
DONGE = Staff(new_id(), Role.COUNTY_OFFICER, county="371524")
HOTLINE = Staff(new_id(), Role.HOTLINE)
LISTED = Dated(date(2024, 1, 1), document="聊人社字〔2024〕1号")

AddOne = Callable[..., Awaitable[UUID]]


def make_uscc(number: int, county: str = "371521") -> str:
    """A firm's number that passes the check; fictional."""
    base = f"52{county}MJ{number:07}"
    return base + calc_check_digit(base)


def make_entry(number: int = 1, name: str = "阳谷县鸿翔职业培训学校", **more: object) -> Entry:
    county = str(more.pop("county", "371521"))
    values = {"phone": "0635-6210001", "may_teach": ("电工", "焊工"), **more}
    return Entry(name, make_uscc(number, county), county, **values)  # type: ignore[arg-type]


@pytest.fixture
def vault(tmp_path) -> Vault:
    settings: Settings = make_settings("postgres://x/y", "redis://x", tmp_path)
    return Vault(settings.data_keys)


@pytest.fixture
def add_one(database: str, vault: Vault) -> AddOne:
    """Lists an institution."""

    async def add(entry: Entry, dated: Dated = LISTED, actor=SEEDING) -> UUID:
        return await list_institution(actor, vault, entry, dated, counties=CODES, now=NOW)

    return add
