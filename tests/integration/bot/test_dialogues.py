"""Question, options, choice: PostgreSQL holds the truth, Redis a copy."""

from datetime import datetime, timedelta

import pytest
from aiohttp import ClientSession
from redis.asyncio import Redis

from bot.talks import clarify
from bot.taps import word_routing
from domain.calendar import LOCAL, local_now
from domain.faq.queries import answer_target
from domain.faq.routing.router import Router
from settings import Settings
from tests.integration.bot.conftest import QUESTION, UNCLEAR, Phone, StartServer
from tests.integration.bot.database import OPEN_TALKS, fetch


@pytest.fixture
def answers(router: Router) -> list[str]:
    """What each option of UNCLEAR leads to."""
    today = local_now().date()
    targets = clarify.offer(router.route(UNCLEAR, today)).answers["options"]
    found = [answer_target(router, target, today) for target in targets]
    said = router.content.texts
    texts = [word_routing(routing, said).strip() for routing in found if routing is not None]
    assert len(set(texts)) == len(targets) >= 2
    return texts


async def test_the_choice_gets_its_answer(phone: Phone, answers: list[str]) -> None:
    for number, answer in enumerate(answers, 1):
        assert (await phone.say(UNCLEAR)).text.count("\n") >= 2
        assert (await phone.say(f"{number}")).text == answer


async def test_through_another_process(
    phone: Phone, second_phone: Phone, answers: list[str]
) -> None:
    await phone.say(UNCLEAR)
    assert (await second_phone.say("2")).text == answers[1]


async def test_after_redis_has_lost_everything(
    phone: Phone, redis: Redis, answers: list[str]
) -> None:
    await phone.say(UNCLEAR)
    await redis.flushdb()
    assert (await phone.say("2")).text == answers[1]


async def test_after_redis_has_lost_only_the_copy_it_is_still_right_for_others(
    phone: Phone, second_phone: Phone, redis: Redis, answers: list[str]
) -> None:
    await phone.say(UNCLEAR)
    await redis.flushdb()
    other = await second_phone.say(UNCLEAR)
    assert other.text.count("\n") >= 2
    assert (await phone.say("1")).text == answers[0]


async def test_a_service_that_starts_anew_goes_on_with_it(
    start: StartServer, settings: Settings, session: ClientSession, answers: list[str]
) -> None:
    first = await start(settings)
    await Phone(first, session).say(UNCLEAR)
    await first.close()
    assert (await Phone(await start(settings), session).say("2")).text == answers[1]


@pytest.mark.parametrize("word", ["取消", "算了", "不办了", "退出"])
async def test_it_can_be_called_off(
    word: str, phone: Phone, router: Router, answers: list[str], database_url: str
) -> None:
    texts = router.content.texts
    await phone.say(UNCLEAR)
    assert (await phone.say(word)).text == texts["bot.cancelled"].strip()
    assert await fetch(database_url, OPEN_TALKS) == []
    assert (await phone.say("2")).text not in answers
    assert (await phone.say(word)).text == texts["bot.nothing_to_cancel"].strip()


async def test_a_number_beyond_keeps_the_choice_open(phone: Phone, answers: list[str]) -> None:
    options = (await phone.say(UNCLEAR)).text
    for words in ("4", "第九个"):
        told = (await phone.say(words)).text
        assert told.startswith(f"这里只有1到{len(answers)}")
        assert told.splitlines()[1] == options.splitlines()[1]
    assert (await phone.say("返回")).text.splitlines()[1] == options.splitlines()[1]
    assert (await phone.say("最后一个")).text == answers[-1]


async def test_none_of_them(phone: Phone, router: Router, database_url: str) -> None:
    await phone.say(UNCLEAR)
    assert (await phone.say("都不是")).text == router.content.texts["bot.choice_none"].strip()
    assert await fetch(database_url, OPEN_TALKS) == []


async def test_another_question_ends_it(
    phone: Phone, answers: list[str], database_url: str
) -> None:
    await phone.say(UNCLEAR)
    assert "500元" in (await phone.say(QUESTION)).text
    assert await fetch(database_url, OPEN_TALKS) == []
    assert (await phone.say("2")).text not in answers


async def test_a_picture_in_between_does_not_end_it(phone: Phone, answers: list[str]) -> None:
    await phone.say(UNCLEAR)
    await phone.message("image", PicUrl="u", MediaId="m")
    await phone.event("VIEW", EventKey="u")
    assert (await phone.say("2")).text == answers[1]


async def test_the_choice_said_aloud(phone: Phone, answers: list[str]) -> None:
    await phone.say(UNCLEAR)
    reply = await phone.message("voice", MediaId="m", Format="amr", Recognition="第二个。")
    assert reply.text == answers[1]


async def test_after_half_an_hour_it_is_over(
    start: StartServer,
    settings: Settings,
    session: ClientSession,
    redis: Redis,
    answers: list[str],
) -> None:
    await Phone(await start(settings), session).say(UNCLEAR)
    (key,) = [key async for key in redis.scan_iter("zpt:dialogue:*")]
    assert 1790 < await redis.ttl(key) <= 1800
    await redis.flushdb()
    later = await start(settings, clock=lambda: local_now() + timedelta(minutes=31))
    assert (await Phone(later, session).say("2")).text not in answers


async def test_a_state_that_does_not_open_is_no_dialogue(
    phone: Phone, redis: Redis, answers: list[str], database_url: str
) -> None:
    await phone.say(UNCLEAR)
    await redis.flushdb()
    await fetch(database_url, "UPDATE dialogues SET state_sealed = '\\x01026b3100'")
    reply = await phone.say("2")
    assert reply.kind == "text"
    assert reply.text not in answers


async def test_an_answer_is_judged_on_the_day_it_is_given(
    start: StartServer, settings: Settings, session: ClientSession
) -> None:
    server = await start(settings, clock=lambda: datetime(2021, 11, 1, tzinfo=LOCAL))
    reply = await Phone(server, session).event("CLICK", EventKey="entry:work-training-amount")
    assert "结束" not in reply.text.splitlines()[0]
