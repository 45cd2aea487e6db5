"""What is held of somebody, a copy of it, and its end; and nothing of anybody else's."""

import base64
import json
import logging
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from redis.asyncio import Redis

from domain.actor import System, Trainee, Visitor
from domain.calendar import local_now
from domain.errors import DomainError
from domain.holdings import Holding, Periods, Whose, periods_of
from domain.login.actions import log_out
from domain.login.queries import list_sessions
from domain.people.phone import keep_phone
from domain.privacy.actions import erase_me, purge_people
from domain.privacy.holders import HOLDERS
from domain.privacy.queries import copy_me, describe_me
from domain.vault import Vault
from models.people import Identity, Person
from tests.integration.bot.conftest import list_redis
from tests.integration.bot.database import fetch, list_values
from tests.integration.bot.test_privacy import drain, forms
from tests.integration.people.conftest import LI, PHONE, WANG, MakePhone, MiniPhone, Time
from tests.integration.people.test_bind_talk import BEGIN, make_chat
from tests.support import package_content

__all__ = ["make_chat"]

PERIODS = periods_of(package_content())


class Trainings:
    """An area as a later part of the service brings it: one record, kept for a while."""

    def __init__(self, until: date) -> None:
        self.until = until
        self.erased: list[UUID | None] = []

    async def list_held(self, whose: Whose, periods: Periods, now: datetime) -> list[Holding]:
        return [Holding("training", 1, self.until, survives=True)] if whose.person else []

    async def copy(
        self, vault: Vault, whose: Whose
    ) -> Mapping[str, Sequence[Mapping[str, object]]]:
        return {"trainings": [{"title": "家政"}]}

    async def erase(self, connection: Any, whose: Whose, periods: Periods, now: datetime) -> None:
        self.erased.append(whose.person)


@pytest.fixture
async def phone(make_phone: MakePhone) -> MiniPhone:
    """Somebody with everything that there can be of them."""
    made = make_phone(1)
    await made.log_in()
    await made.give_phone(PHONE)
    await made.bind(*WANG)
    return made


async def find_traces(database_url: str, redis: Redis, vault: Vault, openid: str) -> list[str]:
    """Where something is left by which the person could be known: a value, or its blind index."""
    traces: list[bytes] = []
    for value, purpose in (
        (openid, "openid"),
        (WANG[1], "citizen id"),
        (WANG[0], "name"),
        (PHONE, "phone"),
    ):
        index = vault.index_with(vault.index_key_ids[0], value, purpose)
        traces += [*forms(value), index, index.hex().encode(), base64.b64encode(index)]
    everything = await list_values(database_url)
    for name, values in (await list_redis(redis)).items():
        everything[f"redis {name.decode()}"] = [name, *values]
    return sorted(
        name
        for name, values in everything.items()
        if any(trace in value for trace in traces for value in values)
    )


async def test_each_kind_says_until_when_and_why(phone: MiniPhone, time: Time) -> None:
    held = {one["kind"]: one for one in (await phone.me())["held"]}
    assert set(held) == {"person", "phone", "wechat", "consent", "session"}
    assert all(one["name"] and one["why"] and one["count"] == 1 for one in held.values())
    assert held["person"]["until"] is None and not held["person"]["survives"]
    assert held["session"]["until"] == str((time() + timedelta(hours=12)).date())


async def test_a_copy_is_whole_and_in_clear(phone: MiniPhone, make_chat: Any, redis: Redis) -> None:
    chat = make_chat(2)
    await chat.say("以工代训补贴一个月多少钱")
    await chat.say(BEGIN, f"李建国 {LI[1]}", "同意")
    await drain(redis)
    answer = await phone.ask("GET", "/me/export")
    records = answer.data["records"]
    assert records["person"][0]["id_number"] == WANG[1]
    assert records["person"][0]["name"] == WANG[0]
    assert [one["openid"] for one in records["identities"]] == [phone.openid]
    assert "attachment" in answer.headers["Content-Disposition"]
    assert records["messages"] == []
    assert LI[1] not in json.dumps(answer.data) and chat.openid not in json.dumps(answer.data)


async def test_what_was_said_in_chat_is_in_the_copy(
    make_chat: Any, redis: Redis, vault: Vault, database: str
) -> None:
    chat = make_chat(1)
    await chat.say(BEGIN, f"王素梅 {WANG[1]}", "同意", "以工代训补贴一个月多少钱")
    await drain(redis)
    identity = await Identity.all().get()
    assert identity.person_id is not None
    actor = Trainee(identity.person_id)
    copied: Any = await copy_me(actor, vault, identity=identity.id)
    assert [one["text"] for one in copied["messages"]] == [
        *(None, None, None), "以工代训补贴一个月多少钱",
    ]  # fmt: skip
    me = await describe_me(actor, vault, PERIODS, identity=identity.id, now=local_now())
    (held,) = [one for one in me.held if one.kind == "message"]
    assert (held.count, held.until) == (4, local_now().date() + timedelta(days=90))


async def test_erasure_leaves_nothing(
    phone: MiniPhone,
    make_chat: Any,
    make_phone: MakePhone,
    database_url: str,
    redis: Redis,
    vault: Vault,
) -> None:
    """Searched for in every table and in Redis: values, openids, blind indexes."""
    chat = make_chat(1)
    await chat.event("subscribe")
    await chat.say("以工代训补贴一个月多少钱", BEGIN, f"王素梅 {WANG[1]}", "同意")
    await drain(redis)
    second, other = make_phone(1), make_phone(2)
    for one in (second, other):
        await one.log_in()
    await other.bind(*LI)
    before = await find_traces(database_url, redis, vault, phone.openid)
    assert {"people.id_number_index", "identities.openid_index", "identities.phone_index"} <= set(
        before
    )
    answer = await phone.ask("DELETE", "/me")
    assert answer.data == {"erased": True, "kept": []}
    assert await find_traces(database_url, redis, vault, phone.openid) == []
    sender = vault.index(f"{chat.app_id}\0{chat.openid}", "person")
    for table, column in (("followers", "person"), ("inbound_messages", "person"),
                          ("dialogues", "person"), ("identities", "sender")):  # fmt: skip
        assert (
            await fetch(database_url, f"SELECT FROM {table} WHERE {column} = $1", sender) == []
        ), table
    for device in (phone, second):
        assert (await device.ask("GET", "/me")).code == "401 sign_in_required"
    assert (await other.me())["person"]["name"] == LI[0], "nobody else's"
    # Whoever comes again is met anew.
    await phone.log_in()
    assert not (await phone.me())["bound"]
    assert (await phone.bind(*WANG)).status == 200
    rows = await fetch(database_url, "SELECT * FROM people WHERE erased_at IS NOT NULL")
    assert [(row["name_sealed"], row["phone_index"], row["county"]) for row in rows] == [
        (None, None, "")
    ]


async def test_a_visitor_can_be_forgotten_too(make_phone: MakePhone, database_url: str) -> None:
    phone = make_phone(1)
    await phone.log_in()
    await phone.give_phone(PHONE)
    assert (await phone.ask("DELETE", "/me")).status == 200
    assert await fetch(database_url, "SELECT FROM identities") == []
    assert (await phone.ask("GET", "/me")).status == 401


async def test_what_the_law_keeps_stays_with_its_name_until_its_day(
    phone: MiniPhone, vault: Vault, database: str
) -> None:
    identity = await Identity.all().get()
    assert identity.person_id is not None
    now = local_now()
    trainings = Trainings(now.date() + timedelta(days=400))
    holders = (*HOLDERS, trainings)
    actor = Trainee(identity.person_id)
    copied = await copy_me(actor, vault, identity=identity.id, holders=holders)
    assert copied["trainings"] == [{"title": "家政"}]
    me = await describe_me(actor, vault, PERIODS, identity=identity.id, holders=holders, now=now)
    told = {one.kind: (one.until, one.survives) for one in me.held}
    assert told["person"] == told["training"] == (trainings.until, True), "told beforehand"
    assert told["phone"] == (None, False)
    erased = await erase_me(actor, vault, PERIODS, identity=identity.id, holders=holders, now=now)
    assert [(one.kind, one.until) for one in erased.kept] == [
        ("person", trainings.until),
        ("consent", trainings.until),
        ("training", trainings.until),
    ]
    assert trainings.erased == [actor.id]
    person = await Person.get(id=actor.id)
    assert person.id_number_sealed is not None and person.phone_sealed is None
    assert person.bound_at is None and person.erased_at is not None
    assert await Identity.all().count() == 0
    # The same person again: the record is theirs as before.
    await phone.log_in()
    assert (await phone.bind("王淑梅", WANG[1])).code == "409 identity_name_differs"
    assert (await phone.bind(*WANG)).status == 200
    assert (await Identity.all().get()).person_id == actor.id
    assert (await Person.get(id=actor.id)).erased_at is None


async def test_the_name_goes_when_the_last_record_does(
    phone: MiniPhone, vault: Vault, database: str
) -> None:
    identity = await Identity.all().get()
    assert identity.person_id is not None
    now = local_now()
    holders = (*HOLDERS, Trainings(now.date() + timedelta(days=10)))
    await erase_me(
        Trainee(identity.person_id), vault, PERIODS, identity=identity.id, holders=holders, now=now
    )
    system = System("people.purge")
    for days, gone in ((9, 0), (10, 0), (11, 1), (12, 0)):
        later = now + timedelta(days=days)
        assert await purge_people(system, vault, PERIODS, holders=holders, now=later) == gone
    person = await Person.get(id=identity.person_id)
    assert (person.id_number_sealed, person.name_index) == (None, None)


async def test_every_night_what_has_had_its_day_goes(
    make_phone: MakePhone, vault: Vault, database: str
) -> None:
    visitor, bound = make_phone(1), make_phone(2)
    for one in (visitor, bound):
        await one.log_in()
    await bound.bind(*WANG)
    system, now = System("people.purge"), local_now()
    await purge_people(system, vault, PERIODS, now=now + timedelta(hours=11))
    assert (await visitor.ask("GET", "/me")).status == 200
    await purge_people(system, vault, PERIODS, now=now + timedelta(days=89))
    assert await Identity.all().count() == 2
    await purge_people(system, vault, PERIODS, now=now + timedelta(days=91))
    assert [row.person_id is not None for row in await Identity.all()] == [True]


async def test_who_left_before_is_erased_at_night(phone: MiniPhone, vault: Vault) -> None:
    system, now = System("people.purge"), local_now()
    await purge_people(system, vault, PERIODS, now=now)
    assert (await Person.all().get()).bound_at is not None
    await Identity.all().delete()
    await purge_people(system, vault, PERIODS, now=now)
    person = await Person.all().get()
    assert (person.name_sealed, person.bound_at, person.phone_origin) == (None, None, "")


async def test_nobody_reaches_anothers_by_any_action(
    phone: MiniPhone, make_phone: MakePhone, vault: Vault, database: str
) -> None:
    """With an identity that is not theirs every action and query says: not there."""
    other = make_phone(2)
    await other.log_in()
    await other.bind(*LI)
    visitor = make_phone(3)
    await visitor.log_in()
    mine, theirs, unbound = (row for row in await Identity.all().order_by("created_at"))
    assert mine.person_id is not None and unbound.person_id is None
    session = (await list_sessions(Trainee(mine.person_id), mine.id, local_now()))[0]
    now = local_now()
    for stranger in (Trainee(theirs.person_id or mine.id), Visitor(unbound.id.bytes)):
        attempts = [
            log_out(stranger, identity=mine.id, session=session.id, now=now),
            keep_phone(stranger, vault, identity=mine.id, phone=PHONE, now=now),
        ]
        if isinstance(stranger, Trainee):
            attempts += [
                list_sessions(stranger, mine.id, now),
                describe_me(stranger, vault, PERIODS, identity=mine.id, now=now),
                copy_me(stranger, vault, identity=mine.id),
                erase_me(stranger, vault, PERIODS, identity=mine.id, now=now),
            ]
        for attempt in attempts:
            with pytest.raises(DomainError) as refused:
                await attempt
            assert refused.value.code == "not_found"
    assert (await phone.me())["person"]["name"] == WANG[0]


async def test_the_logs_hold_nothing_of_anybody(
    make_phone: MakePhone, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    phone = make_phone(1)
    await phone.log_in()
    await phone.give_phone(PHONE)
    await phone.bind(*WANG)
    await phone.bind(WANG[0], WANG[1][:-1])
    await phone.bind(*LI)
    await phone.me()
    await phone.ask("GET", "/me/export")
    await phone.ask("DELETE", "/me")
    written = caplog.text + "".join(capfd.readouterr())
    assert "/api/v1/identity" in written
    for secret in (*WANG, *LI, PHONE, phone.openid, phone.token):
        assert secret not in written


async def test_the_privacy_notice_is_open_to_all(make_phone: MakePhone) -> None:
    phone = make_phone(1)
    current = (await phone.ask("GET", "/privacy")).data
    assert (current["version"], current["current"]) == ("2026-11", True)
    assert current["versions"] == ["2026-11"] and len(current["sections"]) > 3
    assert (await phone.ask("GET", "/privacy/2026-11")).data == current
    assert (await phone.ask("GET", "/privacy/2020-01")).code == "404 not_found privacy"
