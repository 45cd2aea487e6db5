"""`/api/openapi.json` and `/api/docs`: the document, and our own page that shows it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Template

from api.limits import READING
from api.openapi import CODES, Document, build_document, operations_of
from api.views import send
from web.access import Access, allow
from web.limits import limited
from web.pages import make_environment
from web.problems import STATUS_OF_CODE

_TEMPLATES = Path(__file__).parent / "templates"

#: The size of type that the page has besides the standard one.
LARGE = "large"


def add_documentation(app: web.Application, *, texts: Mapping[str, str], public_url: str) -> None:
    """Add both routes. The document is made at start-up, when every route has its full path."""
    template = make_environment([_TEMPLATES]).get_template("docs.html.j2")
    made: dict[str, Any] = {}

    async def make(app: web.Application) -> None:
        made["document"] = build_document([app], texts, public_url=public_url)
        made["pages"] = {
            size: _render(template, made["document"], texts, size) for size in ("", LARGE)
        }

    @allow(Access.ANYONE)
    @limited(READING)
    async def show_document(_request: web.Request) -> web.Response:
        return send(made["document"])

    @allow(Access.ANYONE)
    @limited(READING)
    async def show_page(request: web.Request) -> web.Response:
        size = LARGE if request.query.get("type") == LARGE else ""
        return web.Response(text=made["pages"][size], content_type="text/html", charset="utf-8")

    app.on_startup.append(make)
    app.router.add_get("/openapi.json", show_document)
    app.router.add_get("/docs", show_page)


#: Codes that need a part of the service to be raised at all: a sign-in, a rate limit. The others
#: can meet any request, on its way to an operation or past them all.
_ONLY_WHERE_LISTED = frozenset({"sign_in_required", "slow_down"})


def _render(template: Template, document: Document, texts: Mapping[str, str], size: str) -> str:
    listed = {
        code
        for _, _, operation in operations_of(document)
        for response in operation["responses"].values()
        for code in response.get(CODES, ())
    }
    failures = [
        {
            "code": code,
            "status": status,
            "title": texts[f"errors.{code}.title"],
            "detail": texts[f"errors.{code}.detail"].format_map(_Dots()),
            "reading": texts.get(f"errors.{code}.reading", "").format_map(_Dots()),
        }
        for code, status in sorted(STATUS_OF_CODE.items(), key=lambda item: (item[1], item[0]))
        if code in listed or code not in _ONLY_WHERE_LISTED
    ]
    operations = [
        {"path": path, "method": method.upper(), **operation}
        for path, method, operation in operations_of(document)
    ]
    return template.render(
        document=document,
        groups=_group(document, operations),
        schemas=document["components"]["schemas"],
        failures=failures,
        sign_in=document["components"].get("securitySchemes"),
        describe_type=describe_type,
        show_json=lambda value: json.dumps(value, ensure_ascii=False, indent=2),
        type_size=size,
    )


class _Dots(dict[str, str]):
    """How a text shows its facts where there are none yet."""

    def __missing__(self, name: str) -> str:
        return "…"


def _group(document: Document, operations: list[Document]) -> list[Document]:
    return [
        {"name": tag["name"], "operations": [o for o in operations if tag["name"] in o["tags"]]}
        for tag in document["tags"]
    ]


def describe_type(schema: Document) -> Document:
    """What a reader needs of a schema: {"text", "schema"}, the second a name to link to or ""."""
    described = _describe_plain(schema)
    limits = [
        f"{label}{schema[key]}"
        for key, label in _LIMITS.items()
        if key in schema and not isinstance(schema[key], bool)
    ]
    if schema.get("default") not in (None, ""):
        limits.append(f"默认 {json.dumps(schema['default'])}")
    if schema.get("nullable"):
        limits.append("可为 null")
    return {**described, "text": "，".join([described["text"], *limits])}


_LIMITS = {
    "minLength": "最少字数 ",
    "maxLength": "最多字数 ",
    "minimum": "最小 ",
    "maximum": "最大 ",
    "maxItems": "最多个数 ",
}
_TYPES = {
    "string": "文字",
    "integer": "整数",
    "number": "数字",
    "boolean": "true 或 false",
    "object": "对象",
}
_FORMATS = {"date": "日期", "date-time": "时间", "uri-reference": "网址", "binary": "文件"}


def _describe_plain(schema: Document) -> Document:
    for part in [schema, *schema.get("allOf", [])]:
        if "$ref" in part:
            return {"text": "对象", "schema": part["$ref"].rpartition("/")[2]}
    if schema.get("type") == "array":
        inner = _describe_plain(schema["items"])
        return {"text": f"一组{inner['text']}", "schema": inner["schema"]}
    if "enum" in schema:
        return {"text": " / ".join(map(str, schema["enum"])), "schema": ""}
    kind = _FORMATS.get(schema.get("format", ""), _TYPES.get(schema.get("type", ""), "任意值"))
    return {"text": kind, "schema": ""}
