"""Sessions of the mini-program: begun, used, revoked, and what is left of them."""

import asyncio
import json
import logging
from typing import Any

import pytest
from redis.asyncio import Redis

from api.sessions import BELIEVED_SECONDS, hash_token
from scripts.embedded.services import EmbeddedServices
from settings import Settings
from tests.contract.support import MINI, StandIn
from tests.integration.bot.conftest import list_redis
from tests.integration.bot.database import fetch, list_values, locked
from tests.integration.people.conftest import WANG, MakePhone, StartServer, Time
from tests.support import make_settings


async def test_a_login_opens_what_is_ones_own(make_phone: MakePhone) -> None:
    phone = make_phone(1)
    assert (await phone.ask("GET", "/me")).code == "401 sign_in_required"
    answer = await phone.log_in()
    assert answer.data == {"token": phone.token, "expires_in": 43200, "bound": False}
    assert answer.headers["Cache-Control"] == "no-store"
    me = await phone.me()
    assert (me["bound"], me["person"]) == (False, None)
    assert [held["kind"] for held in me["held"]] == ["visit", "session"]


async def test_a_code_is_good_once(make_phone: MakePhone, stand_in: StandIn) -> None:
    phone = make_phone(1)
    people = stand_in.platform.people
    code = people.make_login_code(phone.openid)
    assert (await phone.ask("POST", "/login", code=code)).status == 200
    for spent in (code, "never-given", "0" * 32):
        assert (await phone.ask("POST", "/login", code=spent)).code == "422 code_spent"
    assert (await phone.ask("POST", "/login", code="")).code == "422 invalid_input"
    assert (await phone.ask("POST", "/login")).status == 400
    old = people.make_login_code(phone.openid)
    stand_in.platform.advance(301)
    assert (await phone.ask("POST", "/login", code=old)).code == "422 code_spent"


@pytest.mark.parametrize(
    ("fault", "refusal"),
    [
        ({"errcode": 40029}, "422 code_spent"),
        ({"errcode": 40163}, "422 code_spent"),
        ({"errcode": 40226}, "403 login_blocked"),
        ({"errcode": -1, "times": 5}, "503 unavailable wechat"),
        ({"errcode": 45011}, "503 unavailable wechat"),
        ({"errcode": 40125}, "503 unavailable wechat"),
        ({"status": 502, "times": 5}, "503 unavailable wechat"),
    ],
)
async def test_what_wechat_says_is_told_in_words(
    make_phone: MakePhone, stand_in: StandIn, fault: dict[str, Any], refusal: str
) -> None:
    await stand_in.fail("/sns/jscode2session", **fault)
    answer = await make_phone(1).log_in()
    assert answer.code == refusal
    assert "微信" in answer.data["detail"]
    assert (answer.status == 503) == ("Retry-After" in answer.headers)


async def test_the_session_key_is_nowhere(
    make_phone: MakePhone,
    stand_in: StandIn,
    database_url: str,
    redis: Redis,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Neither is the token, nor anything else that WeChat calls somebody by."""
    key = b"session-key-16by"
    monkeypatch.setattr("sandbox.platform.accounts.secrets.token_bytes", lambda _size: key)
    caplog.set_level(logging.DEBUG)
    phone = make_phone(1)
    answer = await phone.log_in()
    secrets = ["c2Vzc2lvbi1rZXktMTZieQ==", phone.token, phone.openid, "oSandboxUnion"]
    shown = json.dumps(answer.data)
    assert secrets[0] not in shown and phone.openid not in shown
    everything = [
        value for values in (await list_values(database_url)).values() for value in values
    ]
    for name, values in (await list_redis(redis)).items():
        everything += [name, *values]
    everything.append(caplog.text.encode() + "".join(capfd.readouterr()).encode())
    assert len(everything) > 20
    for secret in secrets:
        assert not any(secret.encode() in value for value in everything), secret


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Basic abc", "Bearer wrong", "Bearer é", f"Bearer {'x' * 5000}"],
)
async def test_no_other_token_opens(make_phone: MakePhone, header: str) -> None:
    phone = make_phone(1)
    await phone.log_in()
    url = phone._url + "/me"
    async with phone._session.get(url, headers={"Authorization": header}) as response:
        assert (response.status, response.headers["WWW-Authenticate"]) == (401, "Bearer")


async def test_a_session_lasts_twelve_hours_after_its_last_use(
    make_phone: MakePhone, time: Time, redis: Redis
) -> None:
    phone = make_phone(1)
    await phone.log_in()
    for _ in range(3):
        time.pass_by(hours=11, minutes=58)
        await phone.me()
    time.pass_by(hours=12, minutes=1)
    assert (await phone.ask("GET", "/me")).code == "401 sign_in_required"
    await redis.flushdb()
    assert (await phone.ask("GET", "/me")).status == 401


async def test_the_sixth_device_takes_the_place_of_the_oldest(
    make_phone: MakePhone, database_url: str
) -> None:
    phones = [make_phone(1) for _ in range(6)]
    for phone in phones:
        await phone.log_in()
    other = make_phone(2)
    await other.log_in()
    statuses = [(await phone.ask("GET", "/me")).status for phone in phones]
    assert statuses == [401, 200, 200, 200, 200, 200]
    assert len(await fetch(database_url, "SELECT FROM session_tokens")) == 6
    assert len(await fetch(database_url, "SELECT FROM identities")) == 2


async def test_many_logins_at_once_are_five_devices(
    make_phone: MakePhone, database_url: str
) -> None:
    """Also the first: one identity, however many meet at the same time."""
    phones = [make_phone(1) for _ in range(9)]
    await asyncio.gather(*(phone.log_in() for phone in phones))
    assert len(await fetch(database_url, "SELECT FROM identities")) == 1
    statuses = [(await phone.ask("GET", "/me")).status for phone in phones]
    assert sorted(statuses) == [200] * 5 + [401] * 4


async def test_devices_are_listed_and_sent_away(make_phone: MakePhone) -> None:
    phone, lost, stranger = make_phone(1), make_phone(1), make_phone(2)
    for one in (phone, lost, stranger):
        await one.log_in()
    items = (await phone.ask("GET", "/me/sessions")).data["items"]
    assert sorted(item["current"] for item in items) == [False, True]
    (other,) = [item["id"] for item in items if not item["current"]]
    refused = await stranger.ask("DELETE", f"/me/sessions/{other}")
    assert refused.code == "404 not_found session"
    assert (await lost.ask("GET", "/me")).status == 200
    assert (await phone.ask("DELETE", f"/me/sessions/{other}")).data == {"done": True}
    assert (await lost.ask("GET", "/me")).code == "401 sign_in_required"
    assert (await phone.ask("DELETE", f"/me/sessions/{other}")).status == 404
    assert (await phone.ask("DELETE", "/me/sessions/nonsense")).status == 422


async def test_who_logs_out_is_out(make_phone: MakePhone, database_url: str) -> None:
    phone, other = make_phone(1), make_phone(1)
    await phone.log_in()
    await other.log_in()
    assert (await phone.ask("POST", "/logout")).data == {"done": True}
    assert (await phone.ask("GET", "/me")).status == 401
    assert (await other.ask("GET", "/me")).status == 200
    assert len(await fetch(database_url, "SELECT FROM session_tokens")) == 1


# --- without one of the stores ---------------------------------------------------------------


async def test_an_emptied_redis_costs_nobody_their_session(
    make_phone: MakePhone, redis: Redis
) -> None:
    phone = make_phone(1)
    await phone.log_in()
    await redis.flushdb()
    await phone.me()
    assert [key async for key in redis.scan_iter("zpt:session:*")], "the copy is back"


async def test_what_redis_has_is_a_sealed_copy(
    make_phone: MakePhone, redis: Redis, vault: Any
) -> None:
    phone, other = make_phone(1), make_phone(2)
    for one in (phone, other):
        await one.log_in()
        await one.me()
    keys = [f"zpt:session:{hash_token(one.token).hex()}" for one in (phone, other)]
    copies: list[Any] = [await redis.get(key) for key in keys]
    assert 43_000 < await redis.ttl(keys[0]) <= 43_200
    # Another's copy does not open here, and neither does nonsense: PostgreSQL is asked.
    await phone.bind(*WANG)
    assert (await phone.me())["bound"]
    for forged in (copies[1], b"nonsense", b""):
        await redis.set(keys[0], forged)
        assert (await phone.me())["bound"]


async def test_without_redis_postgresql_is_asked(
    start: StartServer, settings: Settings, make_phone: MakePhone, tmp_path: Any, stand_in: StandIn
) -> None:
    async with EmbeddedServices(tmp_path / "own", postgres=False, durable=False) as own:
        assert settings.database_url is not None
        alone = make_settings(
            settings.database_url,
            own.redis_url,
            tmp_path,
            WECHAT_API_BASE=stand_in.url,
            WECHAT_MINI_APP_ID=MINI.app_id,
            WECHAT_MINI_SECRET=MINI.secret,
        )
        phone = make_phone(1, await start(alone))
        await phone.log_in()
        await phone.me()
    # Redis has ended.
    await phone.me()
    assert (await phone.ask("POST", "/logout")).status == 200
    assert (await phone.ask("GET", "/me")).status == 401
    assert (await phone.log_in()).status == 200
    assert (await phone.bind(*WANG)).status == 200
    assert (await phone.me())["bound"]


async def test_while_postgresql_is_away_copies_are_believed(
    make_phone: MakePhone, database_url: str, redis: Redis, time: Time
) -> None:
    """What needs no PostgreSQL goes on; without a copy nobody knows who asks."""
    phone = make_phone(1)
    await phone.log_in()
    await phone.me()
    time.pass_by(seconds=BELIEVED_SECONDS + 1)
    async with locked(database_url, "session_tokens"):
        answer = await phone.ask("POST", "/phone", code="never-given")
        assert answer.code == "422 code_spent", "the guard let it in"
        await redis.flushdb()
        assert (await phone.ask("GET", "/me")).code == "503 unavailable"


async def test_what_was_revoked_without_a_word_counts_soon(
    make_phone: MakePhone, database_url: str, time: Time
) -> None:
    """Somebody else has deleted the row, and could not tell Redis."""
    phone = make_phone(1)
    await phone.log_in()
    await phone.me()
    await fetch(database_url, "DELETE FROM session_tokens")
    time.pass_by(seconds=BELIEVED_SECONDS + 1)
    assert (await phone.ask("GET", "/me")).code == "401 sign_in_required"


async def test_use_is_written_once_a_minute(
    make_phone: MakePhone, database_url: str, time: Time
) -> None:
    phone = make_phone(1)
    await phone.log_in()
    used = []
    for seconds in (0, 30, 40, 5):
        time.pass_by(seconds=seconds)
        await phone.me()
        (row,) = await fetch(database_url, "SELECT last_used_at FROM session_tokens")
        used.append(row["last_used_at"])
    assert used[0] == used[1] < used[2] == used[3]
