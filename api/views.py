"""The base of the API's views and shapes: aiohttp-pydantic, made to refuse in our way."""

from collections.abc import Callable, Iterable
from typing import Any

from aiohttp import web
from aiohttp_pydantic import PydanticView
from aiohttp_pydantic.injectors import AbstractInjector, QueryGetter
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import to_json

from domain.errors import DomainError
from web.fields import fields_of


class View(PydanticView):  # type: ignore[misc]
    """A view whose method signatures are the schema of the request.

    Parameters before "/" are the path's, a Shape is the body, keyword-only ones are headers,
    the others come from the query. What does not fit is `invalid_input` with its fields; so is a
    query parameter that the method does not have, for whoever sent it believes that it counts.
    """

    @staticmethod
    def _parse_func_signature(func: Callable[..., Any]) -> Iterable[AbstractInjector]:
        injectors = list(PydanticView._parse_func_signature(func))
        query = next((one for one in injectors if isinstance(one, QueryGetter)), None)
        if query is None:
            query = QueryGetter({}, {})
            injectors.append(query)
        query.model.model_config["extra"] = "forbid"
        query.model.model_rebuild(force=True)
        return injectors

    async def on_validation_error(
        self, exception: ValidationError, context: str
    ) -> web.StreamResponse:
        raise DomainError("invalid_input", fields=fields_of(exception, context))


class Shape(BaseModel):
    """A body of a request or an answer."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    @classmethod
    def model_json_schema(cls, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The schema in OpenAPI 3.0's dialect.

        aiohttp-pydantic 2.6 translates it by itself, but loses `format` of an optional date
        and fails on an optional model; translated here first, it finds nothing left to do.
        """
        schema = super().model_json_schema(*args, **kwargs)
        to_openapi_3_0(schema)
        return schema


def to_openapi_3_0(schema: Any) -> None:
    """Rewrite a JSON Schema of 2020-12, in place, for OpenAPI 3.0: null, const, limits."""
    if isinstance(schema, list):
        for item in schema:
            to_openapi_3_0(item)
    if not isinstance(schema, dict):
        return
    for item in schema.values():
        to_openapi_3_0(item)
    _fold_null(schema)
    if "const" in schema:
        schema["enum"] = [schema.pop("const")]
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(schema.get(exclusive), int | float) and schema[exclusive] is not True:
            schema[bound], schema[exclusive] = schema[exclusive], True


def _fold_null(schema: dict[str, Any]) -> None:
    choices = schema.get("anyOf")
    if not isinstance(choices, list) or {"type": "null"} not in choices:
        return
    others = [choice for choice in choices if choice != {"type": "null"}]
    del schema["anyOf"]
    if len(others) > 1:
        schema["anyOf"] = others
    elif "$ref" in others[0]:
        schema["allOf"] = others
    else:
        schema.update({key: value for key, value in others[0].items() if key not in schema})
    schema["nullable"] = True
    if schema.get("default", ...) is None:
        del schema["default"]


def send(answer: object, *, status: int = 200) -> web.Response:
    """`answer` (shapes, mappings, dates and the like) as JSON in UTF-8."""
    body = to_json(answer, inf_nan_mode="null")
    headers = {"Cache-Control": "no-store"}
    return web.Response(body=body, status=status, content_type="application/json", headers=headers)
