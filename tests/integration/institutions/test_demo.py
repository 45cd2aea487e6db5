"""The demo's directory: twelve institutions of eight counties, the same at every start."""

from datetime import datetime, timedelta
from pathlib import Path

from assembly.outside import make_vault
from demo.institutions import INSTITUTIONS, REMOVED, SUSPENDED, Institutions
from demo.world import World, make_world
from domain.calendar import LOCAL
from models.institutions import Institution, InstitutionRecord
from models.sheets import SheetImport
from models.standards import SubsidyStandard
from settings import read_settings
from tests.support import make_environment

NOW = datetime(2026, 11, 30, 9, tzinfo=LOCAL)


def world_of(database: str, var: Path, now: datetime = NOW) -> World:
    settings = read_settings(make_environment(database, "redis://127.0.0.1:9", var))
    return make_world(settings, make_vault(settings), "http://127.0.0.1:8080", now)


async def test_it_is_seeded_once_and_described(database: str, tmp_path: Path) -> None:
    area = Institutions()
    for days in (0, 0, 3):
        await area.seed(world_of(database, tmp_path, NOW + timedelta(days=days)))
    described = (await area.describe(world_of(database, tmp_path)))["institutions"]
    assert isinstance(described, list) and len(described) == 12 == len(INSTITUTIONS)
    assert set(described[0]) == {"id", "name", "status"}
    status = {one["name"]: one["status"] for one in described}
    assert {name for name, how in status.items() if how != "listed"} == {SUSPENDED, REMOVED}
    assert (status[SUSPENDED], status[REMOVED]) == ("suspended", "removed")
    assert len(set(await Institution.all().values_list("county", flat=True))) == 8
    assert await InstitutionRecord.all().count() == 14
    assert await SheetImport.all().count() == 1
    standards = await SubsidyStandard.all()
    assert len(standards) == 12 and all(one.is_example for one in standards)
