"""A school's name as the first message: known from the directory, before any question is sought."""

import asyncio
from pathlib import Path

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer

from assembly.official_account import SCHOOLS
from bot.schools import Schools
from settings import Settings
from tests.integration.bot.conftest import (
    ANSWER,
    NO_DATABASE,
    QUESTION,
    Phone,
    StartServer,
)
from tests.integration.bot.database import locked
from tests.integration.bot.test_institution_lookup import Add, add, directory, say
from tests.support import make_settings

__all__ = ["add", "directory"]


@pytest.fixture
async def schools(directory: None, add: Add, server: TestServer) -> Schools:
    await add("茌平区信诚职业技能培训学校", "371503", "电工")
    held: Schools = server.app[SCHOOLS]
    await held.look()
    return held


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("梨园巧手还能报名吗", "冠县梨园巧手职业培训学校（冠县）现在被暂停承训资格"),
        ("金手指还能报名吗", "临清市金手指职业培训学校（临清市）已经不在培训机构目录里了"),
        ("信诚还能报吗", "茌平区信诚职业技能培训学校（茌平区）今天在培训机构目录里"),
        ("xincheng", "茌平区信诚职业技能培训学校（茌平区）今天在培训机构目录里"),
        ("liyuanqiaoshou", "冠县梨园巧手职业培训学校（冠县）现在被暂停承训资格"),
        ("hong xiang", "对得上的有2家"),
        ("hongxiang学校还能报吗", "对得上的有2家"),
    ],
)
async def test_a_school_by_its_name_alone(
    schools: Schools, phone: Phone, words: str, told: str
) -> None:
    assert (await say(phone, words)).startswith(told)


async def test_questions_and_cries_that_name_one_are_no_look_ups(
    schools: Schools, phone: Phone
) -> None:
    for words in ("鸿翔逼得我不想活了", "在信诚学完了不想huo了"):
        assert "12356" in (await phone.say(words)).text
    told = (await phone.say("信诚的以工代训补贴一个月多少钱")).text
    assert ANSWER in told
    assert ANSWER in (await phone.say(QUESTION)).text


async def test_a_name_that_is_new_is_known_at_the_next_look(
    schools: Schools, add: Add, phone: Phone
) -> None:
    assert "答不准" in (await phone.say("康颐还能报吗")).text
    await add("东阿县康颐职业培训学校", "371524")
    assert not schools.are_meant("康颐还能报吗")
    await schools.look()
    assert (await say(phone, "康颐还能报吗")).startswith("东阿县康颐职业培训学校")


async def test_while_the_directory_cannot_be_read_no_name_is_tried(
    schools: Schools, phone: Phone, database_url: str
) -> None:
    assert schools.are_meant("信诚还能报吗")
    async with locked(database_url, "institutions"):
        await schools.look()
    assert not schools.are_meant("信诚还能报吗")
    assert "答不准" in (await phone.say("信诚还能报吗")).text
    await schools.look()
    assert schools.are_meant("信诚还能报吗")


async def test_without_postgres_questions_are_answered_as_before(
    start: StartServer, session: ClientSession, redis_url: str, tmp_path: Path
) -> None:
    server = await start(make_settings(NO_DATABASE, redis_url, tmp_path))
    await server.app[SCHOOLS].look()
    assert not server.app[SCHOOLS].are_meant("信诚还能报吗")
    assert ANSWER in (await Phone(server, session).say(QUESTION)).text


async def test_it_looks_again_by_itself(
    monkeypatch: pytest.MonkeyPatch, start: StartServer, add: Add, settings: Settings
) -> None:
    monkeypatch.setattr("bot.schools.FIRST_SECONDS", 0.05)
    monkeypatch.setattr("bot.schools.LOOK_SECONDS", 0.05)
    schools = (await start(settings)).app[SCHOOLS]
    await add("东阿县康颐职业培训学校", "371524")
    async with asyncio.timeout(20):
        while not schools.are_meant("康颐"):
            await asyncio.sleep(0.05)
