"""`var/demo.json`: what people, scripts and checks outside need to try the running demo."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from demo.accounts import write_private
from demo.areas import AREAS, Area
from demo.names import DEMO_FILE
from demo.world import World

#: Its keys in order, each with what stands there until an area describes it.
SHAPE: Mapping[str, object] = {
    "base_url": "",
    "sandbox_url": "",
    "wechat": {},
    "mini": {},
    "people": [],
    "staff": [],
    "employers": [],
    "institutions": [],
    "classes": [],
    "open_session": None,
}


async def seed_world(
    world: World,
    var: Path,
    areas: Sequence[Area] = AREAS,
    report: Callable[[str], object] = lambda _line: None,
) -> Path:
    """Seed all areas, then write the file, whole and once; its path. `report` is told of each."""
    for number, area in enumerate(areas, 1):
        report(f"演示数据 {number}/{len(areas)}：{area.title}…")
        await area.seed(world)
    path = var / DEMO_FILE
    write_private(path, await _describe(world, areas))
    return path


async def _describe(world: World, areas: Sequence[Area]) -> Mapping[str, object]:
    described: dict[str, object] = {}
    for area in areas:
        for key, value in (await area.describe(world)).items():
            if key not in SHAPE or key in described:
                raise ValueError(f"{type(area).__name__} describes {key}, which is not its own")
            described[key] = value
    return {**SHAPE, **described}
