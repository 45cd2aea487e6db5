import json
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from clients.wechat import AsyncWeChatClient, open_mini_program, open_official_account
from settings import MiniProgram, OfficialAccount
from tests.contract.support import (
    MINI,
    OFFICIAL,
    RedisServer,
    StandIn,
    run_redis,
    run_stand_in,
)

PERSON = {
    "name": "王小雨",
    "phone": "13800000001",
    "openid": "oSandboxPerson00000000000001",
    "login_code_hint": "login-hint-1",
}


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    with run_redis() as server:
        yield server


@pytest.fixture
async def redis(redis_server: RedisServer) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_server.url) as client:
        await client.flushall()
        yield client


@pytest.fixture
async def stand_in(tmp_path: Path) -> AsyncIterator[StandIn]:
    (tmp_path / "demo.json").write_text(json.dumps({"people": [PERSON]}))
    async with run_stand_in(tmp_path) as running:
        yield running


def real_platform() -> dict[str, str] | None:
    """The real platform's test account, where the environment names one.

    ZPT_CONTRACT_API_BASE, ZPT_CONTRACT_APP_ID, ZPT_CONTRACT_SECRET, ZPT_CONTRACT_OPENID (one
    who has just written to the account); run with --allow-hosts for its address then.
    """
    if "ZPT_CONTRACT_API_BASE" not in os.environ:
        return None
    return {
        name: os.environ[f"ZPT_CONTRACT_{name.upper()}"]
        for name in ("api_base", "app_id", "secret", "openid")
    }


@pytest.fixture
async def official(stand_in: StandIn, redis: Redis) -> AsyncIterator[AsyncWeChatClient]:
    """The 公众号's client, against the stand-in or against the real platform."""
    real = real_platform()
    if real is not None:
        account = OfficialAccount(real["app_id"], real["secret"], "", "", plain=True)
        client = open_official_account(account, real["api_base"], redis)
    else:
        client = open_official_account(OFFICIAL, stand_in.url, redis)
    async with client:
        yield client


@pytest.fixture
async def mini(stand_in: StandIn, redis: Redis) -> AsyncIterator[AsyncWeChatClient]:
    async with open_mini_program(MiniProgram(MINI.app_id, MINI.secret), stand_in.url, redis) as c:
        yield c


@pytest.fixture
async def openid(stand_in: StandIn) -> str:
    """Someone who has just written to the account."""
    real = real_platform()
    if real is not None:
        return real["openid"]
    await stand_in.tell("interactions", openid=PERSON["openid"], kind="message")
    return PERSON["openid"]
