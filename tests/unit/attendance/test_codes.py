"""The code on the screen: which steps count, and what it is made of."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from domain.attendance.codes import (
    changes_at,
    code_at,
    is_code,
    matches,
    read_qr,
    secret_of,
    tidy_code,
    write_qr,
)
from domain.calendar import LOCAL
from domain.vault import Vault
from settings import DataKey, KeyUse

#: The beginning of a step.
MOMENT = datetime(2026, 12, 7, 8, 30, tzinfo=LOCAL)
OLD, NEW = DataKey("k1", bytes(32)), DataKey("k2", bytes(range(32)))
SESSION, OTHER = UUID(int=1), UUID(int=2)


@pytest.fixture
def secret() -> str:
    return secret_of(Vault([OLD]), SESSION)


@pytest.mark.parametrize(
    ("seconds", "right"),
    [(0, True), (14, True), (15, True), (29, True), (30, False), (-1, False), (-15, False)],
)
def test_the_current_and_the_previous_step_count_never_the_next(
    secret: str, seconds: int, right: bool
) -> None:
    """`seconds` after the code came onto the screen; below zero it is the next one still."""
    code = code_at(secret, MOMENT)
    assert matches(secret, code, MOMENT + timedelta(seconds=seconds)) is right


def test_a_code_changes_every_quarter_of_a_minute(secret: str) -> None:
    codes = [code_at(secret, MOMENT + timedelta(seconds=second)) for second in range(60)]
    assert [len(set(codes[start : start + 15])) for start in (0, 15, 30, 45)] == [1, 1, 1, 1]
    assert len(set(codes)) == 4
    assert all(is_code(code) for code in codes)
    assert changes_at(MOMENT + timedelta(seconds=3)) == MOMENT + timedelta(seconds=15)
    assert changes_at(MOMENT + timedelta(seconds=15)) == MOMENT + timedelta(seconds=30)


def test_it_is_totp() -> None:
    """The test vectors of RFC 6238 are for 30 seconds and eight digits; RFC 4226's last six are
    HOTP's, by which any authenticator counts: its counters 0 and 1."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    start = datetime.fromtimestamp(0, LOCAL)
    assert code_at(secret, start) == "755224"
    assert code_at(secret, start + timedelta(seconds=15)) == "287082"


def test_each_session_has_a_secret_of_its_own_that_survives_a_new_key() -> None:
    vault = Vault([OLD])
    assert secret_of(vault, SESSION) != secret_of(vault, OTHER)
    # A key is first known, then written with; the old one stays last for what stands alone.
    known = Vault([OLD, DataKey("k2", bytes(range(32)), KeyUse.READ)])
    assert secret_of(known, SESSION) == secret_of(vault, SESSION)
    assert secret_of(Vault([NEW, OLD]), SESSION) == secret_of(vault, SESSION)
    assert secret_of(Vault([NEW]), SESSION) != secret_of(vault, SESSION)


@pytest.mark.parametrize("written", ["482913", " 482 913 ", "４８２９１３", "482\u3000913"])
def test_a_code_is_read_as_people_type_it(written: str) -> None:
    assert tidy_code(written) == "482913"


@pytest.mark.parametrize("code", ["", "12345", "1234567", "12345a", "１２３４５６", "-12345"])
def test_what_is_no_code_fits_nothing(secret: str, code: str) -> None:
    assert not is_code(code)
    assert not matches(secret, code, MOMENT)


def test_the_qr_code_carries_session_and_code() -> None:
    text = write_qr(SESSION, "482913")
    assert text == f"zpt:{SESSION}:482913"
    assert read_qr(f" {text}\n") == (SESSION, "482913")


@pytest.mark.parametrize(
    "text", ["", "482913", f"zpt:{SESSION}:48291", f"zpt:{'-' * 36}:482913", f"x:{SESSION}:482913"]
)
def test_another_qr_code_is_none_of_ours(text: str) -> None:
    assert read_qr(text) is None
