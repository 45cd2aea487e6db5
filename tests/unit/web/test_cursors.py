import base64
import json
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.paging import MAX_CURSOR, decode_position, encode_position, show_page
from domain.errors import DomainError
from domain.paging import Page, Position
from domain.vault import Vault
from settings import DataKey

VAULT = Vault([DataKey("k1", bytes(range(32)))])
OF = "claims of staff 12, by -updated_at"


def encode(position: Position, vault: Vault = VAULT, of: str = OF) -> str:
    cursor = encode_position(vault, position, of)
    assert cursor is not None
    return cursor


values = (
    st.text(max_size=30)
    | st.integers()
    | st.booleans()
    | st.floats(allow_nan=False)
    | st.dates()
    | st.datetimes(timezones=st.just(UTC))
    | st.uuids()
)


@given(st.lists(values, min_size=1, max_size=4).map(tuple))
def test_a_position_comes_back_as_it_went(position):
    cursor = encode(position)
    back = decode_position(VAULT, cursor, OF)
    assert back is not None
    assert back == position
    assert [type(value) for value in back] == [type(value) for value in position]


def test_a_cursor_shows_nothing_and_fits_the_schema():
    position = (datetime(2026, 11, 22, 9, 30, tzinfo=UTC), "王秀兰" * 10, UUID(int=7), 4711)
    cursor = encode(position)
    assert len(cursor) < MAX_CURSOR
    content = base64.urlsafe_b64decode(cursor + "==")
    for shown in (b"2026", "王".encode(), b"4711", b"claims"):
        assert shown not in content
    assert cursor != encode(position)


def test_the_ends_of_a_list():
    assert encode_position(VAULT, None, OF) is None
    assert decode_position(VAULT, "", OF) is None
    page = Page([1, 2], (date(2026, 11, 22), 2))
    shown = show_page(VAULT, page, OF, str)
    assert shown["items"] == ["1", "2"]
    assert decode_position(VAULT, shown["next"], OF) == page.position


def changed(cursor: str) -> str:
    content = bytearray(base64.urlsafe_b64decode(cursor + "=="))
    content[-1] ^= 1
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        encode((5,), of="claims of staff 13, by -updated_at"),
        encode((5,), Vault([DataKey("k1", bytes(32))])),
        changed(encode((5,))),
        encode((5,))[:-4],
        base64.urlsafe_b64encode(json.dumps([["", 5]]).encode()).decode(),
        "x",
        "é",
        "%%%",
        "AQ",
    ],
    ids=["another list", "another key", "changed", "cut off", "in clear", "x", "é", "%%%", "AQ"],
)
def test_a_foreign_cursor_is_refused(cursor):
    with pytest.raises(DomainError) as caught:
        decode_position(VAULT, cursor, OF)
    assert caught.value.code == "invalid_input"
    assert "cursor" in str(caught.value.facts["fields"])
