"""The laws of the queue as tests, beside those of test_architecture.py."""

import ast
from collections.abc import Iterator
from typing import get_args

from domain.followup import Queue
from jobs.queue import LANES, make_job_app
from tests.test_architecture import ROOT, source_files


def test_every_task_has_a_lane() -> None:
    """A job in a queue that no worker looks at is never done (jobs/queue.py)."""
    lanes = {lane.queue for lane in LANES}
    assert lanes == set(get_args(Queue))
    app = make_job_app("postgres://localhost/none")
    for name, task in app.tasks.items():
        # procrastinate brings tasks of its own, which nobody queues.
        if "builtin" not in name:
            assert task.queue in lanes, f"{name} goes to {task.queue}"


def crons_in(source: str) -> Iterator[tuple[int, str]]:
    """(line, cron) of each `periodic(cron="…")` that is written out."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        if getattr(node.func, "id", getattr(node.func, "attr", "")) != "periodic":
            continue
        for value in [*node.args, *(word.value for word in node.keywords if word.arg == "cron")]:
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield node.lineno, value.value


def test_no_schedule_names_an_hour_of_utc() -> None:
    """procrastinate reads cron in UTC: say the hour with jobs.schedule.at(hour, minute)."""
    sample = (
        "@b.periodic(cron='17 3 * * *')\ndef f(): ...\n@b.periodic(cron=at(3, 17))\ndef g(): ..."
    )
    assert list(crons_in(sample)) == [(1, "17 3 * * *")]
    found = [
        f"{file.relative_to(ROOT)}:{line} {cron}"
        for file in source_files()
        for line, cron in crons_in(file.read_text(encoding="utf-8"))
        if cron.split()[1] != "*"
    ]
    assert not found, "\n" + "\n".join(found)


def tasks_queued(source: str) -> Iterator[tuple[int, str | None]]:
    """(line, task) of each `defer_job`; None for one that is neither written out nor a constant
    of the same file."""
    tree = ast.parse(source)
    constants = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if getattr(node.func, "id", getattr(node.func, "attr", "")) != "defer_job":
            continue
        named = [word.value for word in node.keywords if word.arg == "task"]
        name = named[0] if named else node.args[1]
        value = name.value if isinstance(name, ast.Constant) else None
        if isinstance(name, ast.Name):
            value = constants.get(name.id)
        yield node.lineno, value if isinstance(value, str) else None


def test_every_queued_task_is_registered() -> None:
    """A job that no worker knows is never done; a name that is put together cannot be checked."""
    sample = (
        "TASK = 'a.b'\ndefer_job(c, TASK, x=1)\nfollowup.defer_job(c, 'a.c')\n"
        "defer_job(c, task='a.d')\ndefer_job(c, area + '.x')\ndefer_job(c, actions.TASK)"
    )
    assert sorted(tasks_queued(sample), key=str) == [
        *((2, "a.b"), (3, "a.c"), (4, "a.d")),
        *((5, None), (6, None)),
    ]
    registered = set(make_job_app("postgres://localhost/none").tasks)
    queued = {
        f"{file.relative_to(ROOT)}:{line}": task
        for file in source_files()
        for line, task in tasks_queued(file.read_text(encoding="utf-8"))
    }
    assert queued
    for where, task in queued.items():
        assert task in registered, f"{where} queues {task}, which no worker knows"
