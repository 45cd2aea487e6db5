"""Who works at the console, or names people for a firm, is not spoken to as the person is whom it
is about: no "想换班，先退了那一个再报", no number to call but to pass on."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from api.audiences import audience_of
from api.console.classes.words import trouble_of
from api.console.form import Form
from content.loader import PACKAGE_CONTENT, load_content
from domain.errors import DomainError
from domain.permissions import Permission
from tests.consoles import CITY_OFFICER, FRAME, let_in, make_console
from tests.test_architecture import ROOT, codes_raised
from web.access import Access, allow
from web.problems import STATUS_OF_CODE
from web.words import EVERYBODY, FOR_OTHERS, STAFF, Audience, find_refusal

TEXTS = load_content(PACKAGE_CONTENT).texts
#: What only the person themselves can be told.
TO_THE_PERSON = re.compile(
    r"12333|12345|热线|想换班|报上|再报|看看别的班|看看别家的班|实名绑定|要知道您是谁|给您绑|是您本人"
    r"|您(?:写|填|输|绑|走之前|已经是|有\{|之前交)|您同意的|找您单位"
)
#: A sentence about what to tell them is no sentence to them.
PASSED_ON = re.compile(r"告诉本人|告诉来电人|请本人|本人想")
#: The door's own, that every page may meet.
OF_THE_DOOR = {
    *("bad_request", "invalid_input", "malformed_json", "method_not_allowed", "not_found"),
    *("slow_down", "too_large", "too_slow", "unavailable", "unexpected", "wrong_encoding"),
    *("unsupported_media_type", "no_permission"),
}
#: Paths of the API that the console does not have.
NOT_THERE = re.compile(r"errors\.not_found\.about\.(?:clause|privacy)")


def file_of(module: str) -> Path | None:
    path = ROOT.joinpath(*module.split("."))
    found = (path / "__init__.py", path.with_suffix(".py"))
    return next((one for one in found if one.is_file()), None)


def modules_named(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def codes_within_reach(of: list[Path]) -> set[str]:
    """Codes that are raised in `of`, and in all of ours that these import."""
    seen: set[Path] = set()
    codes: set[str] = set()
    while of:
        file = of.pop()
        if file in seen:
            continue
        seen.add(file)
        source = file.read_text(encoding="utf-8")
        codes |= {code for _, code in codes_raised(source) if code is not None}
        of += [one for name in modules_named(source) if (one := file_of(name)) is not None]
    return codes


def parts_of(code: str) -> list[str]:
    """title, detail, reading, about.<name>, fields.<name>."""
    beginning = f"errors.{code}."
    return [key.removeprefix(beginning) for key in TEXTS if key.startswith(beginning)]


def faults(codes: set[str], audience: Audience) -> list[str]:
    found = []
    for code in sorted(codes):
        for part in parts_of(code):
            words = find_refusal(TEXTS, audience, code, part) or ""
            sentences = re.split("[。；]", words)
            found += [
                f"{code}.{part}: {one}"
                for one in sentences
                if TO_THE_PERSON.search(one) and not PASSED_ON.search(one)
                if not NOT_THERE.match(f"errors.{code}.{part}")
            ]
    return found


def test_no_refusal_at_the_console_speaks_to_the_person_it_is_about() -> None:
    codes = codes_within_reach(sorted((ROOT / "api" / "console").rglob("*.py")))
    assert {"enrolment_overlaps", "identity_name_differs", "reset_own"} <= codes
    assert faults(codes & set(STATUS_OF_CODE) | OF_THE_DOOR, STAFF) == []


def test_no_refusal_of_a_firms_people_speaks_to_the_person() -> None:
    codes = {
        *("enrolment_overlaps", "class_full", "class_not_recruiting", "enrolment_stopped"),
        *("trainings_used_up", "left_by_themselves", "name_differs", "own_people_only"),
        *("roster_frozen", "person_twice", "already_in_class", "enrolment_stands"),
        *("roster_not_amendable", "amendment_unfounded", "too_many_looks", "id_number_wrong"),
        *("check_in_needs_another", "check_in_lapsed", "check_in_decided", "too_many_links"),
        *("check_in_entered_wrong", "attendance_settings_changed", "attendance_settings_wrong"),
    }
    assert faults(codes, FOR_OTHERS) == []


def test_words_for_staff_have_the_parts_and_facts_of_those_for_everybody() -> None:
    """One that no refusal asks for, or a fact that the refusal does not have, is a slip."""
    for key, words in TEXTS.items():
        audience, _, rest = key.partition(".")
        if audience in ("staff", "others"):
            theirs = TEXTS.get(f"errors.{rest}")
            assert theirs is not None, f"{key}: no refusal has this part"
            facts = re.findall(r"\{\w+\}", words)
            assert set(facts) <= set(re.findall(r"\{\w+\}", theirs)), key


async def test_a_page_of_the_console_and_a_form_say_it_to_staff() -> None:
    refusals = iter([DomainError("no_permission")])

    @allow(Access.STAFF, Permission.USE_CONSOLE)
    async def refuse(request: web.Request) -> web.Response:
        raise next(refusals)

    def add_routes(app: web.Application) -> None:
        app.router.add_get("/refuse", refuse)

    app = make_console(let_in(CITY_OFFICER), areas=[add_routes], own=FRAME)
    async with TestClient(TestServer(app)) as client, client.get("/console/refuse") as answer:
        page = await answer.text()
    assert "请找主管" in page and "12333" not in page
    form = Form((), TEXTS, {}, uuid4())
    form.refuse(DomainError("enrolment_overlaps", title="电工班", class_id=uuid4()))
    assert form.trouble is not None and form.trouble.detail.startswith("这个人已报了“电工班”")


def test_a_refused_step_names_its_one_case() -> None:
    """As every other refusal does."""
    refusal = DomainError("enrolment_stopped", about="suspended")
    assert "被暂停承担培训" in trouble_of(TEXTS, refusal).detail


def test_people_are_spoken_to_as_before() -> None:
    assert "想换班" in (find_refusal(TEXTS, EVERYBODY, "enrolment_overlaps", "detail") or "")
    assert find_refusal(TEXTS, STAFF, "person_twice", "title") == "同一个人写了两次"
    assert find_refusal(TEXTS, STAFF, "person_twice", "nothing") is None


@pytest.mark.parametrize(
    "path, audience",
    [
        ("/console/classes/x/roster/add", STAFF),
        ("/console", STAFF),
        ("/consoles", EVERYBODY),
        ("/api/v1/employers/x/classes/y/people", FOR_OTHERS),
        ("/api/v1/employers/x/people/y", FOR_OTHERS),
        ("/api/v1/employers/x/sessions/y/check-ins", FOR_OTHERS),
        ("/api/v1/employers/x/check-ins/decisions", FOR_OTHERS),
        ("/api/v1/employers/x/screen-links/y", FOR_OTHERS),
        ("/api/v1/employers/x/contacts", EVERYBODY),
        ("/api/v1/enrolments", EVERYBODY),
        ("/", EVERYBODY),
    ],
)
def test_who_reads_what_is_refused_where(path: str, audience: Audience) -> None:
    assert audience_of(path) == audience
