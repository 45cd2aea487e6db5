"""The life of a request: who may ask, what may be decided, with which words."""

import pytest

from domain.decisions.effects import EFFECTS
from domain.errors import DomainError
from domain.requests.rules import (
    KINDS,
    MOST_NOTE,
    MOST_OPEN,
    clean_note,
    clean_reason,
    require_another,
    require_may_ask,
    require_unchanged,
)


def test_every_kind_has_an_effect() -> None:
    assert set(EFFECTS) == set(KINDS)


@pytest.mark.parametrize(
    ("state", "version", "seen", "fits"),
    [
        ("asked", 1, 1, True),
        ("asked", 3, 3, True),
        ("asked", 2, 1, False),
        ("asked", 1, 2, False),
        ("approved", 2, 2, False),
        ("refused", 2, 2, False),
        ("withdrawn", 2, 2, False),
    ],
)
def test_a_decision_is_on_what_was_seen(state: str, version: int, seen: int, fits: bool) -> None:
    try:
        require_unchanged(state, version, seen)
    except DomainError as error:
        assert (error.code, error.facts["state"], fits) == ("request_changed", state, False)
    else:
        assert fits


@pytest.mark.parametrize(
    ("same", "open_of_all", "code"),
    [
        (False, 0, None),
        (False, MOST_OPEN - 1, None),
        (False, MOST_OPEN, "too_many_requests_open"),
        (True, 1, "request_open"),
        (True, MOST_OPEN, "request_open"),
    ],
)
def test_who_may_ask(same: bool, open_of_all: int, code: str | None) -> None:
    try:
        require_may_ask(same, open_of_all)
    except DomainError as error:
        assert error.code == code
    else:
        assert code is None


def test_who_asked_does_not_decide() -> None:
    require_another("person 1", "staff 1")
    with pytest.raises(DomainError, match="request_of_ones_own"):
        require_another("staff 1", "staff 1")


def test_words_are_kept_as_far_as_they_can_be_shown() -> None:
    assert clean_note("  旧手机\0丢了\ud83d ") == "旧手机丢了"
    assert clean_note("长" * (MOST_NOTE + 9)) == "长" * MOST_NOTE
    assert clean_reason(" 请带身份证来。\n") == "请带身份证来。"


@pytest.mark.parametrize("written", ["", " \n", "不", "\0\0\0", "长" * (MOST_NOTE + 1)])
def test_a_refusal_without_a_reason_is_none(written: str) -> None:
    with pytest.raises(DomainError, match="reason_required"):
        clean_reason(written)
