"""What the fields of a form make of what was typed."""

from datetime import date

import pytest

from api.console.fields import Choice, Day, Field, Number, Secret, Text, Unfit, Yuan


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        (Number(name="n", label="n"), "1,200", 1200),
        (Number(name="n", label="n", least=-5), "-5", -5),
        (Number(name="n", label="n"), "１２", 12),
        (Yuan(name="n", label="n"), "3,000元", 300_000),
        (Yuan(name="n", label="n"), "12.5", 1250),
        (Yuan(name="n", label="n"), "0.05", 5),
        (Day(name="n", label="n"), "2026-11-22", date(2026, 11, 22)),
        (Choice(name="n", label="n", options={"a": "甲"}), "a", "a"),
        (Text(name="n", label="n", lines=3), "一\r\n二", "一\n二"),
        (Secret(name="n", label="n"), " a b ", " a b "),
    ],
)
def test_what_fits(field: Field, text: str, value: object) -> None:
    assert field.read(text) == value


@pytest.mark.parametrize(
    ("field", "text", "reason"),
    [
        (Number(name="n", label="n"), "一", "int_parsing"),
        (Number(name="n", label="n"), "1.5", "int_parsing"),
        (Number(name="n", label="n"), "1" * 5000, "int_parsing"),
        (Number(name="n", label="n"), "-1", "greater_than_equal"),
        (Number(name="n", label="n", most=5), "6", "less_than_equal"),
        (Yuan(name="n", label="n"), "1.234", "money_parsing"),
        (Yuan(name="n", label="n"), "-1", "money_parsing"),
        (Yuan(name="n", label="n", most=5), "5.01", "less_than_equal"),
        (Day(name="n", label="n"), "2026-02-30", "date_parsing"),
        (Day(name="n", label="n"), "20261122", "date_parsing"),
        (Day(name="n", label="n"), "2026-W48-1", "date_parsing"),
        (Choice(name="n", label="n", options={"a": "甲"}), "b", "literal_error"),
        (Text(name="n", label="n", most=2), "一二三", "string_too_long"),
        (Text(name="n", label="n"), "一\n二", "string_pattern_mismatch"),
    ],
)
def test_what_does_not(field: Field, text: str, reason: str) -> None:
    with pytest.raises(Unfit) as unfit:
        field.read(text)
    assert unfit.value.reason == reason


@pytest.mark.parametrize("fen", [0, 5, 1250, 300_000])
def test_an_amount_is_read_as_it_is_written(fen: int) -> None:
    field = Yuan(name="n", label="n")
    assert field.read(field.write(fen)) == fen


def test_a_secret_is_never_given_back() -> None:
    assert Secret(name="n", label="n").write("x") == ""
