"""JSON logs, one line an event, for our own code and for every library alike.

    {"time": "2026-11-22T09:30:00.123+08:00", "level": "info", "event": "request",
     "request_id": "9f0c…", "method": "GET", "route": "/api/v1/faq", "status": 200, "ms": 3.1}

Our own code writes `structlog.get_logger("area").info("event_name", key=value)`; keys come
from observing/masking.py's list. Libraries write to the standard `logging`, whose records pass
through the same renderer.
"""

import json
import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog
from aiohttp.http_exceptions import HttpProcessingError
from structlog.typing import Processor

from domain.calendar import Clock, local_now
from observing.masking import describe_exception, mask_event
from observing.request_id import current_request_id

#: Libraries that say more than we want at our own level: their DEBUG holds SQL with its values.
_QUIET = {
    "aiohttp.access": logging.CRITICAL,
    "asyncio": logging.WARNING,
    "jieba": logging.WARNING,
    "tortoise": logging.WARNING,
    "asyncpg": logging.WARNING,
    "aiosqlite": logging.WARNING,
    "urllib3": logging.WARNING,
}
#: asyncio puts the repr of a task, and with it an exception's message, behind its first line.
_FIRST_LINE_ONLY = frozenset({"asyncio"})
#: What a reader of a line looks for first.
_FIRST = ("time", "level", "event", "request_id")
_REPR = re.compile(r"<[^<>]*>")


def configure_logging(
    *,
    level: str = "INFO",
    stream: TextIO | None = None,
    now: Clock = local_now,
) -> None:
    """Send every log line of this process to `stream` (default stderr) as JSON.

    `level` is a name of the standard levels; below it our own loggers cost next to nothing.
    Call it once, early; calling again replaces the former set-up.
    """
    number = logging.getLevelNamesMapping()[level]
    target = stream or sys.stderr
    shared: list[Processor] = [
        structlog.processors.add_log_level,
        _describe_exceptions,
        mask_event,
        # Behind the mask, which has nothing to find in a time and an id of our own.
        _add_frame(now),
    ]
    structlog.configure(
        processors=[*shared, _render],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(target),
        # A cached logger keeps the stream it was first used with: wrong after a fork's
        # second set-up and in tests. Binding anew costs 1 µs.
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_name_logger, _keep_first_line, *shared],
            processors=[_render],
        )
    )
    handler.addFilter(_calm_bad_requests)
    handler.addFilter(_name_exceptions)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(number)
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(max(number, least))
    logging.captureWarnings(True)


def _add_frame(now: Clock) -> Processor:
    def add(
        _logger: object, _method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        event["time"] = now().isoformat(timespec="milliseconds")
        if request_id := current_request_id():
            event["request_id"] = request_id
        return event

    return add


def _describe_exceptions(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """`exc_info=` becomes `exception`: types and places, no messages."""
    given = event.pop("exc_info", None)
    event.pop("stack_info", None)
    if given is True:
        given = sys.exc_info()
    error = given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["exception"] = describe_exception(error)
    return event


def _calm_bad_requests(record: logging.LogRecord) -> bool:
    """What is not HTTP, as every scanner sends, is no error of ours: one quiet line, no trace."""
    error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
    if isinstance(error, HttpProcessingError):
        record.levelno, record.levelname = logging.INFO, "INFO"
        record.msg, record.args = "malformed_http", ()
        record.exc_info = record.exc_text = None
    return True


def _name_exceptions(record: logging.LogRecord) -> bool:
    """Libraries write `log.error("failed: %s", error)`: let them say the type, not the message."""
    if isinstance(record.args, tuple) and any(isinstance(a, BaseException) for a in record.args):
        record.args = tuple(
            type(argument).__qualname__ if isinstance(argument, BaseException) else argument
            for argument in record.args
        )
    return True


def _name_logger(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Say which library speaks; its own extra fields are never taken over."""
    event.pop("_from_structlog", None)
    event["logger"] = event.pop("_record").name
    return event


def _keep_first_line(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    if event["logger"] in _FIRST_LINE_ONLY:
        first, _, rest = str(event["event"]).partition("\n")
        event["event"] = _REPR.sub("<…>", first) + (" …" if rest else "")
    return event


def _render(_logger: object, _method: str, event: MutableMapping[str, Any]) -> str:
    # ASCII output: whatever the terminal's encoding and whatever lone surrogate a client sent.
    first = {key: event.pop(key) for key in _FIRST if key in event}
    return json.dumps({**first, **event})
