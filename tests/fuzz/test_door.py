"""The whole door over HTTP in process, on real stores: never a 5xx, whatever comes."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from sandbox.callback.posting import PhoneReply, read_reply
from settings import Settings
from tests.fuzz.budget import EXAMPLES, fuzzed
from tests.fuzz.strategies import any_xml
from tests.integration.bot.conftest import StartServer
from tests.integration.door.deliveries import (
    ACCOUNT,
    encrypt,
    make_envelope,
    make_query,
    new_openid,
    pad,
    seal,
    text_xml,
)
from tests.support import make_settings

REFUSALS = (400, 403, 413)
_SECONDS = 20.0


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Any) -> Settings:
    return make_settings(database_url, redis_url, tmp_path)


@pytest.fixture
async def doors(start: StartServer, settings: Settings) -> AsyncIterator[list[TestServer]]:
    """Two applications on the same stores."""
    yield [await start(settings), await start(settings)]


async def post(
    door: TestServer, session: ClientSession, query: dict[str, str], body: bytes
) -> PhoneReply:
    """What came back, read as the phone reads it. Raises PhoneError for what WeChat refuses."""
    async with (
        asyncio.timeout(_SECONDS),
        session.post(door.make_url("/wechat"), params=query, data=body) as response,
    ):
        return read_reply(ACCOUNT, response.status, await response.read())


@fuzzed
@given(message=any_xml())
async def test_any_message_rightly_sealed(
    doors: list[TestServer], session: ClientSession, message: bytes
) -> None:
    """Answered or refused, and again the same by the other process."""
    EXAMPLES["door: sealed"] += 1
    first = await post(doors[0], session, *seal(message))
    assert first.status == 200 or first.status in REFUSALS
    again = await post(doors[1], session, *seal(message))
    assert (again.status, again.kind) == (first.status, first.kind)
    assert again.text == first.text or first.status != 200


@fuzzed
@given(body=any_xml(), signed=st.booleans())
async def test_any_body(
    doors: list[TestServer], session: ClientSession, body: bytes, signed: bool
) -> None:
    """As the envelope itself, and as what stands in Encrypt."""
    EXAMPLES["door: body"] += 1
    assert (await post(doors[0], session, make_query(), body)).status in REFUSALS
    if signed:
        query = make_query(encrypt(pad(body)))
        reply = await post(doors[0], session, query, make_envelope(encrypt(pad(body))))
        assert reply.status in REFUSALS


@fuzzed
@given(
    query=st.dictionaries(
        st.sampled_from(["signature", "timestamp", "nonce", "msg_signature", "echostr", "x"]),
        st.one_of(
            st.text(st.characters(codec="utf-8"), max_size=50),
            st.sampled_from(["0" * 40, str(int(time.time())), "-1", "9" * 400]),
        ),
    )
)
async def test_any_query(
    doors: list[TestServer], session: ClientSession, query: dict[str, str]
) -> None:
    EXAMPLES["door: query"] += 1
    assert (
        await post(doors[0], session, query, b"<xml><Encrypt>AAAA</Encrypt></xml>")
    ).status == 403
    async with session.get(doors[0].make_url("/wechat"), params=query) as response:
        assert response.status == 403


WORDS = [
    "补贴",
    "培训",
    "1",
    "2",
    "3",
    "9",
    "取消",
    "你好",
    "以工代训补贴一个月多少钱",
    "转人工",
    "",
    "\x00",
]
STEPS = st.tuples(
    st.integers(0, 1),
    st.one_of(st.sampled_from(WORDS), st.text(max_size=40)),
    st.sampled_from(["once", "again", "again elsewhere", "both at once"]),
)


@fuzzed
@given(steps=st.lists(STEPS, min_size=1, max_size=8))
async def test_any_conversation(
    doors: list[TestServer],
    session: ClientSession,
    redis_url: str,
    steps: list[tuple[int, str, str]],
) -> None:
    """One person talks to two processes: each word is answered, and a retry the same."""
    EXAMPLES["door: conversation"] += 1
    openid = new_openid()
    redis = Redis.from_url(redis_url)
    before = await redis.xlen("zpt:inbound")
    for door, word, how in steps:
        message = text_xml(word, FromUserName=openid)
        here, there = doors[door], doors[1 - door]
        if how == "both at once":
            both = (post(one, session, *seal(message)) for one in (here, there))
            replies = list(await asyncio.gather(*both))
        else:
            replies = [await post(here, session, *seal(message))]
            if how != "once":
                other = here if how == "again" else there
                replies.append(await post(other, session, *seal(message)))
        assert {(reply.status, reply.kind) for reply in replies} == {(200, "text")}
        assert len({reply.xml for reply in replies}) == 1
        assert replies[0].text
    assert await redis.xlen("zpt:inbound") == before + len(steps)
    await redis.aclose()
