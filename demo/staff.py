"""Staff of every role; their password stands in demo.json and is good in the sandbox alone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from demo.institutions import INSTITUTIONS, make_entry
from demo.world import World, read_content
from domain.actor import Role, System
from domain.institutions.queries import list_listings
from domain.staff.actions import create_account
from domain.staff.passwords import Hasher
from domain.staff.queries import list_demo_accounts
from domain.staff.rules import Post
from domain.staff.tools import StaffTools

#: Everybody's, and the second factor is not asked for: nobody could carry twenty authenticators.
PASSWORD = "zhipeitong"  # noqa: S105 (the demo's, refused elsewhere)
_SEEDING = System("demo staff")


@dataclass(frozen=True, slots=True)
class _Somebody:
    username: str
    name: str
    role: Role
    county: str = ""
    institution: UUID | None = None


_CITY = (
    _Somebody("supervisor", "周建国", Role.SUPERVISOR),
    # A reset takes two officers.
    _Somebody("supervisor2", "韩雪梅", Role.SUPERVISOR),
    _Somebody("city", "李文博", Role.CITY_OFFICER),
    _Somebody("hotline", "王素芳", Role.HOTLINE),
    _Somebody("editor", "赵晓雨", Role.EDITOR),
    _Somebody("auditor", "孙立新", Role.AUDITOR),
    _Somebody("inspector", "张海涛", Role.INSPECTOR),
)
#: By the county's code; who reads demo.json finds them by `county`.
_COUNTY_NAMES = {
    "371502": ("dongchangfu", "刘志强"),
    "371503": ("chiping", "陈秀英"),
    "371521": ("yanggu", "杨桂兰"),
    "371522": ("shenxian", "马振华"),
    "371524": ("donge", "吕晓燕"),
    "371525": ("guanxian", "高永福"),
    "371526": ("gaotang", "宋丽萍"),
    "371581": ("linqing", "许明远"),
}


class Staff:
    """Officers of the city and of all eight counties, one for each institution of the directory,
    and one of each other role."""

    title = "工作人员的账号"

    async def seed(self, world: World) -> None:
        """Those who are not there yet; what was done to an account since stays."""
        counties = (
            _Somebody(username, name, Role.COUNTY_OFFICER, code)
            for code, (username, name) in _COUNTY_NAMES.items()
        )
        await _make(world, (*_CITY, *counties))
        known = {one.uscc: one.id for one in await list_listings(date.max)}
        numbers = range(1, len(INSTITUTIONS) + 1)
        uscc_of = {number: make_entry(number).uscc for number in numbers}
        await seed_institution_staff(
            world, {number: known[uscc] for number, uscc in uscc_of.items() if uscc in known}
        )

    async def describe(self, _world: World) -> Mapping[str, Sequence[object]]:
        """All accounts of the demo that are in use, those of institutions too."""
        accounts = await list_demo_accounts()
        return {
            "staff": [
                {
                    "username": account.username,
                    "password": PASSWORD,
                    "role": account.role.value,
                    "county": account.county or None,
                    "institution": account.institution and str(account.institution),
                }
                for account in accounts
            ]
        }


async def seed_institution_staff(world: World, institutions: Mapping[int, UUID]) -> None:
    """An account for each of `institutions`, which are there: school01 for that of number 1, …"""
    await _make(
        world,
        (
            _Somebody(f"school{number:02}", "教务老师", Role.INSTITUTION, institution=id)
            for number, id in institutions.items()
        ),
    )


async def _make(world: World, people: Iterable[_Somebody]) -> None:
    known = {account.username for account in await list_demo_accounts(all=True)}
    # Everybody knows the password: it need not be hard to guess, nor to hash. The first sign-in
    # makes the hash anew.
    hasher = Hasher(time_cost=1, memory_kib=1024, parallelism=1)
    counties = {county.code for county in read_content().counties}
    tools = StaffTools(world.vault, hasher, lambda: counties, sandbox=True)
    try:
        for somebody in people:
            if somebody.username not in known:
                await create_account(
                    _SEEDING,
                    tools,
                    username=somebody.username,
                    name=somebody.name,
                    post=Post(somebody.role, somebody.county, somebody.institution),
                    password=PASSWORD,
                    demo=True,
                    now=world.now,
                )
    finally:
        hasher.close()
