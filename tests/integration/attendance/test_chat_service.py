"""Checking in in the chat, through the whole service: who nobody knows yet, the same message twice,
and what is away."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from domain.actor import Trainee
from domain.attendance.codes import code_at, secret_of
from domain.calendar import local_now
from domain.vault import Vault
from models.attendance import AttendanceSettings, CheckIn, CodeMisses
from models.columns import new_id
from models.training import ClassSession
from sandbox.callback.messages import build_event, build_message
from tests.contract.support import OFFICIAL, StandIn
from tests.integration.attendance.conftest import CLASSROOM, HoldClass, enrol
from tests.integration.bot.conftest import NO_DATABASE, NO_REDIS
from tests.integration.bot.database import fetch
from tests.integration.people.conftest import (
    LI,
    WANG,
    StartServer,
    make_phone,
    metrics,
    put_on_roster,
    router,
    server,
    session,
    settings,
    stand_in,
    start,
    time,
    vault,
)
from tests.integration.people.test_bind_talk import ACCOUNT, Chat, make_chat
from tests.support import make_settings

__all__ = [
    "make_chat",
    "make_phone",
    "metrics",
    "router",
    "server",
    "session",
    "settings",
    "stand_in",
    "start",
    "time",
    "vault",
]


ACCOUNT_SETTINGS = {"WECHAT_MP_APP_ID": OFFICIAL.app_id, "WECHAT_MP_SECRET": OFFICIAL.secret}


def code_of(vault: Vault, sitting: ClassSession) -> str:
    return code_at(secret_of(vault, sitting.id), local_now())


def wrong_for(vault: Vault, sitting: ClassSession) -> str:
    near = {
        code_at(secret_of(vault, sitting.id), local_now() + timedelta(seconds=15 * step))
        for step in range(-4, 5)
    }
    return next(code for number in range(20) if (code := f"{number:06}") not in near)


@pytest.fixture
async def sitting(hold_class: HoldClass, vault: Vault, database: str) -> ClassSession:
    """One that is held now, in a class that has put two people on its roster."""
    starts = local_now() - timedelta(minutes=5)
    row, one = await hold_class(starts=starts, ends=starts + timedelta(hours=3))
    for person in (WANG, LI):
        await enrol(row, Trainee(await put_on_roster(vault, *person)))
    return one


async def send_place(chat: Chat) -> str:
    latitude, longitude = (f"{degrees:.6f}" for degrees in CLASSROOM)
    where = {"Location_X": latitude, "Location_Y": longitude, "Scale": "15", "Label": "教室"}
    return await chat.send(build_message("location", chat.openid, ACCOUNT.original_id, **where))


async def test_a_stranger_checks_in_on_their_first_day(
    make_chat: Any, vault: Vault, sitting: ClassSession
) -> None:
    chat: Chat = make_chat(1)
    told = await chat.say(f"签到 {code_of(vault, sitting)}")
    assert told.startswith("还没签上。签到先要知道您是谁") and "先请写姓名" in told
    assert len(told.splitlines()) <= 6
    told = await chat.say(*WANG, "同意")
    assert told.startswith("绑定好了：王*") and "码对了，还差一步" in told
    assert len(told.splitlines()) <= 6
    told = await send_place(chat)
    assert told.startswith("签到成功：养老护理员第1期") and "没有迟到" in told
    (kept,) = await CheckIn.all()
    assert (kept.channel, kept.state, kept.distance_m) == ("chat", "counted", 0)
    told = await chat.say("我的签到")
    assert "养老护理员第1期" in told and "签到" in told


async def test_the_same_message_twice_is_one_check_in_and_one_reply(
    make_chat: Any, vault: Vault, sitting: ClassSession
) -> None:
    await AttendanceSettings.create(
        id=new_id(),
        training_class_id=sitting.training_class_id,
        opens_before_min=30,
        closes_after_min=15,
        late_until_percent=50,
        wants_place=False,
        refuses_far=False,
        wants_out=False,
        version=1,
        changed_by="t",
        changed_at=local_now(),
    )
    chat: Chat = make_chat(1)
    await chat.say("我要绑定身份", *WANG, "同意")
    words = f"签到 {code_of(vault, sitting)}"
    message = build_message("text", chat.openid, ACCOUNT.original_id, Content=words)
    told = await asyncio.gather(*(chat.send(message) for _ in range(3)))
    told.append(await chat.send(message))
    assert set(told) == {told[0]} and told[0].startswith("签到成功")
    assert await CheckIn.all().count() == 1
    assert "已经签过" in await chat.say(words)


async def test_a_wrong_code_that_comes_twice_counts_once(
    make_chat: Any,
    vault: Vault,
    sitting: ClassSession,
    start: StartServer,
    session: ClientSession,
    stand_in: StandIn,
    database_url: str,
    tmp_path: Path,
) -> None:
    """Through two processes that cannot ask Redis: PostgreSQL alone knows of the first."""
    alone = make_settings(database_url, NO_REDIS, tmp_path, **ACCOUNT_SETTINGS)
    servers = [await start(alone) for _ in range(2)]
    openid = f"oTESTS-mini-{1:016}"
    chats = [Chat(one, session, stand_in, openid) for one in servers]
    await chats[0].say("我要绑定身份", *WANG, "同意")
    words = f"签到 {wrong_for(vault, sitting)}"
    message = build_message("text", openid, ACCOUNT.original_id, Content=words)
    told = [await chat.send(message) for chat in chats]
    assert "还能再试4次" in told[0] and told[1] == told[0]
    assert [len(row.times) for row in await CodeMisses.all()] == [1]
    right = await chats[1].say(code_of(vault, sitting))
    assert "还差一步" in right
    assert (await send_place(chats[0])).startswith("签到成功")
    assert await CheckIn.all().count() == 1


async def test_scanned_from_the_menu(make_chat: Any, vault: Vault, sitting: ClassSession) -> None:
    chat: Chat = make_chat(1)
    await chat.say("我要绑定身份", *WANG, "同意")
    result = f"zpt:{sitting.id}:{code_of(vault, sitting)}"
    for kind in ("scancode_push", "scancode_waitmsg"):
        info = {"ScanType": "qrcode", "ScanResult": result}
        event = build_event(kind, chat.openid, ACCOUNT.original_id, EventKey="k", ScanCodeInfo=info)
        assert "还差一步" in await chat.send(event)
    assert (await send_place(chat)).startswith("签到成功")


async def test_what_one_says_is_not_another_ones(
    make_chat: Any, vault: Vault, sitting: ClassSession
) -> None:
    one, other = make_chat(1), make_chat(2)
    await one.say("我要绑定身份", *WANG, "同意")
    await other.say("我要绑定身份", *LI, "同意")
    await one.say(f"签到 {code_of(vault, sitting)}")
    assert "用不上" in await send_place(other), "nobody has asked them"
    assert (await send_place(one)).startswith("签到成功")
    assert "还没有上完的课" in await one.say("我的签到")
    assert "没有签到" in await other.say("我的签到")
    assert await CheckIn.all().count() == 1


async def test_without_postgres_nothing_says_success(
    start: StartServer, session: ClientSession, stand_in: StandIn, redis_url: str, tmp_path: Path
) -> None:
    away = await start(make_settings(NO_DATABASE, redis_url, tmp_path, **ACCOUNT_SETTINGS))
    chat = Chat(away, session, stand_in, f"oTESTS-mini-{1:016}")
    for words in ("签到 482913", "482913", "签到", "我的签到"):
        told = await chat.say(words)
        assert told.startswith("没有签上，这会儿办不了") and "请老师帮您登记" in told
    assert "现在办不了" in await send_place(chat), "nobody knows what it was for"


async def test_the_records_keep_no_coordinates(
    make_chat: Any, vault: Vault, sitting: ClassSession, database_url: str
) -> None:
    chat: Chat = make_chat(1)
    await chat.say("我要绑定身份", *WANG, "同意", f"签到 {code_of(vault, sitting)}")
    await send_place(chat)
    rows = await fetch(database_url, "SELECT * FROM check_ins")
    assert not any("36.114" in str(value) for row in rows for value in dict(row).values())
