"""A private talk of several steps with an action in PostgreSQL: each step once, all or nothing."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientSession
from redis.asyncio import Redis

from bot.handling.handling import Handling
from bot.talks import TALKS
from bot.talks.contract import State
from bot.talks.states import write_state
from domain.calendar import local_now
from domain.messaging.dialogues import STATE_PLACE, HeldDialogue
from domain.vault import Vault
from settings import Settings
from tests.integration.bot.conftest import (
    ANSWER,
    NO_REDIS,
    QUESTION,
    UNCLEAR,
    Phone,
    StartServer,
)
from tests.integration.bot.database import OPEN_TALKS, fetch, locked, wait_for_rows
from tests.support import make_settings
from tests.talks.grievance import (
    CLOSED,
    CLOSED_SCHOOL,
    PICTURE,
    QUESTIONS,
    REFUSED_SCHOOL,
    Grievance,
    make_table,
)

BEGIN = "我要投诉"
SCHOOL, STORY, CONTACT = "阳光职业学校", "收了五百块还不开课", "匿名"
ALL = "SELECT * FROM grievances"
#: On a busy machine one that is locked may be taken for away, and is then left alone for a second.
BREAKER_SECONDS = 1.2


@pytest.fixture(autouse=True)
async def grievance(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    """The talk is part of the product for this test."""
    monkeypatch.setitem(TALKS, "complaint_new", Grievance())
    await make_table(database_url)


async def say_all(phone: Phone, *words: str) -> list[str]:
    return [(await phone.say(one)).text for one in words]


async def tell(phone: Phone, school: str = SCHOOL) -> None:
    """Everything up to the last question."""
    told = await say_all(phone, BEGIN, school, STORY, CONTACT)
    assert told == list(QUESTIONS.values())


# --- a talk as it should go ---------------------------------------------------------------------


async def test_from_its_beginning_to_its_end(phone: Phone, database_url: str) -> None:
    await tell(phone)
    (told,) = await say_all(phone, "确认")
    (row,) = await fetch(database_url, ALL)
    assert told == f"收到了，编号{row['id']}。"
    assert (row["school"], row["story"], row["contact"]) == (SCHOOL, STORY, CONTACT)
    assert await fetch(database_url, OPEN_TALKS) == []
    assert (await phone.say("确认")).text != told, "it is over"
    assert len(await fetch(database_url, ALL)) == 1


async def test_back_pictures_and_from_the_beginning(phone: Phone, database_url: str) -> None:
    await say_all(phone, BEGIN, "另一所学校")
    assert (await phone.message("image", PicUrl="u", MediaId="m")).text == PICTURE
    assert await say_all(phone, "上一步", SCHOOL) == [QUESTIONS["school"], QUESTIONS["story"]]
    assert await say_all(phone, "返回。", "返回") == [QUESTIONS["school"]] * 2
    await say_all(phone, SCHOOL, STORY, CONTACT, "确认")
    (row,) = await fetch(database_url, ALL)
    assert (row["school"], row["pictures"]) == (SCHOOL, 1)
    await say_all(phone, BEGIN, SCHOOL, STORY)
    assert await say_all(phone, "重新开始") == [QUESTIONS["school"]]


async def test_called_off(phone: Phone, database_url: str) -> None:
    cancelled = Grievance.name
    await tell(phone)
    (told,) = await say_all(phone, "取消")
    assert "放下" in told, cancelled
    assert await fetch(database_url, OPEN_TALKS) == []
    await say_all(phone, "确认")
    assert await fetch(database_url, ALL) == []


async def test_a_question_in_between_is_answered_and_the_talk_goes_on(phone: Phone) -> None:
    await say_all(phone, BEGIN)
    (told,) = await say_all(phone, QUESTION)
    assert ANSWER in told
    assert told.splitlines()[-1] == f"接着刚才的：{QUESTIONS['school']}"
    assert await say_all(phone, SCHOOL) == [QUESTIONS["story"]]


async def test_a_tap_on_an_opinion_is_no_answer(phone: Phone, database_url: str) -> None:
    await say_all(phone, BEGIN)
    opinion = await phone.say("有用", bizmsgmenuid="useful:work-training-amount")
    assert "谢谢" in opinion.text
    assert await say_all(phone, SCHOOL) == [QUESTIONS["story"]]


async def test_the_menu_goes_on_with_it(phone: Phone) -> None:
    await say_all(phone, BEGIN, SCHOOL)
    again = await phone.event("CLICK", EventKey="intent:complaint_new")
    assert again.text == QUESTIONS["story"]
    answer = await phone.event("CLICK", EventKey="entry:work-training-amount")
    assert ANSWER in answer.text
    assert await say_all(phone, STORY) == [QUESTIONS["contact"]]


# --- a pause ------------------------------------------------------------------------------------


async def start_later(
    start: StartServer, settings: Settings, session: ClientSession, **ahead: float
) -> Phone:
    later = timedelta(**ahead)
    return Phone(await start(settings, clock=lambda: local_now() + later), session)


async def test_after_a_pause_words_are_a_question_until_one_goes_on(
    phone: Phone, start: StartServer, settings: Settings, session: ClientSession
) -> None:
    await say_all(phone, BEGIN, SCHOOL)
    later = await start_later(start, settings, session, minutes=31)
    (told,) = await say_all(later, QUESTION)
    assert ANSWER in told
    assert "“继续”" in told.splitlines()[-1]
    (again,) = await say_all(later, BEGIN)
    assert "“取消”" in again, "no second one"
    assert await say_all(later, "继续", STORY) == [QUESTIONS["story"], QUESTIONS["contact"]]


async def test_a_choice_upon_a_talk_that_is_paused(
    phone: Phone, start: StartServer, settings: Settings, session: ClientSession, redis: Redis
) -> None:
    await say_all(phone, BEGIN, SCHOOL)
    later = await start_later(start, settings, session, hours=2)
    (options,) = await say_all(later, UNCLEAR)
    assert "回复数字" in options
    (chosen,) = await say_all(later, "1")
    assert "“继续”" in chosen.splitlines()[-1]
    assert chosen != options
    (options,) = await say_all(later, UNCLEAR)
    assert await say_all(later, "继续") == [QUESTIONS["story"]], "what waits below is meant"
    much_later = await start_later(start, settings, session, hours=4)
    await say_all(much_later, UNCLEAR)
    (cancelled,) = await say_all(much_later, "取消")
    assert "“继续”" in cancelled, "the choice is called off, the talk is not"
    assert await say_all(much_later, "继续") == [QUESTIONS["story"]]


async def test_it_is_kept_for_a_day(
    phone: Phone, start: StartServer, settings: Settings, session: ClientSession
) -> None:
    await say_all(phone, BEGIN, SCHOOL)
    next_day = await start_later(start, settings, session, hours=24, minutes=1)
    assert QUESTIONS["story"] not in await say_all(next_day, "继续", "返回")


# --- each step once -----------------------------------------------------------------------------


@pytest.mark.parametrize("lost", [False, True], ids=["redis knows", "redis has lost it"])
async def test_every_message_twice_through_two_processes(
    phone: Phone, second_phone: Phone, redis: Redis, database_url: str, lost: bool
) -> None:
    for words in (BEGIN, SCHOOL, "返回", SCHOOL, STORY, CONTACT, "确认"):
        message = phone.text(words)
        first = await phone.send(message)
        if lost:
            await redis.flushdb()
        assert (await second_phone.send(message)).xml == first.xml
    assert len(await fetch(database_url, ALL)) == 1


async def test_two_processes_at_once_without_redis(
    start: StartServer, session: ClientSession, database_url: str, tmp_path: Any
) -> None:
    """Both get the same message at the same moment, and neither can ask the other."""
    settings = make_settings(database_url, NO_REDIS, tmp_path)
    phones = [Phone(await start(settings), session) for _ in range(2)]
    for words in (BEGIN, SCHOOL, STORY, CONTACT, "返回", CONTACT, "确认"):
        message = phones[0].text(words)
        replies = await asyncio.gather(*(phone.send(message) for phone in phones * 2))
        assert len({reply.xml for reply in replies}) == 1, words
    (row,) = await fetch(database_url, ALL)
    assert replies[0].text == f"收到了，编号{row['id']}。"


@pytest.mark.parametrize("moment", ["before the commit", "after the commit"])
async def test_a_process_that_dies_between_the_action_and_the_reply(
    moment: str,
    phone: Phone,
    second_phone: Phone,
    database_url: str,
    redis: Redis,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await tell(phone)
    reached = asyncio.Event()
    handling: list[asyncio.Task[Any]] = []
    run = Handling.run

    async def run_and_note(one: Handling) -> None:
        task = asyncio.current_task()
        assert task is not None
        handling.append(task)
        await run(one)

    async def hang(*_: Any, **__: Any) -> None:
        reached.set()
        await asyncio.sleep(60)

    async def do_nothing(*_: Any, **__: Any) -> None:
        """The dead put nothing away."""

    message = phone.text("确认")
    with monkeypatch.context() as patch:
        patch.setattr(Handling, "run", run_and_note)
        patch.setattr(Handling, "_give_up_at_the_end", do_nothing)
        if moment == "before the commit":
            patch.setattr(HeldDialogue, "end", hang)
        else:
            patch.setattr(Handling, "_finish", hang)
        sending = asyncio.create_task(phone.send(message))
        await reached.wait()
        assert len(await fetch(database_url, ALL)) == (moment == "after the commit")
        handling[0].cancel()
        await asyncio.gather(sending, return_exceptions=True)
    (lease,) = [key async for key in redis.scan_iter("zpt:lease:*")]
    await redis.delete(lease)
    told = await second_phone.send(message)
    (row,) = await fetch(database_url, ALL)
    assert told.text == f"收到了，编号{row['id']}。"
    assert (await phone.send(message)).xml == told.xml


# --- what cannot be done ------------------------------------------------------------------------


@pytest.mark.parametrize("words", [SCHOOL, QUESTION, "返回", "取消"])
async def test_postgres_away_in_the_middle(phone: Phone, database_url: str, words: str) -> None:
    """Nothing is said that was not done."""
    await say_all(phone, BEGIN)
    (before,) = await fetch(database_url, OPEN_TALKS)
    async with locked(database_url, "dialogues"):
        (told,) = await say_all(phone, words)
    assert told.startswith("这件事现在办不了，您刚发的这一条没有存下来")
    assert await fetch(database_url, OPEN_TALKS) == [before]
    await asyncio.sleep(BREAKER_SECONDS)
    assert await say_all(phone, SCHOOL) == [QUESTIONS["story"]]


async def test_postgres_away_at_the_beginning(phone: Phone, database_url: str) -> None:
    await phone.say(QUESTION)
    async with locked(database_url, "dialogues"):
        (told,) = await say_all(phone, BEGIN)
    assert told.startswith("这件事现在办不了")
    await asyncio.sleep(BREAKER_SECONDS)
    assert (await phone.say(SCHOOL)).text != QUESTIONS["story"]


async def test_the_action_hangs(phone: Phone, database_url: str) -> None:
    await tell(phone)
    async with locked(database_url, "grievances"):
        (told,) = await say_all(phone, "确认")
        assert told.startswith("这件事现在办不了")
    assert await fetch(database_url, ALL) == []
    await asyncio.sleep(BREAKER_SECONDS)
    (told,) = await say_all(phone, "确认")
    assert "编号" in told
    assert len(await fetch(database_url, ALL)) == 1


async def test_what_a_rule_refuses(phone: Phone, database_url: str) -> None:
    """The action alone is undone; the talk stands where it stood, or where it says."""
    await tell(phone, REFUSED_SCHOOL)
    message = phone.text("确认")
    told = await phone.send(message)
    assert "没有找到" in told.text
    assert (await phone.send(message)).xml == told.xml
    assert await fetch(database_url, ALL) == []
    await say_all(phone, "返回", "返回", "返回")
    assert (await say_all(phone, CLOSED_SCHOOL, STORY, CONTACT, "确认"))[-1] == CLOSED
    assert await fetch(database_url, ALL) == []
    await say_all(phone, SCHOOL, STORY, CONTACT, "确认")
    assert len(await fetch(database_url, ALL)) == 1


async def test_a_talk_that_breaks_says_so_and_keeps_what_was_said(
    phone: Phone, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await say_all(phone, BEGIN)
    with monkeypatch.context() as patch:
        patch.setattr(Grievance, "remind", lambda *_: 1 / 0)
        (told,) = await say_all(phone, QUESTION)
    assert told.startswith("这件事现在办不了，您刚发的这一条没有存下来")
    assert await say_all(phone, SCHOOL) == [QUESTIONS["story"]]


# --- forgotten, and another version -------------------------------------------------------------


async def test_forgotten_in_the_middle(phone: Phone, database_url: str, redis: Redis) -> None:
    await say_all(phone, BEGIN, SCHOOL, STORY)
    await phone.event("unsubscribe")
    assert await fetch(database_url, "SELECT * FROM dialogues") == []
    await say_all(phone, CONTACT, "确认", "继续")
    assert await fetch(database_url, ALL) == []


async def test_forgotten_while_a_step_waits(
    phone: Phone, second_phone: Phone, database_url: str
) -> None:
    """The words came before the farewell and are taken up after it: nothing is kept of them."""
    await tell(phone)
    async with locked(database_url, "dialogues"):
        saying = asyncio.create_task(phone.say("确认"))
        await asyncio.sleep(0.3)
        leaving = asyncio.create_task(second_phone.event("unsubscribe"))
        await asyncio.sleep(0.3)
    await asyncio.gather(saying, leaving)
    assert await fetch(database_url, "SELECT * FROM dialogues") == []


async def store(database_url: str, vault: Vault, sender: bytes, state: State) -> None:
    sealed = vault.seal(write_state(state), STATE_PLACE, sender)
    await fetch(database_url, "UPDATE dialogues SET state_sealed = $1", sealed)


async def test_a_state_of_another_version(
    phone: Phone, database_url: str, vault: Vault, sender: bytes
) -> None:
    await say_all(phone, BEGIN)
    await store(database_url, vault, sender, State("story", {"name": SCHOOL}, "complaint_new", 1))
    await say_all(phone, STORY, CONTACT, "确认")
    (row,) = await fetch(database_url, ALL)
    assert row["school"] == SCHOOL, "upgraded"
    await say_all(phone, BEGIN)
    await store(database_url, vault, sender, State("colour", {}, "complaint_new", 0))
    (told,) = await say_all(phone, "红色")
    assert told.splitlines() == [told.splitlines()[0], QUESTIONS["school"]]
    assert "从头来" in told
    assert await say_all(phone, SCHOOL) == [QUESTIONS["story"]]
    await store(database_url, vault, sender, State("x", {}, "complaint_new", 9))
    (before,) = await fetch(database_url, OPEN_TALKS)
    (told,) = await say_all(phone, STORY)
    assert told.startswith("这件事现在办不了"), "a newer process will know"
    assert await fetch(database_url, OPEN_TALKS) == [before]


async def test_a_talk_that_is_there_no_more(
    phone: Phone, database_url: str, vault: Vault, sender: bytes
) -> None:
    await say_all(phone, BEGIN)
    await store(database_url, vault, sender, State("x", {}, "poetry", 1))
    (told,) = await say_all(phone, QUESTION)
    assert "不在这里办了" in told
    assert ANSWER in told
    assert await fetch(database_url, OPEN_TALKS) == []
    await wait_for_rows(database_url, "SELECT * FROM dialogues")
