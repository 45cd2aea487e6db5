"""The demo's check-ins: of every kind, and none of them twice."""

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

from assembly.outside import make_vault, open_files
from content.schema import Content
from demo.check_ins import CheckIns
from demo.classes import Classes
from demo.employers import Employers
from demo.institutions import Institutions
from demo.people import People
from demo.staff import Staff
from demo.world import World, make_world
from domain.actor import System
from domain.attendance.patterns import Alike
from domain.attendance.queries import read_attendance
from domain.attendance.scans import see_scan
from domain.calendar import LOCAL
from models.attendance import CheckIn
from models.files import StoredFile
from models.training import TrainingClass
from settings import read_settings
from tests.support import make_environment

NOW = datetime(2026, 11, 30, 9, tzinfo=LOCAL)
SEEDING = System("tests")


def world_of(database: str, var: Path, now: datetime = NOW) -> World:
    settings = read_settings(make_environment(database, "redis://127.0.0.1:9", var))
    files = open_files(settings)
    return make_world(settings, make_vault(settings), "http://127.0.0.1:8080", now, files)


async def test_check_ins_of_every_kind(database: str, tmp_path: Path, content: Content) -> None:
    world = world_of(database, tmp_path)
    for area in (People(), Institutions(), Employers(), Classes(), Staff()):
        await area.seed(world)
    await CheckIns().seed(world)
    rows = await CheckIn.all()
    assert {row.channel for row in rows} == {"mini", "teacher", "paper"}
    assert Counter(row.state for row in rows)["pending"] == 2
    assert any(row.late for row in rows) and any("far" in row.flags for row in rows)
    assert all(row.made_at <= NOW and (row.decided_at or NOW) <= NOW for row in rows)
    ended = await TrainingClass.get(title="育婴员第1期")
    found = await read_attendance(SEEDING, world.vault, content, ended.id, now=NOW)
    # One is far below, nearly all are above.
    assert [one.under for one in found.people].count(True) == 1
    assert found.patterns is not None
    assert {one.alike for one in found.patterns} == {Alike.DEVICE}
    scan = await StoredFile.get()
    assert world.files is not None
    _, picture = await see_scan(
        *(SEEDING, world.vault, world.files), class_id=ended.id, file_id=scan.id, now=NOW
    )
    assert picture.startswith(b"\x89PNG")
    # A second start leaves all of it as it is.
    await CheckIns().seed(world_of(database, tmp_path, NOW + timedelta(hours=2)))
    assert await CheckIn.all().count() == len(rows)
