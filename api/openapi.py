"""The OpenAPI document: aiohttp-pydantic writes requests and answers, we add the rest.

Added are the words (api/words/), the failures that every operation shares, who may
enter, and a name for each operation.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web
from aiohttp_pydantic.oas.view import generate_oas

from api.idempotency import HEADER, MOST_KEY, is_idempotent
from api.refusals import refusals_of
from web.access import Access, access_of
from web.limits import limits_of
from web.problems import PROBLEM_JSON, STATUS_OF_CODE
from web.uploads import MULTIPART

API_VERSION = "1"

WORDS_FOLDER = Path(__file__).parent / "words"

_METHODS = ("get", "post", "put", "patch", "delete")
#: Failures that any operation can meet, and those that only some can.
_COMMON = ("wrong_encoding", "invalid_input", "unexpected", "unavailable")
_WITH_BODY = ("bad_request", "malformed_json", "unsupported_media_type", "too_large")
_LIMITED = ("slow_down",)
_IDEMPOTENT = ("request_in_progress", "idempotency_key_reused")
_SIGNED_IN = ("sign_in_required", "not_found")
#: Where a response lists its codes, for programs and for the page.
CODES = "x-codes"

#: A body that is no JSON but a file.
_FILE = {"type": "string", "format": "binary"}

Document = dict[str, Any]


def read_words() -> Document:
    """All words of the documentation: the ground's, then those of its parts in their order."""
    words: Document = _read_file("ground")
    for name in ("tags", "operations", "schemas"):
        words.setdefault(name, {})
    for part in words["parts"]:
        for name, entries in _read_file(part).items():
            twice = words[name].keys() & entries.keys()
            if twice:
                raise ValueError(f"api/words/{part}.yaml says {sorted(twice)} once more")
            words[name] |= entries
    return words


def _read_file(part: str) -> Document:
    content: Document = yaml.safe_load((WORDS_FOLDER / f"{part}.yaml").read_text(encoding="utf-8"))
    return content


def build_document(
    apps: Sequence[web.Application], texts: Mapping[str, str], *, public_url: str
) -> Document:
    """The OpenAPI 3.0 document of the views in `apps`, `texts` being Content.texts."""
    words = read_words()
    document: Document = generate_oas(list(apps), version_spec=API_VERSION)
    document["info"] = {**words["info"], "version": API_VERSION}
    document["servers"] = [{"url": public_url}]
    document["tags"] = [{"name": title} for title in words["tags"].values()]
    document.setdefault("components", {})
    handlers = dict(_find_handlers(apps))
    for path, method, operation in operations_of(document):
        key = f"{method.upper()} {path}"
        handler = handlers.get(path)
        _describe_operation(operation, words["operations"].get(key, {}), words["tags"], key)
        _add_failures(operation, handler, method.upper(), texts)
        if is_idempotent(handler, method.upper()):
            _add_idempotency_key(operation, words["idempotency_key"])
    _add_sign_in(document, words["security"])
    _add_problem_schema(document)
    _describe_schemas(document, words["schemas"])
    return document


def operations_of(document: Document) -> Iterator[tuple[str, str, Document]]:
    """Each (path, method in lower case, operation) of `document`."""
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                yield path, method, item[method]


def _find_handlers(apps: Sequence[web.Application]) -> Iterator[tuple[str, object]]:
    for app in apps:
        for route in app.router.routes():
            if route.resource is not None:
                yield route.resource.canonical, route.handler


def _describe_operation(
    operation: Document, words: Document, tags: Mapping[str, str], key: str
) -> None:
    operation["operationId"] = _name_operation(key)
    operation["summary"] = words.get("summary", "")
    operation["description"] = words.get("description", "")
    operation["tags"] = [tags[words["tag"]]] if "tag" in words else []
    for parameter in operation.get("parameters", []):
        parameter["description"] = words.get("parameters", {}).get(parameter["name"], "")
        parameter["schema"].pop("title", None)
    for status, response in operation.get("responses", {}).items():
        response["description"] = words.get("responses", {}).get(status, "")
        if status in words.get("answers", {}):
            _show_example(response, words["answers"][status])
        if status in words.get("files", {}):
            response["content"] = {words["files"][status]: {"schema": _FILE}}
    if "upload" in words:
        file = {**_FILE, "description": words["upload"]}
        form = {"type": "object", "required": ["file"], "properties": {"file": file}}
        operation["requestBody"] = {"content": {MULTIPART: {"schema": form}}}
    if "request" in words:
        _show_example(operation["requestBody"], words["request"])


def _show_example(part: Document, example: object) -> None:
    """`example` as what a body looks like; `part` is a request's or an answer's."""
    for media in part.get("content", {}).values():
        media["example"] = example


def _name_operation(key: str) -> str:
    """ "GET /api/v1/policies/{clause}" -> "get_policies_by_clause"."""
    method, path = key.split(" ")
    parts = [
        f"by_{part.strip('{}')}" if part.startswith("{") else part.replace("-", "_")
        for part in path.removeprefix("/api/v1/").split("/")
    ]
    return "_".join([method.lower(), *parts])


def _add_failures(
    operation: Document, handler: object, method: str, texts: Mapping[str, str]
) -> None:
    codes = list(_COMMON)
    if "requestBody" in operation:
        operation["requestBody"]["required"] = True
        codes += _WITH_BODY
    if any(parameter["in"] == "path" for parameter in operation.get("parameters", [])):
        codes.append("not_found")
    if limits_of(handler, method):
        codes += _LIMITED
    if is_idempotent(handler, method):
        codes += _IDEMPOTENT
    codes += refusals_of(handler, method)
    if access_of(handler, method) is Access.SIGNED_IN:
        operation["security"] = [{"bearer": []}]
        codes += _SIGNED_IN
    responses = operation.setdefault("responses", {})
    for status in sorted({STATUS_OF_CODE[code] for code in codes}):
        told = [code for code in dict.fromkeys(codes) if STATUS_OF_CODE[code] == status]
        responses[str(status)] = {
            "description": "；".join(f"{code} {texts[f'errors.{code}.title']}" for code in told),
            "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            CODES: told,
        }
        if told == list(_LIMITED):
            responses[str(status)]["headers"] = {"Retry-After": {"schema": {"type": "integer"}}}


def _add_idempotency_key(operation: Document, description: str) -> None:
    schema = {"type": "string", "minLength": 1, "maxLength": MOST_KEY, "pattern": "^[!-~]+$"}
    operation.setdefault("parameters", []).append(
        {"in": "header", "name": HEADER, "required": False, "schema": schema,
         "description": description}
    )  # fmt: skip


def _add_sign_in(document: Document, words: Mapping[str, str]) -> None:
    """Say how to sign in, but only where some operation asks for it."""
    if any("security" in operation for _, _, operation in operations_of(document)):
        document["components"]["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer", "description": words["bearer"]}
        }


def _add_problem_schema(document: Document) -> None:
    text = {"type": "string"}
    properties: dict[str, Document] = {
        "type": {**text, "format": "uri-reference"},
        "title": text,
        "status": {"type": "integer"},
        "code": {**text, "example": "invalid_input"},
        "detail": text,
        "facts": {"type": "object", "additionalProperties": True},
    }
    document["components"].setdefault("schemas", {})["Problem"] = {
        "type": "object",
        "required": list(properties),
        "properties": {name: dict(schema) for name, schema in properties.items()},
    }


def _describe_schemas(document: Document, words: Mapping[str, Mapping[str, str]]) -> None:
    for name, schema in document["components"]["schemas"].items():
        schema.pop("title", None)
        schema.pop("description", None)
        for field, described in schema.get("properties", {}).items():
            described.pop("title", None)
            described["description"] = words.get(name, {}).get(field, "")
            if "$ref" in described:
                # Beside a $ref OpenAPI 3.0 ignores every other key.
                described["allOf"] = [{"$ref": described.pop("$ref")}]
