"""The house's laws as tests. A failure says which law was broken and what to do."""

import ast
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.web_urldispatcher import StaticResource

from app import create_app
from content.loader import PACKAGE_CONTENT, load_content
from domain.faq.routing import Router
from jobs.messaging import make_job_app
from tests.support import make_settings
from web.access import access_of
from web.problems import STATUS_OF_CODE

ROOT = Path(__file__).parent.parent

#: What each part of the house may import of the others. Doors never import one another.
MAY_IMPORT = {
    "settings": set(),
    "content": set(),
    "models": set(),
    "domain": {"models", "content", "clients", "settings"},
    "clients": {"settings"},
    "web": {"domain", "settings"},
    "bot": {"domain", "content", "web", "settings"},
    "api": {"domain", "content", "web", "settings"},
    "jobs": {"domain", "models", "clients", "settings"},
    "sandbox": {"settings"},
    "app": {"api", "bot", "clients", "content", "domain", "models", "settings", "web"},
    "scripts": {
        "api", "app", "bot", "clients", "content", "domain", "jobs", "models", "sandbox",
        "settings", "web",
    },
}  # fmt: skip
#: Exceptions, each with its reason.
ALLOWED = {
    # domain sees the outside as Protocols and as the errors that they may raise.
    ("domain", "clients.wechat.interface"),
    ("domain", "clients.wechat.errors"),
}
MOST_LINES = 400


def source_files() -> Iterator[Path]:
    for part in MAY_IMPORT:
        folder = ROOT / part
        yield from sorted(folder.rglob("*.py")) if folder.is_dir() else [ROOT / f"{part}.py"]


def imports_of(file: Path) -> Iterator[tuple[int, str]]:
    """(line, module) of everything that a file imports, also inside functions."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module


def test_imports_run_one_way() -> None:
    """bot | api | jobs | scripts -> domain -> models; content is data; the sandbox is outside."""
    broken = []
    for file in source_files():
        name = file.relative_to(ROOT)
        part = name.parts[0].removesuffix(".py")
        for line, module in imports_of(file):
            other = module.split(".")[0]
            if other not in MAY_IMPORT or other == part:
                continue
            if part == "domain" and other == "clients" and (part, module) not in ALLOWED:
                broken.append(f"{name}:{line} domain sees clients only as Protocols, not {module}")
            elif other not in MAY_IMPORT[part]:
                broken.append(f"{name}:{line} {part} may not import {module}")
    assert not broken, "\n" + "\n".join(broken)


def test_rules_are_pure() -> None:
    """rules.py decides from values: no I/O, no clock, no randomness (law 7)."""
    impure = {
        "asyncio",
        "time",
        "random",
        "secrets",
        "os",
        "pathlib",
        "models",
        "tortoise",
        "redis",
    }
    for file in sorted((ROOT / "domain").rglob("rules.py")):
        for line, module in imports_of(file):
            assert module.split(".")[0] not in impure, f"{file.name}:{line} imports {module}"
        assert ".now(" not in file.read_text(encoding="utf-8"), f"{file}: time is an argument"


def test_environment_is_read_in_one_place() -> None:
    """Only settings.py and the commands that start processes look at os.environ."""
    for file in source_files():
        part = file.relative_to(ROOT).parts[0]
        if part in ("settings.py", "scripts", "sandbox"):
            continue
        text = file.read_text(encoding="utf-8")
        if file.relative_to(ROOT) == Path("web/serving.py"):
            # prometheus_client takes its folder from the environment and from nowhere else.
            text = text.replace('os.environ["PROMETHEUS_MULTIPROC_DIR"]', "")
        assert "os.environ" not in text and "getenv" not in text, f"{file} reads the environment"


def test_no_file_is_too_long() -> None:
    """A file over 400 lines holds more than one thing."""
    for file in [*source_files(), *sorted((ROOT / "tests").rglob("*.py"))]:
        lines = file.read_text(encoding="utf-8").count("\n")
        assert lines <= MOST_LINES, f"{file.relative_to(ROOT)} has {lines} lines"


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> web.Application:
    settings = make_settings(
        "postgres://localhost/none", "redis://127.0.0.1:9", tmp_path_factory.mktemp("var")
    )
    return create_app(settings, router=Router(load_content(PACKAGE_CONTENT)))


def test_every_route_says_who_may_enter(application: web.Application) -> None:
    """Deny by default (law 10): mark the handler with `@allow(Access.…)`."""
    routes = list(application.router.routes())
    assert len(routes) > 5
    for route in routes:
        if isinstance(route.resource, StaticResource):
            continue
        handler = route.handler
        methods = (
            [
                name.upper()
                for name in ("get", "post", "put", "patch", "delete")
                if hasattr(handler, name)
            ]
            if isinstance(handler, type)
            else [route.method]
        )
        for method in methods:
            assert access_of(handler, method), f"{method} {route.resource} does not say who"


def codes_raised() -> set[str]:
    """The codes of all DomainErrors in the source."""
    codes = set()
    for file in source_files():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", getattr(node.func, "attr", "")) == "DomainError"
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                codes.add(str(node.args[0].value))
    return codes


def test_every_error_code_has_a_status_and_words() -> None:
    """What is not in the tables is a 500 (law 2): add a line to web/problems.py and to
    content/texts/errors.yaml."""
    texts = load_content(PACKAGE_CONTENT).texts
    codes = codes_raised()
    assert "no_permission" in codes
    for code in codes | set(STATUS_OF_CODE):
        assert code in STATUS_OF_CODE, f"{code} has no HTTP status"
        assert any(key.startswith(f"errors.{code}") for key in texts), f"{code} has no words"


def tasks_queued(file: Path) -> Iterator[str]:
    """The task names that a file gives to `defer_job`, written out or as a constant of its own."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    constants = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "defer_job":
            name = node.args[1]
            value = name.value if isinstance(name, ast.Constant) else constants[name.id]  # type: ignore[attr-defined]
            yield str(value)


def test_every_queued_task_is_registered() -> None:
    """A job that no worker knows is never done."""
    registered = set(make_job_app("postgres://localhost/none").tasks)
    queued = {name for file in source_files() for name in tasks_queued(file)}
    assert queued
    assert queued <= registered, f"queued but known to no worker: {queued - registered}"


def test_examples_that_people_are_given_are_answered() -> None:
    """Whoever types what a text offers as an example must get an answer, not an apology."""
    content = load_content(PACKAGE_CONTENT)
    router = Router(content)
    said = [
        *(content.texts[key] for key in ("bot.welcome", "bot.voice", "home.ask", "faq.none")),
        content.texts["faq.none_blank"],
        *(talk.answer for talk in content.smalltalk),
    ]
    examples = {example for text in said for example in re.findall("“([^”]+)”", text)}
    assert len(examples) > 3
    for example in sorted(examples):
        kind = router.route(example, date(2026, 11, 22)).kind
        assert kind in ("policy", "service"), f"“{example}” gets {kind}"


def test_texts_that_code_asks_for_exist() -> None:
    """Keys such as "bot.welcome" stand in content/texts."""
    texts = load_content(PACKAGE_CONTENT).texts
    for file in source_files():
        for key in re.findall(r'"(bot\.[a-z_]+)"', file.read_text(encoding="utf-8")):
            assert key in texts, f"{file.name} says {key}, which is not in content/texts"
