"""The access token under races, refusals and outages; each named after the thread it bit in."""

import asyncio
import logging
import sys
from collections.abc import Awaitable
from pathlib import Path

import pytest
from redis.asyncio import Redis

from clients.wechat import AsyncWeChatClient, Limits
from clients.wechat.errors import (
    CredentialError,
    InvalidTokenError,
    TokenUnavailableError,
    WeChatApiError,
)
from clients.wechat.token_store import ClaimState, TokenStore
from clients.wechat.tokens import RENEW_AHEAD
from tests.contract.support import OFFICIAL, RedisServer, StandIn, run_redis

TOKEN = "/cgi-bin/stable_token"
GET_MENU = "/cgi-bin/menu/get"
KEY = f"zpt:wechat:{{{OFFICIAL.app_id}}}"
ROOT = Path(__file__).parents[2]


class Clock:
    """A process's monotonic clock that tests put forward."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def open_client(stand_in: StandIn, redis: Redis | None, **more) -> AsyncWeChatClient:
    secret = more.pop("secret", OFFICIAL.secret)
    return AsyncWeChatClient(OFFICIAL.app_id, secret, api_base=stand_in.url, redis=redis, **more)


async def test_wechatpy_684_a_second_process_takes_the_shared_token(
    stand_in: StandIn, redis: Redis, redis_server: RedisServer
):
    async with open_client(stand_in, redis) as first, Redis.from_url(redis_server.url) as other:
        await first.get_menu()
        shared = await redis.get(f"{KEY}:token")
        async with open_client(stand_in, other) as second:
            await second.get_menu()
        assert await redis.get(f"{KEY}:token") == shared
    assert stand_in.calls(TOKEN) == 1


async def test_werobot_288_a_herd_makes_one_fetch(stand_in: StandIn, redis: Redis):
    await stand_in.fail(TOKEN, delay_ms=100)
    async with open_client(stand_in, redis) as client:
        await asyncio.gather(*(client.get_menu() for _ in range(60)))
    assert stand_in.calls(TOKEN) == 1
    assert stand_in.calls(GET_MENU) == 60


async def test_easywechat_2972_one_whose_lock_ran_out_does_not_overwrite(redis: Redis):
    store = TokenStore(redis, "wxapp")
    slow = await store.claim(RENEW_AHEAD, 0.05)
    await asyncio.sleep(0.08)
    quick = await store.claim(RENEW_AHEAD, 5)
    assert (slow.state, quick.state) == (ClaimState.CLAIMED, ClaimState.CLAIMED)
    assert await store.write(quick.fence, "new", 7200)
    assert not await store.write(slow.fence, "old", 7200)
    assert (await store.claim(RENEW_AHEAD, 5)).token == "new"


async def test_easywechat_2972_nor_does_it_give_away_the_next_ones_lock(redis: Redis):
    store = TokenStore(redis, "wxapp")
    slow = await store.claim(RENEW_AHEAD, 0.05)
    await asyncio.sleep(0.08)
    await store.claim(RENEW_AHEAD, 5)
    await store.release(slow.fence, "wechat_busy -1 x", 5)
    assert (await store.claim(RENEW_AHEAD, 5)).state is ClaimState.LOCKED


RACER = """
import asyncio, sys
from redis.asyncio import Redis
from clients.wechat import AsyncWeChatClient, Limits
async def main(url, redis_url, app_id, secret):
    async with Redis.from_url(redis_url) as redis:
        async with AsyncWeChatClient(app_id, secret, api_base=url, redis=redis) as client:
            await asyncio.gather(*(client.get_menu() for _ in range(20)))
asyncio.run(main(*sys.argv[1:]))
"""


async def test_wxjava_369_two_processes_make_one_fetch(
    stand_in: StandIn, redis: Redis, redis_server: RedisServer
):
    await stand_in.fail(TOKEN, delay_ms=1500)
    arguments = (stand_in.url, redis_server.url, OFFICIAL.app_id, OFFICIAL.secret)
    processes = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", RACER, *arguments, cwd=ROOT)
        for _ in range(2)
    ]
    assert [await process.wait() for process in processes] == [0, 0]
    assert stand_in.calls(TOKEN) == 1
    assert stand_in.calls(GET_MENU) == 40


async def test_wxjava_1222_who_waited_for_the_lock_looks_again(
    stand_in: StandIn, redis: Redis, redis_server: RedisServer
):
    await stand_in.fail(TOKEN, delay_ms=300)
    async with (
        open_client(stand_in, redis) as first,
        Redis.from_url(redis_server.url) as other,
        open_client(stand_in, other) as second,
    ):
        await asyncio.gather(first.get_menu(), second.get_menu())
    assert stand_in.calls(TOKEN) == 1


async def test_wxjava_1300_late_40001_keeps_the_fresh_token(
    stand_in: StandIn, redis: Redis, redis_server: RedisServer
):
    async with (
        open_client(stand_in, redis) as late,
        Redis.from_url(redis_server.url) as other,
        open_client(stand_in, other) as quick,
    ):
        await asyncio.gather(late.get_menu(), quick.get_menu())
        await stand_in.tell("tokens/revoke")
        await quick.get_menu()  # renews for all
        fresh = await redis.get(f"{KEY}:token")
        calls = stand_in.calls(TOKEN)
        await late.get_menu()  # its 40001 is for the old token
        assert await redis.get(f"{KEY}:token") == fresh
    assert stand_in.calls(TOKEN) == calls


async def test_wxjava_1300_many_late_40001_make_one_fetch(stand_in: StandIn, redis: Redis):
    async with open_client(stand_in, redis) as client:
        await client.get_menu()
        await stand_in.tell("tokens/revoke")
        before = stand_in.calls(TOKEN)
        await asyncio.gather(*(client.get_menu() for _ in range(30)))
    assert stand_in.calls(TOKEN) == before + 1


async def test_wxjava_1381_a_wrong_secret_does_not_burn_the_quota(
    stand_in: StandIn, redis: Redis, redis_server: RedisServer
):
    async with (
        open_client(stand_in, redis, secret="w" * 32) as client,
        Redis.from_url(redis_server.url) as other,
        open_client(stand_in, other, secret="w" * 32) as neighbour,
    ):
        for asker in [client] * 10 + [neighbour] * 10:
            with pytest.raises(CredentialError) as caught:
                await asker.get_menu()
            assert caught.value.errcode == 40125
    assert stand_in.calls(TOKEN) == 1


async def test_wxjava_1381_after_the_pause_it_is_tried_again_and_less_often(
    stand_in: StandIn,
):
    clock = Clock()
    async with open_client(stand_in, None, secret="w" * 32, clock=clock) as client:
        for pause, calls in ((0, 1), (59, 1), (2, 2), (61, 2), (60, 3)):
            clock.seconds += pause
            with pytest.raises(CredentialError):
                await client.get_menu()
            assert stand_in.calls(TOKEN) == calls


async def test_wxjava_1381_a_token_refused_again_and_again_is_not_fetched_each_time(
    stand_in: StandIn, redis: Redis
):
    async with open_client(stand_in, redis) as client:
        await stand_in.fail(GET_MENU, errcode=40001, times=1000)
        for _ in range(20):
            with pytest.raises(InvalidTokenError):
                await client.get_menu()
    assert stand_in.calls(TOKEN) == 2  # at first, and once after the first refusal
    assert stand_in.calls(GET_MENU) == 20


async def test_silenceper_336_a_stolen_token_is_replaced_once(stand_in: StandIn, redis: Redis):
    async with open_client(stand_in, redis) as client:
        await client.create_menu({"button": [{"type": "click", "name": "a", "key": "k"}]})
        await stand_in.tell("tokens/revoke")
        assert await client.get_menu() is not None
    assert stand_in.calls(TOKEN) == 2
    assert stand_in.calls(GET_MENU) == 2


async def test_silenceper_762_with_redis_down_the_token_is_kept(stand_in: StandIn):
    with run_redis() as server:
        async with (
            Redis.from_url(server.url) as redis,
            open_client(stand_in, redis) as before,
            open_client(stand_in, redis) as after,
        ):
            await before.get_menu()
            server.stop()
            for _ in range(10):
                await before.get_menu()
                await after.get_menu()
            # One for each process, and to each the same token.
            assert stand_in.calls(TOKEN) == 2
            server.start()
            await before.get_menu()
            assert stand_in.calls(TOKEN) == 2


async def test_silenceper_762_redis_that_hangs_is_not_waited_for_by_each_call(
    stand_in: StandIn, redis: Redis
):
    await redis.client_pause(4000)
    async with open_client(stand_in, redis) as client, asyncio.timeout(3.5):
        for _ in range(5):
            await client.get_menu()
    assert stand_in.calls(TOKEN) == 1


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
async def test_co_wechat_api_99_all_three_codes_are_retried_once(
    stand_in: StandIn, redis: Redis, errcode: int
):
    async with open_client(stand_in, redis) as client:
        await client.get_menu()
        if errcode == 42001:
            await stand_in.tell("clock", advance_s=7201)
        else:
            await stand_in.tell("tokens/revoke")
            await stand_in.fail(GET_MENU, errcode=errcode)
        await client.get_menu()
    assert stand_in.calls(GET_MENU) == 3
    assert stand_in.calls(TOKEN) == 2


async def test_a_token_is_renewed_ahead_and_no_call_waits_for_it(stand_in: StandIn, redis: Redis):
    clock = Clock()
    async with open_client(stand_in, redis, clock=clock) as client:
        await client.get_menu()
        clock.seconds += 7200 - RENEW_AHEAD + 1
        await redis.pexpire(f"{KEY}:token", 200_000)
        await stand_in.tell("clock", advance_s=7000)
        await stand_in.fail(TOKEN, delay_ms=300)
        async with asyncio.timeout(0.25):
            await client.get_menu()
        await asyncio.sleep(0.5)
        assert stand_in.calls(TOKEN) == 2
        assert await redis.pttl(f"{KEY}:token") > 7_000_000
        await client.get_menu()
    assert stand_in.calls(TOKEN) == 2


async def test_a_failed_renewal_keeps_the_token_that_is_still_good(stand_in: StandIn, redis: Redis):
    clock = Clock()
    async with open_client(stand_in, redis, clock=clock) as client:
        await client.get_menu()
        clock.seconds += 7200 - RENEW_AHEAD + 1
        await redis.pexpire(f"{KEY}:token", 200_000)
        await stand_in.fail(TOKEN, errcode=45009, times=100)
        before = stand_in.calls(TOKEN)
        for _ in range(10):
            await client.get_menu()
            await asyncio.sleep(0.01)
        assert stand_in.calls(TOKEN) == before + 1
        clock.seconds += 300
        await redis.delete(f"{KEY}:token")
        with pytest.raises(WeChatApiError):
            await client.get_menu()


async def test_a_caller_who_gives_up_does_not_break_the_fetch(stand_in: StandIn, redis: Redis):
    await stand_in.fail(TOKEN, delay_ms=300)
    async with open_client(stand_in, redis) as client:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await client.get_menu()
        await client.get_menu()
    assert stand_in.calls(TOKEN) == 1


async def test_closing_while_fetching_gives_the_lock_back(stand_in: StandIn, redis: Redis):
    await stand_in.fail(TOKEN, delay_ms=5000)
    client = open_client(stand_in, redis)
    waiting = asyncio.create_task(client.get_menu())
    await asyncio.sleep(0.15)
    assert await redis.exists(f"{KEY}:lock")
    await client.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not await redis.exists(f"{KEY}:lock")


async def test_a_lock_nobody_gives_back_is_waited_for_only_so_long(stand_in: StandIn, redis: Redis):
    await redis.set(f"{KEY}:lock", "99", px=60_000)
    clock = Clock()
    async with open_client(stand_in, redis, clock=clock) as client:
        waiting = asyncio.create_task(client.get_menu())
        await asyncio.sleep(0.2)
        clock.seconds += 11
        with pytest.raises(TokenUnavailableError):
            await waiting
    assert stand_in.calls(TOKEN) == 0


async def test_tokens_and_secrets_show_nowhere(
    stand_in: StandIn, redis: Redis, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    seen: list[str] = []

    async def note(call: Awaitable[object]) -> None:
        with pytest.raises(WeChatApiError) as caught:
            await call
        error = caught.value
        seen.extend([str(error), repr(error), repr(error.__context__), repr(error.__cause__)])

    limits = Limits(total=0.2)
    async with open_client(stand_in, redis, limits=limits) as client:
        await client.get_menu()
        stored = await redis.get(f"{KEY}:token")
        assert isinstance(stored, bytes)
        token = stored.decode()
        for fault in ({"errcode": 40003}, {"status": 502}, {"body": "<html>"}, {"delay_ms": 400}):
            await stand_in.fail(GET_MENU, **fault)
            await note(client.get_menu())
        await redis.delete(f"{KEY}:token")
        await stand_in.tell("tokens/revoke")
        await stand_in.fail(TOKEN, errcode=40125, errmsg=f"secret={OFFICIAL.secret} wrong")
        await note(client.get_menu())
        seen += [repr(client), repr(client._tokens), repr(vars(client._tokens)["_held"])]
    said = "\n".join(seen) + caplog.text
    assert len(seen) == 5 * 4 + 3
    assert token not in said
    assert OFFICIAL.secret not in said


async def test_the_stored_token_never_outlives_the_platforms(stand_in: StandIn, redis: Redis):
    async with open_client(stand_in, redis) as client:
        await client.get_menu()
    left = await redis.pttl(f"{KEY}:token")
    assert 7_190_000 < left <= 7_200_000
