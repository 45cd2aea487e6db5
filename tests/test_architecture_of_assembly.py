"""One composition root: the law as a test, beside those of test_architecture.py."""

import ast
from collections.abc import Iterator

from tests.test_architecture import ROOT, source_files

#: What makes a part that a whole process has one of.
MAKERS = {
    *("Vault", "connect_redis", "connect_redis_for_worker", "open_database", "make_job_app"),
    *("AsyncWeChatClient", "open_official_account", "open_mini_program", "Limiter", "LiveRouter"),
}


def calls_in(source: str) -> Iterator[tuple[int, str]]:
    """(line, name) of each call of one of MAKERS, by whatever name this file knows it."""
    tree = ast.parse(source)
    meant = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] != "assembly"
        for alias in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            name = (
                called.attr
                if isinstance(called, ast.Attribute)
                else meant.get(getattr(called, "id", ""), "")
            )
            if name in MAKERS:
                yield node.lineno, name


def test_parts_are_put_together_in_one_place() -> None:
    """assembly/ makes what a process has one of; all others are handed it, or ask assembly/."""
    sample = (
        "from clients.shared_state import connect_redis as connect\n"
        "from assembly.outside import open_database\n"
        "connect(url)\nvault.Vault(keys)\nopen_database(settings)"
    )
    assert list(calls_in(sample)) == [(3, "connect_redis"), (4, "Vault")]
    found = [
        f"{name}:{line} makes a part: {maker}"
        for file in source_files()
        # The bench measures single parts, and clients/ says how its own are made.
        if (name := file.relative_to(ROOT)).parts[0] not in ("assembly", "clients")
        and name.parts[:2] != ("scripts", "bench")
        for line, maker in calls_in(file.read_text(encoding="utf-8"))
    ]
    assert not found, "\n" + "\n".join(found)
