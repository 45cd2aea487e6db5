"""No line tells who somebody is, whoever wrote it."""

import io
import json
import logging
import warnings
from datetime import datetime
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import LOCAL
from observing.logs import configure_logging
from observing.masking import ALLOWED_KEYS, mask
from observing.request_id import is_sane, set_request_id

ID_NUMBER = "371502199001011234"
PHONE = "13812345678"
OPENID = "oABCDEFGHIJKLMNOPQRSTUVWX-_1"
PERSONAL = (ID_NUMBER, "37150219900101123X", PHONE, "138 1234 5678", "138-1234-5678", OPENID)


@pytest.fixture(autouse=True)
def restore_logging():
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()


def read(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def start(level="INFO") -> io.StringIO:
    stream = io.StringIO()
    now = datetime(2026, 11, 22, 9, 30, tzinfo=LOCAL)
    configure_logging(stream=stream, level=level, now=lambda: now)
    return stream


def test_a_line_has_time_level_event_and_request_id_first():
    stream = start()
    set_request_id("abcdef0123456789")
    structlog.get_logger().info("request", route="/x", status=200, ms=1.5)
    set_request_id("")
    assert stream.getvalue() == (
        '{"time": "2026-11-22T09:30:00.000+08:00", "level": "info", "event": "request",'
        ' "request_id": "abcdef0123456789", "route": "/x", "status": 200, "ms": 1.5}\n'
    )


def test_a_key_that_is_not_on_the_list_is_dropped_and_named():
    stream = start()
    structlog.get_logger().info("bound", name="张三", text="我的电话", code="x")
    (line,) = read(stream)
    assert line["dropped"] == ["name", "text"]
    assert "张三" not in json.dumps(line, ensure_ascii=False)
    assert line["code"] == "x"


def test_no_key_that_could_hold_a_person_is_on_the_list():
    forbidden = {"name", "phone", "id_number", "openid", "text", "content", "q", "path", "url"}
    assert not ALLOWED_KEYS & (forbidden | {"query", "ip", "address", "body", "message", "user"})


@pytest.mark.parametrize("personal", PERSONAL)
def test_identifiers_are_masked_wherever_they_stand(personal):
    stream = start()
    structlog.get_logger().info(
        f"event {personal}", reason=f"因为{personal}。", code=["x", personal]
    )
    logging.getLogger("procrastinate.worker").warning("job %s", {"phone": personal})
    logging.getLogger("gunicorn.error").error(f"bad {personal}, sorry")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(f"odd {personal}", stacklevel=1)
    assert len(read(stream)) == 4
    assert personal not in stream.getvalue()


def test_what_is_no_identifier_stays():
    for text in ("2026-11-22T09:30:00", "port 8080", "order 123456789012", "9f0c" * 8, "3000000"):
        assert mask(text) == text


@given(st.text(alphabet="中a ,：-", max_size=5), st.text(alphabet="中 ,。)", max_size=5))
def test_masking_does_not_depend_on_the_neighbours(before, after):
    for personal in (ID_NUMBER, PHONE):
        if not before.endswith("a"):
            assert personal not in mask(f"{before}{personal}{after}")


def test_query_strings_are_masked():
    assert mask("GET /api/v1/faq?q=%E5%BC%A0 HTTP/1.1") == "GET /api/v1/faq?[query] HTTP/1.1"


def test_an_exception_is_told_without_its_message():
    stream = start()
    try:
        try:
            raise ValueError(f"Key (phone)=({PHONE}) 张三 already exists")
        except ValueError as error:
            raise RuntimeError("张三") from error
    except RuntimeError:
        structlog.get_logger().exception("failed")
        logging.getLogger("asyncpg").exception("query failed")
    ours, theirs = read(stream)
    for line in (ours, theirs):
        exception = line["exception"]
        assert exception["type"] == "builtins.RuntimeError"
        assert exception["cause"]["type"] == "builtins.ValueError"
        assert exception["at"][-1].startswith("observing/test_logs.py:")
    assert theirs["logger"] == "asyncpg"
    assert "\\u5f20" not in stream.getvalue()


def test_a_library_that_logs_an_exception_as_argument_names_its_type_only():
    stream = start()
    logging.getLogger("redis").warning("retry after %s", ConnectionError("张三"))
    assert read(stream)[0]["event"] == "retry after ConnectionError"


def test_asyncios_report_on_a_lost_task_keeps_its_first_line():
    stream = start()
    report = "Task exception was never retrieved\nfuture: <Task exception=ValueError('张三')>"
    logging.getLogger("asyncio").error(report)
    assert read(stream)[0]["event"] == "Task exception was never retrieved …"


def test_statements_with_their_values_never_get_through():
    stream = start(level="DEBUG")
    logging.getLogger("tortoise.db_client").debug("INSERT … %s", ["张三"])
    logging.getLogger("aiohttp.access").info("GET /?q=张三")
    assert stream.getvalue() == ""


def test_below_its_level_a_logger_is_silent():
    stream = start(level="WARNING")
    structlog.get_logger().info("request")
    logging.getLogger("aiohttp.server").info("x")
    assert stream.getvalue() == ""


def test_anything_can_be_written():
    stream = start()
    structlog.get_logger().info("odd \ud800", reason=object())
    assert len(read(stream)) == 1


@pytest.mark.parametrize(
    ("given_id", "sane"),
    [
        ("9f0c9f0c9f0c9f0c", True),
        ("a-b_c.d1", True),
        ("short", False),
        ("x" * 65, False),
        ("abcdefgh\nfake line", False),
        ('abcdefgh"}', False),
    ],
)
def test_only_sane_request_ids_are_taken_over(given_id, sane):
    assert is_sane(given_id) is sane
