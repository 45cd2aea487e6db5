"""A small world behind the console's own pages."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import asyncpg
from aiohttp import web
from stdnum.cn import uscc

from domain.actor import Role, Staff, Trainee
from domain.attendance.for_others import check_in_by_hand
from domain.attendance.rules import Kind, Wants
from domain.institutions.actions import list_institution, suspend_institution
from domain.institutions.rules import Entry
from domain.institutions.writing import Dated
from domain.people.corrections import ask_to_correct
from domain.people.rules import complete_id_number
from domain.sheets.writing import Fen, write_workbook
from domain.standards.importing import import_standards
from models.columns import new_id
from models.database import close_database, open_database
from models.enrolments import Enrolment
from models.training import ClassSession, TrainingClass
from tests.conftest import replace_database
from tests.consoles import CITY_OFFICER, NOW, VAULT, let_in, make_console
from tests.integration.employers.people import PHONE, bind, make_firm, make_person
from tests.support import package_content

YANGGU = "371521"
_STANDARDS = ("职业（工种）", "类别", "等级", "课时", "补贴标准", "起始日期", "文号")


@dataclass(slots=True)
class World:
    """What the tests open by its id."""

    institution: str = ""
    person: str = ""
    request: str = ""
    employer: str = ""
    #: A class that is taught, and the session of yesterday.
    attended: str = ""
    session: str = ""


@asynccontextmanager
async def open_world(
    server_url: str, template: str, world: World
) -> AsyncIterator[web.Application]:
    """The console over a database of its own; `world` is told what is in it."""
    name = f"zpt_test_{secrets.token_hex(6)}"
    server = await asyncpg.connect(server_url)
    await server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    await open_database(replace_database(server_url, name))
    try:
        await _fill(world)
        yield make_console(let_in(CITY_OFFICER))
    finally:
        await close_database()
        await server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await server.close()


async def _fill(world: World) -> None:
    counties = frozenset(county.code for county in package_content().counties)
    for number, school in enumerate(("鸿翔职业培训学校", "康养护理职业技能培训中心（北校区）")):
        body = f"91371521MA3C0DE{number:02}"
        entry = Entry(
            f"阳谷县{school}",
            body + uscc.calc_check_digit(body),
            YANGGU,
            "谷山路1号",
            ("电工", "焊工"),
            "0635-6212345",
            "赵六 13800000000",
        )
        listed = Dated(date(2026, 1, 1), None, "", "聊人社字〔2026〕1号")
        made = await list_institution(
            CITY_OFFICER, VAULT, entry, listed, counties=counties, now=NOW
        )
    stopped = Dated(date(2026, 8, 3), date(2026, 12, 31), "没有备案就开班", "聊人社字〔2026〕17号")
    await suspend_institution(CITY_OFFICER, institution_id=made, dated=stopped, now=NOW)
    person = await make_person(
        "王素梅", number=complete_id_number("37152119690822911"), county=YANGGU
    )
    asked = await ask_to_correct(person, VAULT, name="王素芹", note="换了新身份证", now=NOW)
    rows = [("家政服务员", "合格证", "", 40, Fen(80_000), date(2026, 1, 1), "聊人社字〔2026〕3号")]
    sheet = write_workbook(_STANDARDS, rows)
    await import_standards(CITY_OFFICER, sheet, examples=True, now=NOW)
    world.employer = str(await make_firm(county=YANGGU))
    await bind(await make_person("李桂芹", PHONE))
    await bind(await make_person("孙玉兰", PHONE))
    await _teach(world, made, person)
    world.institution, world.person, world.request = str(made), str(person.id), str(asked.id)


async def _teach(world: World, institution: UUID, person: Trainee) -> None:
    """Somebody who could not check in, entered by the teacher just now."""
    first = NOW.replace(hour=8, minute=30) - timedelta(days=1)
    row = await TrainingClass.create(
        id=new_id(),
        title="养老护理员第1期",
        programme="elderly-care",
        occupation="养老护理员",
        county=YANGGU,
        capacity=30,
        institution_id=institution,
        starts_on=first.date(),
        ends_on=NOW.date(),
        status="open",
        recruiting_since=first,
        created_at=first,
    )
    sessions = [
        await ClassSession.create(
            id=new_id(),
            training_class_id=row.id,
            starts_at=first + timedelta(hours=hours),
            ends_at=first + timedelta(hours=hours + 1),
        )
        for hours in range(6)
    ]
    enrolled = await Enrolment.create(
        training_class_id=row.id,
        person_id=person.id,
        status="confirmed",
        channel="roster",
        made_by="system tests",
        created_at=first,
        changed_by="system tests",
        changed_at=first,
    )
    await check_in_by_hand(
        *(Staff(new_id(), Role.INSTITUTION, institution=institution), Wants()),
        session_id=sessions[0].id,
        enrolments=[enrolled.id],
        kind=Kind.IN,
        at=first,
        reason="手机没电",
        now=NOW - timedelta(hours=1),
    )
    world.attended, world.session = str(row.id), str(sessions[0].id)
