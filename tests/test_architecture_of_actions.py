"""What every action is told: who acts first, and the time last (law 7)."""

import ast
from collections.abc import Iterator

from tests.test_architecture import ROOT

#: Messages are handled before anybody is known: what an action there is told of the person is the
#: blind index of the sender, and nobody is permitted or refused anything by it.
WITHOUT_ACTOR = {"messaging"}


def wrong_actions_in(source: str) -> Iterator[tuple[int, str]]:
    """(line, name) of each public coroutine whose first argument is not `actor`, or whose last
    is not `now`."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.AsyncFunctionDef) and not node.name.startswith("_"):
            given = node.args
            names = [arg.arg for arg in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
            if not names or names[0] != "actor" or names[-1] != "now":
                yield node.lineno, node.name


def test_an_action_is_told_who_acts_and_when() -> None:
    """`async def file_complaint(actor: Trainee, vault, *, text, now)`; a job acts as System(…).

    The action asks domain.permissions.require(actor, …) with what it has found.
    """
    sample = (
        "async def enrol(actor, *, class_id, now): ...\n"
        "async def withdraw(person, now): ...\n"
        "async def confirm(actor, now, note): ...\n"
        "async def _store(row): ...\n"
        "def helper(x): ..."
    )
    assert list(wrong_actions_in(sample)) == [(2, "withdraw"), (3, "confirm")]
    found = [
        f"{file.relative_to(ROOT)}:{line} {name}"
        for file in sorted((ROOT / "domain").rglob("actions.py"))
        if file.parent.name not in WITHOUT_ACTOR
        for line, name in wrong_actions_in(file.read_text(encoding="utf-8"))
    ]
    assert not found, "\n" + "\n".join(found)
