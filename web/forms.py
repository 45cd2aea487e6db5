"""Reading what a page's form sends, as strictly as JSON is read (web/bodies.py)."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from aiohttp import web

from domain.errors import DomainError
from web.fields import refuse_field

FORM = "application/x-www-form-urlencoded"
#: More than any page of ours asks for.
MOST_FIELDS = 100


async def read_form(request: web.Request, *, most_fields: int = MOST_FIELDS) -> Mapping[str, str]:
    """The fields of an urlencoded form by name; "" for one that was left empty.

    The view is marked with `@body(…)`, which bounds size and time. A name stands once: boxes of
    which several may be ticked have names of their own ("county.371502").
    Raises DomainError unsupported_media_type, wrong_encoding, too_large (more than
    `most_fields`), invalid_input (a name that stands twice), bad_request (NUL, which PostgreSQL
    does not store).
    """
    if request.content_type != FORM:
        raise DomainError("unsupported_media_type", accepted=[FORM])
    if (request.charset or "utf-8").lower() not in ("utf-8", "utf8"):
        raise DomainError("wrong_encoding")
    text = decode_text(await request.read())
    if text.count("&") >= most_fields:
        raise DomainError("too_large", about="fields")
    try:
        pairs = parse_qsl(text, keep_blank_values=True, encoding="utf-8", errors="strict")
    except UnicodeDecodeError:
        raise DomainError("wrong_encoding") from None
    form: dict[str, str] = {}
    for name, value in pairs:
        add_field(form, name, value)
    return form


def add_field(form: dict[str, str], name: str, value: str) -> None:
    """Put one field into `form`. Raises DomainError invalid_input or bad_request."""
    if name in form:
        raise refuse_field(name, "too_long", max_length=1)
    if "\0" in name or "\0" in value:
        raise DomainError("bad_request", about="form")
    form[name] = value


def decode_text(text: bytes) -> str:
    """`text` as UTF-8. Raises DomainError wrong_encoding."""
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        raise DomainError("wrong_encoding") from None
