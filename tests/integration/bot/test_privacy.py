"""Nothing that a person wrote, and nobody's openid, is readable in PostgreSQL or Redis (law 8)."""

import asyncio
import base64
from typing import Any

import pytest
from redis.asyncio import Redis

from domain.messaging.actions import FOLLOWER_OPENID_PLACE
from domain.messaging.records import TEXT_PLACE
from domain.vault import Vault
from jobs.drain import Drain
from tests.integration.bot.conftest import (
    ACCOUNT,
    OPENID,
    QUESTION,
    UNCLEAR,
    Phone,
    first_option,
    list_redis,
)
from tests.integration.bot.database import fetch, list_values, locked

SECRET = "我叫王秀兰住东昌府区，电话13800138000"


async def drain(redis: Redis) -> None:
    """Move all that waits in Redis to PostgreSQL."""
    task = asyncio.create_task(Drain(redis).run())
    try:
        async with asyncio.timeout(5):
            while await redis.xlen("zpt:inbound"):
                await asyncio.sleep(0.02)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def forms(text: str) -> list[bytes]:
    """The ways in which a text could lie about in the open."""
    raw = text.encode()
    escaped = text.encode("ascii", "backslashreplace")
    return [raw, raw.hex().encode(), base64.b64encode(raw).rstrip(b"=")[:-1], escaped]


async def find_in_the_open(database_url: str, redis: Redis, *texts: str) -> list[str]:
    everything = await list_values(database_url)
    for key, values in (await list_redis(redis)).items():
        everything[f"redis {key.decode()}"] = [key, *values]
    assert len(everything) > 10, "there is something to look at"
    return [
        name
        for name, values in everything.items()
        for text in texts
        if any(form in value for value in values for form in forms(text))
    ]


async def test_nothing_lies_in_the_open(
    phone: Phone, database_url: str, redis: Redis, vault: Vault
) -> None:
    await phone.event("subscribe", EventKey="qrscene_class-1")
    await phone.say(SECRET)
    await phone.say(UNCLEAR)
    await phone.message("voice", MediaId="m", Format="amr", Recognition=SECRET)
    texts = (OPENID, SECRET, "王秀兰", "13800138000", UNCLEAR)
    assert await find_in_the_open(database_url, redis, *texts) == []
    await drain(redis)
    assert await find_in_the_open(database_url, redis, *texts) == []
    rows = await fetch(database_url, "SELECT * FROM inbound_messages ORDER BY id")
    opened = [
        vault.open(row["text_sealed"], TEXT_PLACE, row["key"]).decode()
        for row in rows
        if row["text_sealed"]
    ]
    assert opened == [SECRET, UNCLEAR, SECRET]
    assert [row["kind"] for row in rows] == ["event.subscribe", "text", "text", "voice"]


async def test_the_search_would_find_it(database: str, redis: Redis) -> None:
    """The search above is worth nothing unless it can fail."""
    await redis.set("x", f"…{OPENID}…")
    await redis.xadd("s", {"a": SECRET})
    await fetch(
        database,
        "INSERT INTO followers (person, openid_sealed, scene, followed_at)"
        " VALUES ($1, $2, '', now())",
        b"p" * 16,
        OPENID.encode(),
    )
    found = await find_in_the_open(database, redis, OPENID, SECRET)
    assert sorted(found) == ["followers.openid_sealed", "redis s", "redis x"]


async def test_subscribe_stores_the_follower_with_the_scene(
    phone: Phone, database_url: str, vault: Vault, sender: bytes
) -> None:
    await phone.event("subscribe", EventKey="qrscene_class-1", Ticket="gQ8")
    (row,) = await fetch(database_url, "SELECT * FROM followers")
    assert row["person"] == sender
    assert row["scene"] == "class-1"
    assert vault.open(row["openid_sealed"], FOLLOWER_OPENID_PLACE, sender).decode() == OPENID
    await phone.event("unsubscribe")
    await phone.event("subscribe", EventKey="x" * 200, CreateTime=1763800000)
    (row,) = await fetch(database_url, "SELECT * FROM followers")
    assert row["scene"] == "x" * 64


def goodbye(event: str) -> tuple[str, dict[str, Any], str]:
    """Event, its fields, and whom it comes from."""
    if event == "unsubscribe":
        return event, {"EventKey": ""}, OPENID
    return event, {"OpenID": OPENID, "AppID": ACCOUNT.app_id, "RevokeInfo": "1"}, "platform"


@pytest.mark.parametrize(
    "event", ["unsubscribe", "user_authorization_revoke", "user_authorization_cancellation"]
)
@pytest.mark.parametrize("drained", [False, True], ids=["still in redis", "in postgres"])
async def test_who_leaves_is_forgotten(
    event: str,
    drained: bool,
    phone: Phone,
    redis: Redis,
    database_url: str,
    sender: bytes,
) -> None:
    await phone.event("subscribe", EventKey="qrscene_1")
    await phone.say(SECRET)
    await phone.say(UNCLEAR)
    if drained:
        await drain(redis)
    name, fields, phone.openid = goodbye(event)
    assert (await phone.event(name, **fields)).xml == "success"
    for table in ("followers", "dialogues", "late_replies"):
        assert await fetch(database_url, f"SELECT * FROM {table}") == [], table
    assert not [key async for key in redis.scan_iter("zpt:dialogue:*")], "the copy goes too"
    await drain(redis)
    rows = await fetch(database_url, "SELECT * FROM inbound_messages")
    assert len(rows) == 4, "what is counted stays"
    assert {(row["person"], row["text_sealed"]) for row in rows} == {(None, None)}
    everywhere = await list_values(database_url)
    found = [name for name, values in everywhere.items() if sender in values]
    assert found == ["forgotten.person"], "that they have left, and nothing else"


async def test_who_comes_back_begins_anew(
    phone: Phone, redis: Redis, database_url: str, sender: bytes
) -> None:
    await phone.say(SECRET)
    await phone.event("unsubscribe")
    await phone.event("subscribe", EventKey="")
    await phone.say(QUESTION)
    await drain(redis)
    assert len(await fetch(database_url, "SELECT * FROM followers")) == 1
    rows = await fetch(database_url, "SELECT * FROM inbound_messages ORDER BY received_at")
    assert [row["person"] for row in rows] == [None, None, sender, sender]


async def test_after_leaving_a_choice_is_a_choice_no_more(phone: Phone) -> None:
    options = await phone.say(UNCLEAR)
    await phone.event("unsubscribe")
    chosen = await phone.say("1")
    assert chosen.text != (await phone.say(first_option(options.text))).text


async def test_forgetting_while_postgres_is_away_is_done_behind_the_record(
    phone: Phone, redis: Redis, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await phone.event("subscribe", EventKey="")
    await phone.say(UNCLEAR)
    async with locked(database_url, "followers"):
        assert (await phone.event("unsubscribe")).xml == "success"
    await drain(redis)
    for table in ("followers", "dialogues"):
        assert await fetch(database_url, f"SELECT * FROM {table}") == [], table


async def test_the_log_holds_nothing_personal(
    phone: Phone, capsys: pytest.CaptureFixture[str]
) -> None:
    await phone.say(SECRET)
    await phone.event("unsubscribe")
    await phone.say(UNCLEAR, FromUserName="other")
    output = "".join(capsys.readouterr())
    for text in (OPENID, "王秀兰", "13800138000", UNCLEAR):
        assert text not in output
