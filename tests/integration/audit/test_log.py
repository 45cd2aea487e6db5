"""What is written down stays, and whoever changes it is found out."""

import asyncio
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from tortoise.exceptions import BaseORMException

from domain.actor import Role, Staff, System
from domain.audit.log import record
from domain.audit.rules import Entry, Fact, digest_of
from domain.audit.verifying import Checkpoint, Why, verify_log
from domain.calendar import LOCAL
from models.audit import AuditEntry, AuditLink
from models.columns import new_id
from models.transactions import transaction

NOW = datetime(2026, 11, 30, 9, 30, tzinfo=LOCAL)
OFFICER = Staff(UUID(int=7), Role.COUNTY_OFFICER, county="371502")
#: What only an owner of the tables can do, and does unseen.
OPENED = "ALTER TABLE {table} DISABLE TRIGGER USER"
CLOSED = "ALTER TABLE {table} ENABLE TRIGGER USER"


async def write(event: str = "person.reveal", **facts: Fact) -> UUID:
    about = new_id()
    async with transaction() as connection:
        await record(connection, OFFICER, event, about=("person", about), facts=facts, now=NOW)
    return (await AuditEntry.get(about_id=about)).id


async def write_many(number: int) -> list[UUID]:
    return [await write(number=place) for place in range(number)]


async def tamper(url: str, table: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(OPENED.format(table=table))
        for statement in statements:
            await connection.execute(statement)
        await connection.execute(CLOSED.format(table=table))
    finally:
        await connection.close()


async def test_an_entry_says_who_what_when_about_what(database: str) -> None:
    about = new_id()
    async with transaction() as connection:
        facts: dict[str, Fact] = {
            "reason": "核对补贴",
            "fields": ["phone", "name"],
            "count": 2,
            "again": False,
        }
        await record(
            connection, OFFICER, "person.reveal", about=("person", about), facts=facts, now=NOW
        )
    entry = await AuditEntry.get()
    assert (entry.actor, entry.role, entry.event) == (
        OFFICER.key,
        "county_officer",
        "person.reveal",
    )
    assert (entry.about_kind, entry.about_id, entry.at) == ("person", about, NOW)
    assert entry.facts == facts
    assert (await verify_log()).fault is None


async def test_what_looks_like_a_person_is_not_kept(database: str) -> None:
    await write(reason="来电 13800138000，身份证 371502197803169024", digest="ab13800138000" * 4)
    (entry,) = await AuditEntry.all()
    assert entry.facts["reason"] == "来电 〔电话〕，身份证 〔身份证号〕"
    assert entry.facts["digest"] == "ab13800138000" * 4


async def test_what_cannot_be_kept_as_it_is_hurts_nobody(database: str) -> None:
    await write(reason="前\0后\ud800" + "长" * 600)
    assert (await verify_log()).fault is None


@pytest.mark.parametrize(
    ("event", "facts"),
    [("Seen", {}), ("person.reveal", {"Name": 1}), ("person.reveal", {"at": NOW})],
)
async def test_what_is_no_event_or_fact_is_our_fault(
    database: str, event: str, facts: dict[str, Any]
) -> None:
    with pytest.raises(ValueError):
        await write(event, **facts)


async def test_what_is_rolled_back_was_never_written(database: str) -> None:
    await write()
    with pytest.raises(RuntimeError):
        async with transaction() as connection:
            await record(connection, System("trial"), "class.approve", now=NOW)
            raise RuntimeError
    async with transaction() as connection:
        with pytest.raises(RuntimeError):
            async with transaction() as inner:
                await record(inner, System("trial"), "class.approve", now=NOW)
                raise RuntimeError
        await record(connection, System("trial"), "class.return", now=NOW)
    verdict = await verify_log()
    assert (verdict.checked, verdict.fault) == (2, None)


async def test_many_at_once_make_one_chain(database: str) -> None:
    async def act(number: int) -> None:
        async with transaction() as connection:
            await record(connection, OFFICER, "class.approve", facts={"number": number}, now=NOW)
            await asyncio.sleep(0.01 * (number % 3))
            await record(connection, OFFICER, "class.open", facts={"number": number}, now=NOW)

    await asyncio.gather(*(act(number) for number in range(40)))
    verdict = await verify_log()
    assert (verdict.checked, verdict.fault) == (80, None)
    assert [link.position for link in await AuditLink.all().order_by("position")] == [*range(1, 81)]


async def test_who_records_first_does_not_hold_the_others_up(database: str) -> None:
    """The lock is taken in the middle of COMMIT, not where something is recorded."""
    async with transaction() as connection:
        await record(connection, OFFICER, "class.approve", now=NOW)
        await asyncio.wait_for(asyncio.create_task(write()), 5)
    assert (await verify_log()).checked == 2


@pytest.mark.parametrize("table", ["audit_entries", "audit_links"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {table} SET {column} = {column}",
        "DELETE FROM {table}",
        "DELETE FROM {table} WHERE false",
        "TRUNCATE {table}",
    ],
)
async def test_postgresql_itself_refuses_changes(database: str, table: str, statement: str) -> None:
    await write()
    column = "event" if table == "audit_entries" else "hash"
    connection = await asyncpg.connect(database)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement.format(table=table, column=column))
    finally:
        await connection.close()
    assert (await verify_log()).checked == 1


async def test_nobody_writes_a_link_by_hand(database: str) -> None:
    with pytest.raises(BaseORMException, match="written by its entries"):
        await AuditLink.create(position=1, entry_id=new_id(), hash=bytes(32))


#: Changes of the third of five entries, by somebody who may do anything to the tables.
TAMPERING = [
    ("audit_entries", "UPDATE audit_entries SET event = 'a.b' WHERE id = '{id}'", "changed"),
    ("audit_entries", "UPDATE audit_entries SET at = at - interval '1 day' WHERE id = '{id}'",
     "changed"),
    ("audit_entries", "UPDATE audit_entries SET actor = 'staff x' WHERE id = '{id}'", "changed"),
    ("audit_entries", "UPDATE audit_entries SET role = 'editor' WHERE id = '{id}'", "changed"),
    ("audit_entries", "UPDATE audit_entries SET about_id = '{id}' WHERE id = '{id}'", "changed"),
    ("audit_entries", "UPDATE audit_entries SET about_kind = 'x' WHERE id = '{id}'", "changed"),
    ("audit_entries", "UPDATE audit_entries SET facts = '{{\"number\": 9}}' WHERE id = '{id}'",
     "changed"),
    ("audit_entries", "UPDATE audit_entries SET digest = sha256('x') WHERE id = '{id}'", "changed"),
    ("audit_entries", "DELETE FROM audit_entries WHERE id = '{id}'", "missing"),
    ("audit_links", "DELETE FROM audit_links WHERE entry_id = '{id}'", "missing"),
    ("audit_links", "UPDATE audit_links SET hash = sha256('x') WHERE entry_id = '{id}'", "changed"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "statement", "why"), TAMPERING)
async def test_the_first_that_was_tampered_with_is_named(
    database: str, table: str, statement: str, why: Why
) -> None:
    ids = await write_many(5)
    await tamper(database, table, statement.format(id=ids[2]))
    verdict = await verify_log()
    assert verdict.checked == 2
    assert verdict.fault is not None
    assert (verdict.fault.why, verdict.fault.position) == (why, 3)
    if why == "changed":
        assert verdict.fault.entry_id == ids[2]


async def test_an_entry_with_a_digest_to_match_is_found_by_the_chain(database: str) -> None:
    """Somebody who knows how digests are made still has to make all later links anew."""
    ids = await write_many(3)
    row = await AuditEntry.get(id=ids[1])
    forged = digest_of(
        Entry(row.id, row.at, row.actor, row.role, "person.look", ("person", row.about_id), {})  # type: ignore[arg-type]
    )
    await tamper(
        database,
        "audit_entries",
        f"UPDATE audit_entries SET event = 'person.look', facts = '{{}}', "
        f"digest = decode('{forged.hex()}', 'hex') WHERE id = '{ids[1]}'",
    )
    verdict = await verify_log()
    assert verdict.fault is not None
    assert (verdict.fault.why, verdict.fault.position) == ("changed", 2)


async def test_two_that_changed_places_are_found(database: str) -> None:
    ids = await write_many(3)
    await tamper(
        database,
        "audit_links",
        f"UPDATE audit_links SET entry_id = '{new_id()}' WHERE entry_id = '{ids[0]}'",
        f"UPDATE audit_links SET entry_id = '{ids[0]}' WHERE entry_id = '{ids[1]}'",
        f"UPDATE audit_links SET entry_id = '{ids[1]}' WHERE position = 1",
    )
    verdict = await verify_log()
    assert verdict.fault is not None and verdict.fault.position == 1


async def test_an_entry_slipped_in_without_the_triggers_is_found(database: str) -> None:
    await write()
    row = (
        "INSERT INTO audit_entries (id, at, actor, role, event, about_kind, facts, digest)"
        f" VALUES ('{new_id()}', now(), 'staff x', 'editor', 'a.b', '', '{{}}', sha256('x'))"
    )
    await tamper(database, "audit_entries", row)
    verdict = await verify_log()
    assert verdict.fault is not None
    assert (verdict.fault.why, verdict.checked) == ("unchained", 1)


async def test_an_entry_written_past_us_is_found(database: str) -> None:
    """The triggers chain whatever comes; that its digest is not its own is found all the same."""
    row = (
        "INSERT INTO audit_entries (id, at, actor, role, event, about_kind, facts, digest)"
        f" VALUES ('{new_id()}', now(), 'staff x', 'editor', 'a.b', '', '{{}}', sha256('x'))"
    )
    connection = await asyncpg.connect(database)
    await connection.execute(row)
    await connection.close()
    verdict = await verify_log()
    assert verdict.fault is not None
    assert (verdict.fault.why, verdict.fault.position) == ("changed", 1)


async def test_the_end_cut_off_is_found_by_a_checkpoint(database: str) -> None:
    await write_many(4)
    checkpoint = (await verify_log()).last
    assert checkpoint is not None and checkpoint.position == 4
    assert (await verify_log(Checkpoint.read(str(checkpoint)))).fault is None
    (last,) = await AuditLink.filter(position=4)
    await tamper(database, "audit_links", "DELETE FROM audit_links WHERE position = 4")
    await tamper(
        database, "audit_entries", f"DELETE FROM audit_entries WHERE id = '{last.entry_id}'"
    )
    assert (await verify_log()).fault is None
    verdict = await verify_log(checkpoint)
    assert verdict.fault is not None and verdict.fault.why == "cut"
    # Something else stands there later.
    await write()
    verdict = await verify_log(checkpoint)
    assert verdict.fault is not None
    assert (verdict.fault.why, verdict.fault.position) == ("cut", 4)


@pytest.mark.parametrize("table", ["audit_entries", "audit_links"])
async def test_protection_that_is_switched_off_is_told(database: str, table: str) -> None:
    await write()
    connection = await asyncpg.connect(database)
    await connection.execute(OPENED.format(table=table))
    await connection.close()
    verdict = await verify_log()
    assert verdict.fault is not None and verdict.fault.why == "unprotected"


async def test_a_log_without_entries_is_in_order(database: str) -> None:
    verdict = await verify_log()
    assert (verdict.checked, verdict.last, verdict.fault) == (0, None, None)


async def test_staff_go_on_while_the_log_is_checked(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("domain.audit.verifying._PAGE", 2)
    await write_many(5)
    verifying = asyncio.create_task(verify_log())
    await write_many(3)
    assert (await verifying).fault is None
    verdict = await verify_log()
    assert (verdict.checked, verdict.fault) == (8, None)
