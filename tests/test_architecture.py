"""The house's laws as tests. A failure says which law was broken and what to do.

Those about routes are in test_routes.py.
"""

import ast
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import get_args

import pytest
from pydantic import TypeAdapter, ValidationError

from content.schema import Identifier, Intent
from domain.faq.routing import Router
from models.messages import TOPIC_LENGTH
from observing.masking import ALLOWED_KEYS
from tests.support import package_content
from web.problems import STATUS_OF_CODE

ROOT = Path(__file__).parent.parent

#: What each part of the house may import of the others. Doors never import one another.
MAY_IMPORT = {
    "settings": set(),
    "content": set(),
    "models": set(),
    "domain": {"models", "content", "clients", "settings"},
    "clients": {"settings"},
    "observing": {"domain"},
    "web": {"domain", "observing", "settings"},
    "bot": {"domain", "content", "observing", "web", "settings"},
    "api": {"domain", "content", "observing", "web", "settings"},
    "jobs": {"domain", "observing", "settings"},
    "sandbox": {"settings"},
    # Seeds through actions, as a door does.
    "demo": {"content", "domain", "settings"},
    # The composition root; who is put together does not know by whom.
    "assembly": {
        "api", "bot", "clients", "content", "domain", "jobs", "models", "observing", "settings",
        "web",
    },
    "app": {"assembly", "domain", "observing", "settings"},
    "scripts": {
        "app", "assembly", "bot", "clients", "content", "demo", "domain", "jobs", "models",
        "observing", "sandbox", "settings", "web",
    },
}  # fmt: skip
#: Exceptions, each with its reason.
ALLOWED = {
    # domain sees the outside as Protocols and as the errors that they may raise.
    ("domain", "clients.wechat.interface"),
    ("domain", "clients.wechat.errors"),
    # A job hands the outside on to its action.
    ("jobs", "clients.wechat.interface"),
    # A door asks PostgreSQL through actions and queries alone, but it is the door that stops
    # waiting, goes on without, or says that we are unavailable.
    *((door, "models.availability") for door in ("api", "bot", "web")),
    # The same pause as for PostgreSQL, for Redis, and the same patience.
    *((door, "models.breaker") for door in ("api", "bot", "web")),
    ("bot", "models.patience"),
    # Four hundred people at every first start: written at once, not bound one by one
    # (demo/seeding.py). All else is seeded through actions.
    *(("demo", f"models.{module}") for module in ("columns", "people", "transactions")),
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
            if other not in MAY_IMPORT or other == part or (part, module) in ALLOWED:
                continue
            if part == "domain" and other == "clients":
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


#: What opens a transaction: tortoise's own functions, and the methods of a model that call them.
OPENERS = {"in_transaction", "_in_transaction", "atomic", "get_or_create", "update_or_create"}


def transactions_in(source: str) -> Iterator[tuple[int, str]]:
    """(line, name) of each use of OPENERS."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, alias.name) for alias in node.names if alias.name in OPENERS)
        elif isinstance(node, ast.Attribute) and node.attr in OPENERS:
            yield node.lineno, node.attr


def test_transactions_are_opened_in_one_place() -> None:
    """Tortoise's own lose their connection where they are cancelled at the wrong moment: write
    `async with transaction() as connection` (models/transactions.py), and an upsert as SQL."""
    sample = "from tortoise.transactions import atomic as a\nx = await Dialogue.get_or_create(y=1)"
    assert list(transactions_in(sample)) == [(1, "atomic"), (2, "get_or_create")]
    found = [
        f"{file.relative_to(ROOT)}:{line} {name}"
        for file in [*source_files(), *sorted((ROOT / "tests").rglob("*.py"))]
        if file != ROOT / "models" / "transactions.py"
        for line, name in transactions_in(file.read_text(encoding="utf-8"))
    ]
    assert not found, "\n" + "\n".join(found)


#: What reads the clock: (class or module, attribute), or the name of a function of ours.
CLOCKS = {
    *(("datetime", name) for name in ("now", "utcnow", "today")),
    ("date", "today"),
    *(("time", name) for name in ("time", "time_ns", "localtime", "gmtime", "strftime")),
    *(("time", name) for name in ("monotonic", "monotonic_ns", "perf_counter")),
}


def clocks_in(source: str) -> Iterator[tuple[int, str]]:
    """(line, name) of all that reads the clock or could be handed on to read it."""
    tree = ast.parse(source)
    #: What a name of this file stands for: `from datetime import datetime as dt`.
    meant = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if alias.name == "local_now" or (node.module, alias.name) in CLOCKS:
                    yield node.lineno, alias.name
        elif isinstance(node, ast.Attribute):
            owner = node.value
            name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            if node.attr == "local_now" or (meant.get(name, name), node.attr) in CLOCKS:
                yield node.lineno, f"{name}.{node.attr}"


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import date\ndate.today()",
        "from datetime import datetime as dt\ndt.now(LOCAL)",
        "import datetime\ndatetime.datetime.utcnow()",
        "import datetime as d\nd.date.today()",
        "import time\ntime.time()",
        "import time as t\nclock = t.monotonic",
        "from time import time",
        "from domain.calendar import local_now",
        "from domain import calendar\ncalendar.local_now()",
        "from datetime import datetime\nx = field(default_factory=datetime.now)",
    ],
)
def test_a_clock_is_found(source: str) -> None:
    assert list(clocks_in(source))


def test_other_names_are_no_clocks() -> None:
    assert not list(clocks_in("def f(now, self):\n    return now.time(), self.today, now.date()"))


def test_domain_is_told_the_time() -> None:
    """Time comes in as `now` or `as_of` (law 7); only domain/calendar.py looks at the clock."""
    found = [
        f"{file.relative_to(ROOT)}:{line} {name}"
        for file in sorted((ROOT / "domain").rglob("*.py"))
        if file != ROOT / "domain" / "calendar.py"
        for line, name in clocks_in(file.read_text(encoding="utf-8"))
    ]
    assert not found, "\n" + "\n".join(found)


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


#: Where the bytes of a body may be taken as they come; elsewhere they are read, within limits.
BODY_READERS = {Path("web/uploads.py"), Path("bot/webhook.py")}


def test_bodies_are_read_in_few_places() -> None:
    """Forms by web.forms.read_form, files by web.uploads.receive_file, JSON by a Shape."""
    for file in source_files():
        name = file.relative_to(ROOT)
        if name in BODY_READERS or name.parts[0] == "sandbox":
            continue
        found = re.search(
            r"\brequest\.(post\(|multipart\(|content\b)", file.read_text(encoding="utf-8")
        )
        assert not found, f"{name} reads a body by {found}"


def codes_raised(source: str) -> Iterator[tuple[int, str | None]]:
    """(line, code) of each DomainError; None for a code that is not written out."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        if getattr(node.func, "id", getattr(node.func, "attr", "")) != "DomainError":
            continue
        given = [*node.args, *(word.value for word in node.keywords if word.arg == "code")]
        first = given[0] if given else None
        literal = isinstance(first, ast.Constant) and isinstance(first.value, str)
        yield node.lineno, first.value if literal else None  # type: ignore[union-attr]


def test_every_error_code_is_written_out() -> None:
    """A code that is put together cannot be looked for: `raise DomainError("the_code", …)`."""
    assert list(codes_raised("DomainError('a', x=1)\nerrors.DomainError(code)")) == [
        (1, "a"),
        (2, None),
    ]
    computed = [
        f"{file.relative_to(ROOT)}:{line}"
        for file in source_files()
        for line, code in codes_raised(file.read_text(encoding="utf-8"))
        if code is None
    ]
    assert not computed, f"DomainError with a code that is not a literal: {computed}"


def test_every_error_code_has_a_status_and_words() -> None:
    """What is not in the tables is a 500 (law 2): add a line to web/problems.py, and a title and
    a detail to content/texts/errors.yaml."""
    texts = package_content().texts
    codes = {
        code
        for file in source_files()
        for _, code in codes_raised(file.read_text(encoding="utf-8"))
        if code is not None
    }
    assert "no_permission" in codes
    for code in codes | set(STATUS_OF_CODE):
        assert code in STATUS_OF_CODE, f"{code} has no HTTP status"
        for part in ("title", "detail"):
            assert texts.get(f"errors.{code}.{part}"), f"{code} has no {part}"


#: The methods of a structlog logger; what each is given by name becomes a key of the line.
LOG_METHODS = {"debug", "info", "warning", "error", "critical", "exception", "bind", "new"}
#: observing/logs.py turns them into `exception`.
NOT_KEYS = {"exc_info", "stack_info"}


def log_keys_in(source: str) -> Iterator[tuple[int, str | None]]:
    """(line, key) of what a file logs through structlog; None for keys given as **mapping."""
    tree = ast.parse(source)
    loggers = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and "structlog.get_logger" in ast.unparse(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in LOG_METHODS
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id in loggers
        ):
            yield from ((node.lineno, keyword.arg) for keyword in node.keywords)


def test_every_log_key_gets_through_the_mask() -> None:
    """observing/masking.py drops any other key: use one of its list, or add a harmless one."""
    sample = "log = structlog.get_logger()\nlog.info('x', count=1, secret=2)\nother.info('x', a=1)"
    assert list(log_keys_in(sample)) == [(2, "count"), (2, "secret")]
    found = {
        f"{file.relative_to(ROOT)}:{line} {key}": key
        for file in source_files()
        for line, key in log_keys_in(file.read_text(encoding="utf-8"))
    }
    assert "count" in found.values()
    dropped = [where for where, key in found.items() if key not in ALLOWED_KEYS | NOT_KEYS]
    assert not dropped, "\n" + "\n".join(dropped)


def test_examples_that_people_are_given_are_answered(package_router: Router) -> None:
    """Whoever types what a text offers as an example must get an answer, not an apology."""
    router, content = package_router, package_router.content
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


def test_ids_of_the_content_fit_the_column_that_keeps_them() -> None:
    """content/schema.py imports nothing of the product: its limit is a number of its own."""
    identifier = TypeAdapter[str](Identifier)
    assert identifier.validate_python("a" * TOPIC_LENGTH)
    with pytest.raises(ValidationError):
        identifier.validate_python("a" * (TOPIC_LENGTH + 1))
    assert all(len(intent) <= TOPIC_LENGTH for intent in get_args(Intent))
