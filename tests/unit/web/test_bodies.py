import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import DomainError
from web.bodies import MAX_DEPTH, parse_json

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(json_values)
def test_every_json_value_is_read_as_it_was_written(value):
    assert parse_json(json.dumps(value).encode()) == value


@given(st.binary(max_size=200))
def test_whatever_comes_is_read_or_refused_by_code(body):
    try:
        parse_json(body)
    except DomainError as error:
        assert error.code in {"malformed_json", "wrong_encoding"}


@pytest.mark.parametrize(
    "body", [b"Infinity", b"[-Infinity]", b'{"a":{"b":1,"b":2}}', b"{} {}", b"", b" ", b"{'a': 1}"]
)
def test_what_others_would_read_differently_is_refused(body):
    with pytest.raises(DomainError, match="malformed_json"):
        parse_json(body)


def test_depth_is_bounded():
    assert parse_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    for brackets in (MAX_DEPTH + 1, 900, 200_000):
        with pytest.raises(DomainError, match="malformed_json"):
            parse_json(b"[" * brackets + b"]" * brackets)
