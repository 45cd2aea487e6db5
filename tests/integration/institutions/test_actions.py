"""The directory in PostgreSQL: dated records, who may, and nobody passes a suspension."""

import asyncio
import contextvars
from datetime import date, timedelta

import asyncpg
import pytest

from domain.actor import Actor
from domain.errors import DomainError
from domain.institutions.actions import (
    change_entry,
    list_institution,
    relist_institution,
    remove_institution,
    restore_institution,
    suspend_institution,
)
from domain.institutions.queries import (
    Search,
    find_institution,
    list_records,
    search_institutions,
    standing_of,
    standings_of,
)
from domain.institutions.rules import Entry
from domain.institutions.writing import Dated
from domain.sealed import open_field
from domain.vault import Vault
from models.columns import new_id
from models.institutions import Institution, InstitutionRecord
from models.transactions import transaction
from tests.integration.institutions.conftest import (
    CITY,
    CODES,
    DONGE,
    HOTLINE,
    NOW,
    PLACES,
    TODAY,
    YANGGU,
    AddOne,
    make_entry,
)

SUSPENSION = Dated(TODAY, TODAY + timedelta(days=30), "虚假宣传", "聊人社字〔2026〕9号")


async def events(database: str) -> list[tuple[str, str]]:
    connection = await asyncpg.connect(database)
    rows = await connection.fetch("SELECT event, actor FROM audit_entries ORDER BY at, id")
    await connection.close()
    return [(row["event"], row["actor"]) for row in rows]


async def test_a_life_in_the_directory(add_one: AddOne, vault: Vault, database: str) -> None:
    one = await add_one(make_entry(), actor=YANGGU)
    await suspend_institution(YANGGU, institution_id=one, dated=SUSPENSION, now=NOW)
    told = await standing_of(one, TODAY)
    assert told is not None
    assert (told.status, told.until, told.document) == (
        *("suspended", SUSPENSION.valid_until, "聊人社字〔2026〕9号"),
    )
    after = await standing_of(one, TODAY + timedelta(days=31))
    assert after is not None and after.status == "listed", "it ends by itself"
    lifted = Dated(TODAY + timedelta(days=3))
    await restore_institution(CITY, institution_id=one, dated=lifted, now=NOW)
    assert (await standings_of([one], TODAY + timedelta(days=3)))[one].status == "listed"
    gone = Dated(TODAY + timedelta(days=5), None, "材料造假")
    await remove_institution(CITY, institution_id=one, dated=gone, now=NOW)
    back = Dated(TODAY + timedelta(days=9))
    await relist_institution(CITY, institution_id=one, dated=back, now=NOW)
    later = [await standing_of(one, TODAY + timedelta(days=days)) for days in (4, 5, 9)]
    assert [one and one.status for one in later] == ["listed", "removed", "listed"]
    assert await events(database) == [
        ("institution.list", YANGGU.key),
        ("institution.suspend", YANGGU.key),
        ("institution.restore", CITY.key),
        ("institution.remove", CITY.key),
        ("institution.relist", CITY.key),
    ]
    records = await list_records(one, TODAY + timedelta(days=5))
    assert [record.kind for record in records] == ["removed", "restored", "suspended", "listed"]


async def test_the_contact_is_sealed_and_in_no_record(
    add_one: AddOne, vault: Vault, database: str
) -> None:
    entry = make_entry(contact="王建国 13800000000")
    one = await add_one(entry)
    row = await Institution.get(id=one)
    assert open_field(vault, row, "contact") == "王建国 13800000000"
    other = make_entry(contact="李红 13900000000", address="阳谷县城谷山路1号")
    assert await change_entry(
        CITY, vault, institution_id=one, entry=other, dated=Dated(TODAY), counties=CODES, now=NOW
    )
    connection = await asyncpg.connect(database)
    dump = ""
    for table in ("institutions", "institution_records", "audit_entries"):
        dump += str(await connection.fetch(f"SELECT t::text FROM {table} t"))
    await connection.close()
    assert "谷山路" in dump and "13900000000" not in dump and "李红" not in dump
    record = await InstitutionRecord.get(institution_id=one, kind="changed")
    assert record.changes == {"address": ["", "阳谷县城谷山路1号"], "contact": []}
    assert not await change_entry(
        CITY, vault, institution_id=one, entry=other, dated=Dated(TODAY), counties=CODES, now=NOW
    ), "nothing differs"


@pytest.mark.parametrize(("actor", "code"), [(DONGE, "not_found"), (HOTLINE, "no_permission")])
async def test_who_may_not(actor: Actor, code: str, add_one: AddOne, vault: Vault) -> None:
    one = await add_one(make_entry())
    for act in (
        suspend_institution(actor, institution_id=one, dated=SUSPENSION, now=NOW),
        remove_institution(actor, institution_id=one, dated=SUSPENSION, now=NOW),
        restore_institution(actor, institution_id=one, dated=SUSPENSION, now=NOW),
        relist_institution(actor, institution_id=one, dated=SUSPENSION, now=NOW),
        list_institution(
            *(actor, vault, make_entry(2, "阳谷县新学校"), SUSPENSION), counties=CODES, now=NOW
        ),
        change_entry(
            *(actor, vault), institution_id=one, entry=make_entry(1, "新的名称学校"),
            dated=SUSPENSION, counties=CODES, now=NOW,
        ),
    ):  # fmt: skip
        with pytest.raises(DomainError, match=f"^{code}$"):
            await act
    assert await InstitutionRecord.all().count() == 1


async def test_a_county_cannot_move_one_to_another_or_take_one(
    add_one: AddOne, vault: Vault
) -> None:
    one = await add_one(make_entry())
    moved = Entry("阳谷县鸿翔职业培训学校", make_entry().uscc, "371524")
    for actor in (YANGGU, DONGE):
        with pytest.raises(DomainError, match="not_found"):
            await change_entry(
                *(actor, vault), institution_id=one, entry=moved, dated=Dated(TODAY),
                counties=CODES, now=NOW,
            )  # fmt: skip


async def test_no_two_of_one_name_or_number(add_one: AddOne) -> None:
    await add_one(make_entry(1))
    for entry, about in (
        (make_entry(2), "name"),
        (make_entry(1, "阳谷县另一所培训学校"), "uscc"),
    ):
        with pytest.raises(DomainError) as refused:
            await add_one(entry)
        assert (refused.value.code, refused.value.facts["about"]) == ("institution_taken", about)
    with pytest.raises(DomainError, match="institution_entry_wrong"):
        await add_one(Entry("x", "y", "z"))
    results = await asyncio.gather(
        *(add_one(make_entry(9, "阳谷县同时学校")) for _ in range(4)), return_exceptions=True
    )
    assert sum(isinstance(result, DomainError) for result in results) == 3


async def test_who_asks_for_nobody(database: str) -> None:
    assert await standing_of(new_id(), TODAY) is None
    assert await find_institution(new_id(), TODAY) is None
    with pytest.raises(DomainError, match="not_found"):
        await suspend_institution(CITY, institution_id=new_id(), dated=SUSPENSION, now=NOW)


async def test_what_was_recorded_stays(add_one: AddOne, database: str) -> None:
    await add_one(make_entry())
    connection = await asyncpg.connect(database)
    for statement in (
        "UPDATE institution_records SET reason = 'x'",
        "DELETE FROM institution_records",
        "TRUNCATE institution_records",
        "TRUNCATE subsidy_standards",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    await connection.close()


async def test_a_suspension_waits_for_who_has_asked_and_then_is_seen(add_one: AddOne) -> None:
    """An approval that has read "listed" ends before the suspension begins."""
    one = await add_one(make_entry())
    elsewhere = contextvars.copy_context()
    async with transaction() as connection:
        told = await standing_of(one, TODAY, connection)
        assert told is not None and told.status == "listed"
        suspending = asyncio.create_task(
            suspend_institution(CITY, institution_id=one, dated=SUSPENSION, now=NOW),
            context=elsewhere,
        )
        done, _ = await asyncio.wait({suspending}, timeout=0.3)
        assert not done
    await suspending
    told = await standing_of(one, TODAY)
    assert told is not None and told.status == "suspended"


async def test_pages_of_a_search(add_one: AddOne) -> None:
    names = [f"阳谷县鸿{char}职业培训学校" for char in "翔达运飞腾"]
    for number, name in enumerate(names):
        await add_one(make_entry(number, name))
    suspended = await add_one(make_entry(9, "东阿县启明职业培训学校", county="371524"))
    await suspend_institution(CITY, institution_id=suspended, dated=SUSPENSION, now=NOW)
    await add_one(
        make_entry(10, "临清市未来职业培训学校", county="371581"), Dated(date(2027, 1, 1))
    )
    seen: list[str] = []
    position = None
    while True:
        page = await search_institutions(Search("鸿"), PLACES, TODAY, limit=2, position=position)
        seen += [one.name for one in page.rows]
        position = page.position
        if position is None:
            break
        # What comes in between moves nothing.
        await add_one(make_entry(20 + len(seen), f"阳谷县啊鸿{len(seen)}职业培训学校"))
    assert [name for name in seen if name in names] == sorted(names)
    assert len(seen) == len(set(seen))

    async def find(**more: object) -> list[str]:
        found = await search_institutions(Search(**more), PLACES, TODAY, limit=50)  # type: ignore[arg-type]
        return [one.name for one in found.rows]

    assert await find(status="suspended") == ["东阿县启明职业培训学校"]
    assert await find(county="371524", status="listed") == []
    assert await find(county="371581") == [], "it is listed from next year on"
    assert await find(query="qiming") == ["东阿县启明职业培训学校"]
