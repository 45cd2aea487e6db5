"""The demo's world: seeded in order, described in one file, the same at every start."""

import json
import stat
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pytest

from assembly.outside import make_vault
from demo.accounts import FILE as ACCOUNTS_FILE
from demo.accounts import AccountsDamaged
from demo.areas import AREAS
from demo.file import SHAPE, seed_world
from demo.platform import Platform
from demo.world import NotTheSandbox, World, make_world
from domain.calendar import LOCAL
from settings import read_settings
from tests.support import make_environment

NOW = datetime(2026, 11, 30, 9, tzinfo=LOCAL)

#: Areas seed through actions.
pytestmark = pytest.mark.usefixtures("database")


def world_of(var: Path, **more: str) -> World:
    environment = make_environment("postgres://localhost/none", "redis://127.0.0.1:9", var, **more)
    settings = read_settings(environment)
    return make_world(settings, make_vault(settings), "http://127.0.0.1:8080", NOW)


class Classes:
    """An area as a later part of the service brings it."""

    title = "班期"

    def __init__(self, told: list[str], key: str = "classes") -> None:
        self.told, self.key = told, key

    async def seed(self, world: World) -> None:
        self.told.append("seeded")

    async def describe(self, world: World) -> Mapping[str, object]:
        self.told.append("described")
        return {self.key: [{"id": "c1"}]}


async def test_the_file_has_the_shape_that_checks_rely_on(tmp_path: Path) -> None:
    path = await seed_world(world_of(tmp_path), tmp_path)
    demo = json.loads(path.read_text("utf-8"))
    assert path == tmp_path / "demo.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(demo) == list(SHAPE)
    assert demo["base_url"] == "http://127.0.0.1:8080"
    assert demo["sandbox_url"] == "http://127.0.0.1:9"
    assert set(demo["wechat"]) == {"app_id", "token", "aes_key", "original_id"}
    assert set(demo["people"][0]) == {
        *("name", "id_number", "phone", "openid", "login_code_hint", "bound", "enrolled"),
    }
    assert set(demo["staff"][0]) == {"username", "password", "role", "county", "institution"}
    assert set(demo["open_session"]) == {"id", "class_id", "latitude", "longitude"}
    assert len(demo["classes"]) == 20


async def test_a_second_start_describes_the_same_world(tmp_path: Path) -> None:
    first = (await seed_world(world_of(tmp_path), tmp_path)).read_text("utf-8")
    assert (await seed_world(world_of(tmp_path), tmp_path)).read_text("utf-8") == first
    (tmp_path / "other").mkdir()
    elsewhere = (await seed_world(world_of(tmp_path / "other"), tmp_path / "other")).read_text()
    assert json.loads(elsewhere)["people"][0]["openid"] not in first


async def test_every_area_is_seeded_before_one_is_described(tmp_path: Path) -> None:
    told: list[str] = []
    areas = (Platform(), Classes(told), Classes(told, "institutions"))
    said: list[str] = []
    path = await seed_world(world_of(tmp_path), tmp_path, areas, said.append)
    assert said[1:] == ["演示数据 2/3：班期…", "演示数据 3/3：班期…"]
    assert told == ["seeded", "seeded", "described", "described"]
    assert json.loads(path.read_text("utf-8"))["classes"] == [{"id": "c1"}]


@pytest.mark.parametrize("key", ["people", "unheard_of"])
async def test_an_area_describes_what_is_its_own(tmp_path: Path, key: str) -> None:
    with pytest.raises(ValueError, match=key):
        await seed_world(world_of(tmp_path), tmp_path, (*AREAS, Classes([], key)))
    assert not (tmp_path / "demo.json").exists()


def test_nothing_is_seeded_beside_a_real_account(tmp_path: Path) -> None:
    with pytest.raises(NotTheSandbox):
        world_of(tmp_path, ZPT_SANDBOX="")
    assert not list(tmp_path.iterdir())


def test_damaged_accounts_are_never_made_anew(tmp_path: Path) -> None:
    (tmp_path / ACCOUNTS_FILE).write_text("{", encoding="utf-8")
    with pytest.raises(AccountsDamaged, match=ACCOUNTS_FILE):
        world_of(tmp_path)
