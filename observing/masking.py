"""The second net under the logs: nothing that names a person gets through, even by mistake.

The first net is that no code of ours logs such a thing. Here a line keeps only keys that are
on a list, what looks like an identifier inside a string is masked, and an exception is told
by its type and its place, never by its message: messages quote what people wrote.
"""

import re
import traceback
from collections.abc import MutableMapping
from pathlib import PurePath
from types import TracebackType
from typing import Any

from domain.personal_data import CITIZEN_ID, LANDLINE, MOBILE

#: The keys a line of ours may have. Each holds a name, a code, a number or an opaque id of our
#: own; a key that could hold what a person wrote or is called does not belong here.
ALLOWED_KEYS = frozenset(
    {
        # written by the renderer itself
        *("event", "level", "time", "request_id", "logger", "exception", "dropped"),
        # requests
        *("method", "route", "status", "ms", "handler"),
        # places, names and codes of our own
        *(
            "check",
            "checkpoint",
            "code",
            "component",
            "entry",
            "error",
            "intent",
            "job",
            "job_id",
            "kind",
        ),
        *("outcome", "placeholder", "queue", "reason", "signal", "step", "store", "table"),
        *("task", "text_key", "type", "version", "errcode", "api"),
        # figures
        *("attempt", "bytes", "count", "limit", "oldest_days", "port", "pid", "seconds", "size"),
    }
)

_MASKS = (
    (CITIZEN_ID, "[id]"),
    (MOBILE, "[phone]"),
    (LANDLINE, "[phone]"),
    # WeChat openids and unionids: o and 27 more.
    (re.compile(r"(?<![A-Za-z0-9_-])o[A-Za-z0-9_-]{27}(?![A-Za-z0-9_-])"), "[openid]"),
    # What stands in a URL after the question mark.
    (re.compile(r"\?[^\s\"'>]*=[^\s\"'>]*"), "?[query]"),
    (re.compile(r"[A-Za-z0-9_.+-]+@[A-Za-z0-9-]+\.[A-Za-z0-9.-]+"), "[email]"),
)
#: No mask matches a text without one of these, and most texts have none.
_SUSPICIOUS = re.compile(r"\d{4}|o[A-Za-z0-9_-]{27}|\?|@")

_DEEPEST_CAUSE = 4
_MOST_FRAMES = 24


def mask(text: str) -> str:
    """`text` with citizen IDs, phones, openids, e-mail addresses and query strings masked."""
    if _SUSPICIOUS.search(text):
        for pattern, replacement in _MASKS:
            text = pattern.sub(replacement, text)
    return text


def mask_event(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """structlog processor: drop the keys not on the list (their names stay), mask the strings."""
    if not event.keys() <= ALLOWED_KEYS:
        dropped = sorted(event.keys() - ALLOWED_KEYS)
        for key in dropped:
            del event[key]
        event["dropped"] = dropped
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = mask(value)
        elif not isinstance(value, int | float | None) and key not in ("exception", "dropped"):
            event[key] = mask(str(value))
    return event


def describe_exception(error: BaseException, depth: int = 0) -> dict[str, Any]:
    """`error` as {"type", "at", "state", "cause"}: no message, no source line, no values.

    `at` lists "file:line function", the innermost last. `state` is PostgreSQL's SQLSTATE or
    the errno, which name the fault without quoting data.
    """
    kind = type(error)
    described: dict[str, Any] = {
        "type": f"{kind.__module__}.{kind.__qualname__}",
        "at": _frames(error.__traceback__),
    }
    state = getattr(error, "sqlstate", None) or getattr(error, "errno", None)
    if state is not None:
        described["state"] = str(state)[:16]
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and depth < _DEEPEST_CAUSE:
        described["cause"] = describe_exception(cause, depth + 1)
    if isinstance(error, BaseExceptionGroup) and depth < _DEEPEST_CAUSE:
        described["group"] = [describe_exception(one, depth + 1) for one in error.exceptions[:8]]
    return described


def _frames(trace: TracebackType | None) -> list[str]:
    return [
        f"{'/'.join(PurePath(frame.f_code.co_filename).parts[-2:])}:{line} {frame.f_code.co_name}"
        for frame, line in list(traceback.walk_tb(trace))[-_MOST_FRAMES:]
    ]
