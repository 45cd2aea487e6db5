"""Every event that an action writes into the audit log is called something there."""

import ast
import re
from collections.abc import Iterator

from api.console.audit_words import EITHER, EVENTS, FACTS, SYSTEMS
from tests.test_architecture import ROOT

_WRITERS = {"record", "_record", "note_change"}


def events_in(source: str) -> Iterator[str]:
    """Events that stand in a call of one of _WRITERS, or in a mapping called …EVENT…."""
    for node in ast.walk(ast.parse(source)):
        parts: list[ast.expr] = []
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            parts = list(node.args) if name in _WRITERS else []
        elif isinstance(node, ast.Assign) and "EVENT" in ast.unparse(node.targets[0]):
            parts = [inner for inner in ast.walk(node.value) if isinstance(inner, ast.expr)]
        for part in parts:
            if (
                isinstance(part, ast.Constant)
                and isinstance(part.value, str)
                and re.fullmatch(r"[a-z_]+\.[a-z_]+", part.value)
            ):
                yield part.value


def test_every_event_has_words() -> None:
    """Add a line to EVENTS in api/console/audit_words.py: auditors read it, and choose by it."""
    assert list(events_in('await record(c, a, "x.y", now=n)\n_EVENTS = {1: "a.b"}')) == [
        "a.b",
        "x.y",
    ]
    found = {
        event: str(file.relative_to(ROOT))
        for file in sorted((ROOT / "domain").rglob("*.py"))
        for event in events_in(file.read_text(encoding="utf-8"))
    }
    assert len(found) > 20
    assert {event: file for event, file in found.items() if event not in EVENTS} == {}


def facts_in(source: str) -> Iterator[str]:
    """Names in a mapping that is called facts, or handed over as such."""
    for node in ast.walk(ast.parse(source)):
        told: list[ast.expr] = []
        if isinstance(node, ast.Call):
            told = [one.value for one in node.keywords if one.arg == "facts"]
        elif isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "facts" and node.value:
            told = [node.value]
        for mapping in told:
            if isinstance(mapping, ast.Dict):
                keys = (key for key in mapping.keys if isinstance(key, ast.Constant))
                yield from (str(key.value) for key in keys)


def test_every_fact_has_words() -> None:
    """Add a line to FACTS in api/console/audit_words.py."""
    assert list(facts_in('facts: dict[str, int] = {"a": 1}\nrecord(c, facts={"b": 2})')) == [
        "a",
        "b",
    ]
    found = {
        name: str(file.relative_to(ROOT))
        for file in sorted((ROOT / "domain").rglob("*.py"))
        for name in facts_in(file.read_text(encoding="utf-8"))
    }
    assert len(found) > 10
    assert {name: file for name, file in found.items() if name not in {*FACTS, *EITHER}} == {}


def test_every_name_of_the_service_itself_has_words() -> None:
    """Add a line to SYSTEMS in api/console/audit_words.py."""
    named = re.compile(r'\bSystem\("([^"]+)"\)')
    found = {
        name: str(file.relative_to(ROOT))
        for part in ("demo", "domain", "jobs", "scripts/commands")
        for file in sorted((ROOT / part).rglob("*.py"))
        for name in named.findall(file.read_text(encoding="utf-8"))
    }
    assert len(found) > 10
    assert {name: file for name, file in found.items() if name not in SYSTEMS} == {}
