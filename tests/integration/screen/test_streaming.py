"""What an open screen hears, from the server's side."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from api.screen import watching
from domain.actor import Role, Staff, System
from domain.attendance.screens import list_screen_links, make_screen_link, revoke_screen_link
from domain.attendance.showing import list_changes
from domain.staff.sessions import hash_token
from domain.training.actions import plan_sessions
from domain.training.details import Sitting
from models.institutions import Institution
from models.staff import StaffSession
from tests.integration.attendance.conftest import CheckIn, HoldClass, Join
from tests.integration.screen.conftest import Browser, Listen, Screen, Service


async def test_a_screen_shows_the_code_and_who_comes(
    service: Service,
    institution: Institution,
    teacher: Browser,
    listen: Listen,
    hold_class: HoldClass,
    join: Join,
    come: CheckIn,
    screen: Screen,
) -> None:
    row, session = await hold_class()
    who, _ = await join(row, 1), await join(row, 2)
    stream = await listen(teacher, session.id)
    first = await stream.wait_for("state")
    assert (first["phase"], first["code"]) == ("coming", screen.code(session))
    assert (first["people"], first["expected"]) == ([], 2)
    assert first["qr"]["size"] == 33
    # Before the first session of a class everybody is told (L12).
    assert "“养老护理员第1期”属于" in first["notice"] and "举报" in first["notice"]
    assert first["now"] == service.time().timestamp() * 1000
    await come(who, session)
    people = await stream.wait_for("people")
    assert [one["name"] for one in people["people"]] == ["王*兰"]
    assert people["count"] == 1
    now = service.time.pass_by(seconds=15)
    code = await stream.wait_for("code")
    assert code["code"] == screen.code(session, now) != first["code"]
    assert code["qr"] != first["qr"]
    assert (await stream.wait_for("beat"))["now"] == now.timestamp() * 1000
    # Half time is over: no code any more, and it says so.
    service.time.pass_by(hours=2)
    over = await stream.wait_for("code")
    assert (over["phase"], over["code"], over["qr"]) == ("closed", "", None)
    # Who comes to it now is told the same.
    colleague = await service.sign_in(Role.INSTITUTION, institution)
    assert (await (await listen(colleague, session.id)).wait_for("state"))["phase"] == "closed"


async def test_a_revoked_link_ends_the_open_screen(
    service: Service, clerk: Staff, officer: Staff, listen: Listen, hold_class: HoldClass
) -> None:
    row, session = await hold_class()
    browsers = []
    for _ in range(2):
        browser = service.browser()
        browser.cookies["zpt_screen"] = await make_screen_link(
            clerk, session.id, now=service.time()
        )
        browsers.append(browser)
    kept, taken = [await listen(browser, session.id) for browser in browsers]
    newest, _ = await list_screen_links(officer, row.id, now=service.time())
    await revoke_screen_link(officer, newest.id, now=service.time())
    assert (await taken.wait_for("end"))["title"] == "这个大屏链接不能用了"
    assert await taken.has_ended()
    assert (await browsers[1].listen(session.id)).status == 401
    # The other one goes on.
    await kept.wait_for("state")
    await kept.wait_for("beat")


async def test_whoever_holds_one_link_takes_no_other_screens_place(
    service: Service, clerk: Staff, listen: Listen, hold_class: HoldClass
) -> None:
    """However often a page is opened by it."""
    _, session = await hold_class()
    browsers = []
    for _ in range(2):
        browser = service.browser()
        token = await make_screen_link(clerk, session.id, now=service.time())
        browser.cookies["zpt_screen"] = token
        browsers.append(browser)
    many, other = browsers
    streams = [await listen(many, session.id) for _ in range(watching.MOST_OF_PASS)]
    refusal = await many.listen(session.id)
    assert refusal.status == 503
    assert (await (await listen(other, session.id)).wait_for("state"))["phase"] == "coming"
    await streams[0].wait_for("beat")


async def test_who_signs_out_takes_their_screens_down(
    teacher: Browser, listen: Listen, hold_class: HoldClass, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "_STAFF_EVERY", 1)
    _, session = await hold_class()
    stream = await listen(teacher, session.id)
    await stream.wait_for("beat")
    await StaffSession.filter(token_hash=hash_token(teacher.token)).delete()
    assert (await stream.wait_for("end"))["title"] == "要重新登录"
    assert await stream.has_ended()


async def test_an_open_screen_keeps_its_teacher_signed_in(
    service: Service,
    teacher: Browser,
    listen: Listen,
    hold_class: HoldClass,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Half an hour without a page of the console is no reason to lose the screen."""
    monkeypatch.setattr(watching, "_STAFF_EVERY", 1)
    _, session = await hold_class()
    stream = await listen(teacher, session.id)
    for _ in range(3):
        at = service.time.pass_by(minutes=20)
        while (await stream.wait_for("beat"))["now"] != at.timestamp() * 1000:
            pass
        await stream.wait_for("beat")
    assert await teacher.status_of(f"/screen/{session.id}") == 200


async def test_a_session_that_was_moved_takes_its_screen_down(
    service: Service, teacher: Browser, listen: Listen, hold_class: HoldClass
) -> None:
    row, session = await hold_class()
    stream = await listen(teacher, session.id)
    later = Sitting(session.starts_at + timedelta(hours=2), session.ends_at + timedelta(hours=2))
    await plan_sessions(
        System("tests"), row.id, row.version, [later], reason="老师有事", now=service.time()
    )
    service.time.pass_by(seconds=15)
    assert (await stream.wait_for("end"))["title"] == "这节课改过了"


async def test_all_screens_of_a_process_share_one_question_a_second(
    teacher: Browser, listen: Listen, hold_class: HoldClass, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = [(await hold_class(f"养老护理员第{number}期"))[1] for number in range(3)]
    streams = [await listen(teacher, one.id) for one in sessions for _ in range(3)]
    asked: list[frozenset[UUID]] = []

    async def count(ids: Sequence[UUID]) -> Any:
        asked.append(frozenset(ids))
        return await list_changes(ids)

    monkeypatch.setattr(watching, "list_changes", count)
    beats: Counter[int] = Counter()
    for number, stream in enumerate(streams):
        for _ in range(3):
            await stream.wait_for("beat")
            beats[number] += 1
    everything = frozenset(one.id for one in sessions)
    assert asked and set(asked) == {everything}
    assert len(asked) <= 3 + 2


async def test_screens_say_nothing_while_the_database_is_away(
    teacher: Browser, listen: Listen, hold_class: HoldClass, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody can check in then; the page tells of the silence. It goes on by itself."""
    _, session = await hold_class()
    stream = await listen(teacher, session.id)
    await stream.wait_for("beat")

    async def fail(ids: Sequence[UUID]) -> Any:
        raise ConnectionResetError

    with monkeypatch.context() as broken:
        broken.setattr(watching, "list_changes", fail)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(4):
                for _ in range(3):
                    await stream.wait_for("beat")
    again = await listen(teacher, session.id)
    await again.wait_for("beat")


async def test_a_stopping_service_ends_its_streams(
    service: Service, teacher: Browser, listen: Listen, hold_class: HoldClass
) -> None:
    _, session = await hold_class()
    streams = [await listen(teacher, session.id) for _ in range(3)]
    await service.app.shutdown()
    for stream in streams:
        assert await stream.has_ended()
    assert (await teacher.listen(session.id)).status == 503
