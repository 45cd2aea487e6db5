"""The OpenAPI document and the page that shows it."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from aiohttp import web
from aiohttp_pydantic.oas.typing import r200

from api.openapi import operations_of
from api.tools import Tools
from api.views import Shape, View, send
from tests.integration.api.applications import VAULT, make_application
from web.access import Access, allow
from web.pages import STATIC_FOLDER


class Own(Shape):
    name: str


@pytest.fixture
async def client(aiohttp_client):
    return await aiohttp_client(make_application())


@pytest.fixture
async def document(client):
    return await (await client.get("/api/openapi.json")).json()


@pytest.fixture
async def whole(aiohttp_client):
    """The document of everything there is; nothing but the document can be asked for."""
    nothing: Any = None
    tools = Tools(VAULT, nothing, nothing, nothing, nothing)
    client = await aiohttp_client(make_application(tools=tools))
    return await (await client.get("/api/openapi.json")).json()


class References(HTMLParser):
    """Everything that a page loads or points to, and its ids."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.linked: list[str] = []
        self.ids: list[str] = []
        self.inline: list[str] = []

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name in ("src", "srcset", "data", "action") or (name, tag) == ("href", "link"):
                self.loaded.append(value)
            elif name == "href":
                self.linked.append(value)
            elif name == "id":
                self.ids.append(value)
            elif name == "style" or name.startswith("on"):
                self.inline.append(f"{tag} {name}")
        if tag in ("style", "script"):
            self.inline.append(tag)


async def read_page(client, path="/api/docs") -> tuple[str, References]:
    response = await client.get(path)
    assert (response.status, response.content_type) == (200, "text/html")
    text = await response.text()
    references = References()
    references.feed(text)
    return text, references


def refs_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from [value["$ref"]] if "$ref" in value else []
        for inner in value.values():
            yield from refs_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from refs_in(inner)


async def test_the_document_lists_the_routes_with_their_failures(document):
    assert document["openapi"].startswith("3.0")
    operations = {f"{method} {path}": o for path, method, o in operations_of(document)}
    assert set(operations) == {
        "get /api/v1/faq",
        "get /api/v1/policies",
        "get /api/v1/policies/{clause}",
        "get /api/v1/institutions",
        "get /api/v1/institutions/{institution_id}",
    }
    for operation in operations.values():
        for status in ("422", "429", "500"):
            content = operation["responses"][status]["content"]
            assert "application/problem+json" in content
    assert "404" in operations["get /api/v1/policies/{clause}"]["responses"]
    assert operations["get /api/v1/faq"]["parameters"][0]["required"] is True
    assert "Retry-After" in operations["get /api/v1/faq"]["responses"]["429"]["headers"]
    # Nothing asks for a sign-in: nothing may speak of it.
    assert "securitySchemes" not in document["components"]


@allow(Access.SIGNED_IN)
class PrivateView(View):
    async def get(self) -> r200[Own]:
        return send({})


async def test_what_only_a_later_part_can_raise_is_told_when_it_is_there(aiohttp_client, client):
    standing, references = await read_page(client)
    assert "登录后" not in standing
    assert {"sign-in", "error-sign_in_required"}.isdisjoint(references.ids)
    assert "error-slow_down" in references.ids

    def extend(api: web.Application) -> None:
        api.router.add_view("/v1/mine", PrivateView)

    private = await aiohttp_client(make_application(extend=extend))
    document = await (await private.get("/api/openapi.json")).json()
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    private_operation = document["paths"]["/api/v1/mine"]["get"]
    assert private_operation["security"] == [{"bearer": []}]
    assert "429" not in private_operation["responses"]
    _, references = await read_page(private)
    assert {"sign-in", "error-sign_in_required"} <= set(references.ids)


async def test_every_reference_of_the_document_leads_somewhere(whole):
    schemas = whole["components"]["schemas"]
    references = set(refs_in(whole))
    assert references
    assert {r.removeprefix("#/components/schemas/") for r in references} <= set(schemas)


async def test_nothing_in_the_document_is_without_words(whole):
    silent = [
        f"{method} {path} {part}"
        for path, method, operation in operations_of(whole)
        for part in ("operationId", "summary", "description", "tags")
        if not operation[part]
    ]
    for path, method, operation in operations_of(whole):
        things = [*operation.get("parameters", []), *operation["responses"].values()]
        silent += [f"{method} {path} {thing}" for thing in things if not thing["description"]]
    for name, schema in whole["components"]["schemas"].items():
        fields = schema["properties"].items()
        silent += [f"{name}.{field}" for field, told in fields if not told["description"]]
    assert silent == []


async def test_the_document_has_no_operation_words_left_over(whole):

    from api.openapi import read_words

    words = read_words()
    known = {f"{method.upper()} {path}" for path, method, _ in operations_of(whole)}
    assert set(words["operations"]) == known
    assert set(words["schemas"]) == set(whole["components"]["schemas"])


@pytest.mark.parametrize("path", ["/api/docs", "/api/docs?type=large"])
async def test_the_page_loads_nothing_foreign_and_nothing_inline(client, path):
    text, references = await read_page(client, path)
    for reference in [*references.loaded, *references.linked]:
        assert reference.startswith(("/", "#", "data:,")), reference
        assert not reference.startswith("//")
    assert references.inline == []
    assert "http://" not in text.replace("http://127.0.0.1:8080", "")
    assert "https://" not in text
    for loaded in references.loaded:
        if loaded.startswith("/"):
            assert (await client.get(loaded)).status == 200


def test_the_style_sheets_load_nothing():
    for sheet in STATIC_FOLDER.glob("*.css"):
        assert not re.search(r"@import|url\(|https?:|//", sheet.read_text(encoding="utf-8"))


async def test_every_example_fits_its_schema(whole):
    """What a reader copies from the document is taken by what it describes."""
    checked = 0
    for _, _, operation in operations_of(whole):
        parts = [operation.get("requestBody", {}), *operation["responses"].values()]
        for media in (media for part in parts for media in part.get("content", {}).values()):
            if "example" in media:
                check_example(whole, media["schema"], media["example"])
                checked += 1
    assert checked > 10


def check_example(document: Any, schema: Any, example: Any) -> None:
    """Names and kinds alone: enough to see that a field was renamed."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        schema = document["components"]["schemas"][name]
    for one in schema.get("allOf", []):
        check_example(document, one, example)
    if isinstance(example, dict) and "properties" in schema:
        assert set(schema.get("required", [])) <= set(example) <= set(schema["properties"])
        for key, value in example.items():
            if value is not None:
                check_example(document, schema["properties"][key], value)
    if isinstance(example, list):
        assert schema["type"] == "array"
        for value in example:
            check_example(document, schema["items"], value)


async def test_every_anchor_of_the_page_leads_somewhere(client):
    _, references = await read_page(client)
    anchors = {link[1:] for link in references.linked if link.startswith("#")}
    assert anchors <= set(references.ids)
    assert len(references.ids) == len(set(references.ids))


async def test_a_problem_type_leads_to_its_place_on_the_page(client):
    problem = json.loads(await (await client.get("/api/v1/faq")).read())
    path, _, anchor = problem["type"].partition("#")
    _, references = await read_page(client, path)
    assert anchor in references.ids


async def test_the_page_is_locked_down(client):
    headers = (await client.get("/api/docs")).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


async def test_large_type_is_a_link_and_needs_no_script(client):
    standard, _ = await read_page(client)
    large, _ = await read_page(client, "/api/docs?type=large")
    assert 'data-type="large"' in large
    assert "data-type" not in standard
    assert 'href="/api/docs?type=large"' in standard
    assert (await client.get("/api/docs?type=%22%3E%3Cscript%3E")).status == 200


async def test_static_files_come_from_a_closed_list(client):
    sheet = await client.get("/static/tokens.css")
    assert sheet.content_type == "text/css"
    assert "immutable" in sheet.headers["Cache-Control"]
    for path in ("/static/../application.py", "/static/%2e%2e%2fpages.py", "/static/none.css"):
        assert (await client.get(path)).status == 404


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast ratio of two #rrggbb colours."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_colours_can_be_read():
    sheet = (STATIC_FOLDER / "tokens.css").read_text(encoding="utf-8")
    blocks = re.findall(r":root[^{]*\{([^}]*)\}", sheet)
    schemes = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block)) for block in blocks]
    assert schemes[1] == schemes[2], "dark by the system and dark by choice are the same"
    light, dark = schemes[0], {**schemes[0], **schemes[1]}
    for scheme in (light, dark):
        for text, ground in (
            ("ink", "ground"),
            ("ink", "surface"),
            ("ink-soft", "ground"),
            ("ink-soft", "surface"),
            ("accent", "surface"),
            ("accent", "ground"),
            ("on-accent", "accent"),
            ("good", "good-ground"),
            ("warn", "warn-ground"),
            ("bad", "bad-ground"),
            ("ink", "bubble-mine"),
            ("accent", "bubble-mine"),
            ("ink", "bubble-theirs"),
            ("ink-soft", "bubble-theirs"),
            ("accent", "bubble-theirs"),
            ("ink-soft", "chat-ground"),
            ("accent", "chat-ground"),
            ("bad", "chat-ground"),
        ):
            assert contrast(scheme[text], scheme[ground]) >= 4.5, (text, ground)
