"""The areas of domain/: which know of which, one way (docs/decisions/0026)."""

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

import pytest

from tests.test_architecture import ROOT

DOMAIN = ROOT / "domain"
AREAS = {folder.name for folder in DOMAIN.iterdir() if any(folder.glob("*.py"))}

#: Each area to those that it imports, and of each the first place where it does.
Graph = Mapping[str, Mapping[str, str]]


def areas_in(source: str, areas: Collection[str]) -> Iterator[tuple[int, str]]:
    """(line, area) of all that is imported of areas, in whatever form, also inside functions."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            part, _, rest = name.partition(".")
            if part == "domain" and (area := rest.split(".")[0]) in areas:
                yield node.lineno, area


def draw_graph() -> Graph:
    """Of the areas as they are."""
    graph: dict[str, dict[str, str]] = {area: {} for area in sorted(AREAS)}
    for area, known in graph.items():
        for file in sorted((DOMAIN / area).rglob("*.py")):
            for line, other in areas_in(file.read_text(encoding="utf-8"), AREAS - {area}):
                known.setdefault(other, f"{file.relative_to(ROOT)}:{line}")
    return graph


def find_circle(graph: Graph) -> list[str]:
    """A circle as lines to read, one for each step of it; nothing where there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        # Each is imported by the one behind it; the last is the first.
        circle = error.args[1][::-1]
        return [f"{one} imports {other} in {graph[one][other]}" for one, other in pairwise(circle)]
    return []


@pytest.mark.parametrize(
    "source",
    [
        "from domain.people.rules import mask_name",
        "from domain.people import rules",
        "from domain import people",
        "import domain.people.rules as rules",
        "def load():\n    from domain.people.queries import find_masked",
    ],
)
def test_an_import_of_an_area_is_found(source: str) -> None:
    assert [area for _, area in areas_in(source, {"people"})] == ["people"]


def test_a_circle_is_named() -> None:
    ends = {"audit": {}, "requests": {"audit": "r.py:1"}}
    assert find_circle({**ends, "people": {"requests": "p.py:1", "audit": "p.py:2"}}) == []
    through_three = {
        "people": {"requests": "p.py:1"},
        "requests": {"employers": "r.py:2"},
        "employers": {"people": "e.py:3"},
    }
    assert sorted(find_circle(through_three)) == [
        "employers imports people in e.py:3",
        "people imports requests in p.py:1",
        "requests imports employers in r.py:2",
    ]


def test_areas_know_one_another_one_way() -> None:
    """What two areas need of one another goes below both (domain/*.py), what composes them goes
    into an area above, as domain/privacy and domain/decisions do."""
    graph = draw_graph()
    assert graph["privacy"].keys() >= {"people", "employers", "requests"}
    circle = find_circle(graph)
    assert not circle, "the areas of domain/ import in a circle:\n" + "\n".join(circle)


def test_the_ground_knows_no_area() -> None:
    """domain/*.py is what all areas stand on: what needs one of them belongs into an area."""
    ground = sorted(DOMAIN.glob("*.py"))
    assert DOMAIN / "holdings.py" in ground
    found = [
        f"{file.relative_to(ROOT)}:{line} imports {area}"
        for file in ground
        for line, area in areas_in(file.read_text(encoding="utf-8"), AREAS)
    ]
    assert not found, "\n" + "\n".join(found)


def test_the_map_of_the_areas_is_true() -> None:
    """The table of 0026: below all that it imports, and no area left out."""
    page = ROOT / "docs" / "decisions" / "0026-areas-know-one-another-one-way.md"
    rows = re.findall(r"^\| ([a-z, ]+) \|", page.read_text(encoding="utf-8"), re.MULTILINE)
    place = {area: number for number, row in enumerate(rows) for area in row.split(", ")}
    assert place.keys() == AREAS
    wrong = [
        f"{area} imports {other} in {where}: move it down"
        for area, known in draw_graph().items()
        for other, where in known.items()
        if place[other] >= place[area]
    ]
    assert not wrong, "\n" + "\n".join(wrong)
