"""What a door reads is plain: nobody writes, or loads more, through what a page was given."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.test_architecture import ROOT

DOORS = ("api", "bot", "jobs", "demo", "scripts")
#: What changes rows hands back the row that it has changed, for its id and version; and what makes
#: people works on rows, which the demo's seeding does too.
CHANGING = {"actions", "proof", "corrections", "moving", "naming"}

Trees = Mapping[str, ast.Module]


def read_domain() -> Trees:
    """Every module of domain/ by its name."""
    return {
        ".".join(file.relative_to(ROOT).with_suffix("").parts): ast.parse(
            file.read_text(encoding="utf-8")
        )
        for file in sorted((ROOT / "domain").rglob("*.py"))
    }


def names_in(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def origin_of(trees: Trees, module: str, name: str) -> tuple[str, str]:
    """The module that a name of `module` comes from, and what it is called there."""
    for node in ast.walk(trees[module]):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if (alias.asname or alias.name) == name:
                    return node.module or "", alias.name
    return module, name


def find_row(trees: Trees, module: str, name: str, seen: frozenset[str] = frozenset()) -> str:
    """How the type `name` of `module` leads to a row: "Card.row: TrainingClass"; "" for no row."""
    home, own = origin_of(trees, module, name)
    if home.startswith("models."):
        return own
    if home not in trees or f"{home}.{own}" in seen:
        return ""
    seen |= {f"{home}.{own}"}
    for node in trees[home].body:
        if isinstance(node, ast.ClassDef) and node.name == own:
            for field in node.body:
                if isinstance(field, ast.AnnAssign):
                    for part in sorted(names_in(field.annotation)):
                        if row := find_row(trees, home, part, seen):
                            return f"{own}.{ast.unparse(field.target)}: {row}"
            for base in node.bases:
                for part in sorted(names_in(base)):
                    if row := find_row(trees, home, part, seen):
                        return f"{own} is a {row}"
    return ""


def rows_of(trees: Trees, module: str, function: str) -> str:
    """The row that a function hands out, or ""."""
    for node in trees[module].body:
        if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef) and node.name == function:
            found = [find_row(trees, module, part) for part in names_in(node.returns or node)]
            return next(filter(None, found), "")
    return ""


def called_by(file: Path, trees: Trees) -> Iterator[tuple[str, str]]:
    """(module, function) of the domain's functions that a door imports."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module in trees:
            yield from ((node.module, alias.name) for alias in node.names)


def test_a_row_is_found_through_what_holds_it() -> None:
    trees = {
        "domain.a.queries": ast.parse(
            "from domain.a.views import Card\nfrom models.a import Thing as Row\n"
            "async def find() -> Card | None: ...\n"
            "async def list_all() -> list[Row]: ...\n"
            "async def count() -> int: ..."
        ),
        "domain.a.views": ast.parse(
            "from models.a import Thing\nclass Base:\n    rows: tuple[Thing, ...]\n"
            "class Card(Base):\n    next: 'Card'"
        ),
    }
    found = [rows_of(trees, "domain.a.queries", name) for name in ("find", "list_all", "count")]
    assert found == ["Card is a Base.rows: Thing", "Thing", ""]


def test_doors_read_no_rows() -> None:
    """A query answers with a dataclass of what the reader needs (domain/training/views.py)."""
    trees = read_domain()
    found = {
        f"{file.relative_to(ROOT)} is given {row} by {module}.{name}"
        for part in DOORS
        for file in sorted((ROOT / part).rglob("*.py"))
        for module, name in called_by(file, trees)
        if module.rpartition(".")[2] not in CHANGING
        if (row := rows_of(trees, module, name))
    }
    assert not found, "\n" + "\n".join(sorted(found))
