"""How a message reached its answer, as the sandbox tells it: what was really answered."""

from typing import Any

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from redis.asyncio import Redis

from sandbox.callback.messages import build_event, build_message, render_xml
from tests.integration.bot.conftest import (
    ACCOUNT,
    NO_DATABASE,
    OPENID,
    QUESTION,
    UNCLEAR,
    Phone,
    StartServer,
    first_option,
)
from tests.integration.bot.test_privacy import drain
from tests.support import make_settings

ENTRY = "work-training-amount"
NOTHING: dict[str, Any] = {"entry": None, "intent": None, "title": "", "sources": [], "lines": []}


class Asking:
    """Sends a message, and asks how it reached its answer."""

    def __init__(self, server: TestServer, phone: Phone, redis: Redis) -> None:
        self._server, self.phone, self._redis = server, phone, redis
        self._session = phone._session

    async def explain(self, message: Any, status: int = 200) -> Any:
        url = self._server.make_url("/sandbox/explain")
        xml = message if isinstance(message, str) else render_xml(message)
        async with self._session.post(url, json={"message_xml": xml}) as response:
            assert response.status == status, await response.text()
            return await response.json()

    async def send(self, message: Any) -> Any:
        await self.phone.send(message)
        await drain(self._redis)
        return await self.explain(message)

    async def say(self, text: str, **fields: Any) -> Any:
        return await self.send(self.phone.text(text, **fields))


@pytest.fixture
async def asking(server: TestServer, phone: Phone, redis: Redis) -> Asking:
    return Asking(server, phone, redis)


async def test_a_question_is_explained_by_the_router(asking: Asking) -> None:
    said = await asking.say(QUESTION)
    assert said["how"] == "打的字，按问法找" and said["q"] == said["read"] == QUESTION
    assert (said["kind"], said["entry"], said["intent"]) == ("policy", ENTRY, None)
    assert said["title"] and said["sources_named"][0].startswith("聊城通知第1条")
    assert said["recorded"] == {"outcome": "policy", "topic": ENTRY, "score": said["score"]}
    assert f"第一名：{ENTRY}" in "\n".join(said["lines"])


async def test_before_it_is_recorded_the_plan_is_told(asking: Asking) -> None:
    said = await asking.explain(asking.phone.text(QUESTION))
    assert (said["recorded"], said["entry"], said["kind"]) == (None, ENTRY, "policy")
    said = await asking.explain(asking.phone.text("2"))
    assert "像是选上一条里的第 2 项" in said["how"] and said["lines"] == []


async def test_what_can_only_be_a_check_in(asking: Asking) -> None:
    for words in ("签到 482913", "482913", "我到教室了"):
        said = await asking.explain(asking.phone.text(words))
        assert said["how"] == "这是签到、签退，或者是签到码，不用猜"
        assert (said["intent"], said["lines"]) == ("checkin", [])
    said = await asking.say("482913")
    assert said["how"] == "这是签到、签退，或者是签到码，不用猜"
    assert said["recorded"]["topic"] == "checkin"


async def test_a_number_after_options(asking: Asking) -> None:
    clarify = await asking.say(UNCLEAR)
    assert clarify["kind"] == "clarify"
    assert any("按题目给选项" in line for line in clarify["lines"])
    chosen = await asking.say("我选2")
    assert chosen["how"] == "选了上一条里的第 2 项"
    assert (chosen["kind"], chosen["lines"], chosen["score"]) == ("policy", [], 1.0)
    assert f"《{chosen['title']}》" in "\n".join(clarify["lines"])
    assert chosen["sources"] and len(chosen["sources_named"]) == len(chosen["sources"])


async def test_a_number_that_is_not_there_and_a_title(asking: Asking) -> None:
    options = await asking.phone.say(UNCLEAR)
    beyond = await asking.say("9")
    assert beyond["how"] == "上一条给了选项，这句没有选中哪一项"
    assert beyond["lines"] == [] and beyond["entry"] is None
    title = await asking.say(first_option(options.text))
    assert title["how"] == "说的是上一条里的一项，直接打开这一条"
    assert title["title"] == first_option(options.text)


async def test_a_number_without_options_is_a_question(asking: Asking) -> None:
    said = await asking.say("2")
    assert said["how"] == "打的字，按问法找" and said["recorded"]["outcome"] == "none"
    assert said["lines"]


@pytest.mark.parametrize(
    ("menu_id", "how", "entry"),
    [
        (f"entry:{ENTRY}", "点了消息里的链接，直接打开这一条，不用猜", ENTRY),
        ("entry:gone", "点的这一条现在没有了，照实说", None),
        (f"useful:{ENTRY}", "点了“有用”，记下了", ENTRY),
        (f"useless:{ENTRY}", "点了“没帮上”，记下了", ENTRY),
    ],
)
async def test_taps(asking: Asking, menu_id: str, how: str, entry: str | None) -> None:
    said = await asking.say("有用", bizmsgmenuid=menu_id)
    assert (said["how"], said["entry"], said["lines"]) == (how, entry, [])
    assert bool(said["title"]) == bool(entry) == bool(said["recorded"]["topic"])


@pytest.mark.parametrize(
    ("kind", "fields", "shown"),
    [
        ("CLICK", {"EventKey": f"entry:{ENTRY}"}, {"entry": ENTRY, "kind": "policy"}),
        ("CLICK", {"EventKey": "intent:human"}, {"intent": "human", "kind": "service"}),
        ("subscribe", {"EventKey": ""}, {"how": "关注了公众号，回欢迎的话", **NOTHING}),
        ("VIEW", {"EventKey": "https://x"}, {"how": "这种事件只收下，不回话", **NOTHING}),
        ("never_heard_of", {}, {"how": "不认识的消息，收下，不回话", **NOTHING}),
    ],
)
async def test_events(asking: Asking, kind: str, fields: Any, shown: Any) -> None:
    said = await asking.send(build_event(kind, OPENID, ACCOUNT.original_id, **fields))
    assert {name: said[name] for name in shown} == shown
    assert said["lines"] == []
    assert kind != "CLICK" or said["how"] == "点了菜单，直接打开这一条，不用猜"


@pytest.mark.parametrize(
    ("kind", "fields", "how"),
    [
        ("image", {"PicUrl": "http://x", "MediaId": "m"}, "图片不找答案，直接回一句"),
        ("voice", {"Recognition": QUESTION}, "语音里听到的字，按问法找"),
        ("voice", {}, "语音里没有听出字，直接回一句"),
        ("text", {"Content": "取消"}, "这是“取消、上一步、重来、继续”一类的话，不当问题找"),
    ],
)
async def test_messages(asking: Asking, kind: str, fields: Any, how: str) -> None:
    said = await asking.send(build_message(kind, OPENID, ACCOUNT.original_id, **fields))
    assert said["how"] == how
    assert bool(said["lines"]) == ("问法" in how)


async def test_what_cannot_be_explained(asking: Asking) -> None:
    assert "XML" in (await asking.explain("<xml", 400))["error"]
    long = await asking.explain(asking.phone.text("补" * 2001))
    assert long["lines"] == ["超过 2000 个字，不逐条解释"]


async def test_without_postgresql_the_plan_is_told(
    start: StartServer, session: ClientSession, redis_url: str, redis: Redis, tmp_path: Any
) -> None:
    server = await start(make_settings(NO_DATABASE, redis_url, tmp_path))
    asking = Asking(server, Phone(server, session), redis)
    said = await asking.explain(asking.phone.text(QUESTION))
    assert (said["recorded"], said["entry"]) == (None, ENTRY)
