"""What is on a card, as people write it."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import DomainError
from domain.people import rules

TODAY = date(2026, 11, 30)
#: Fictional; born before the code 371502 existed.
WANG = rules.complete_id_number("37150219780316902")


def reason(check: Callable[..., object], *written: object) -> str:
    """What a refusal is about."""
    with pytest.raises(DomainError) as refused:
        check(*written)
    assert all(str(value) != str(written[0]) for value in refused.value.facts.values())
    return str(refused.value.facts.get("about", refused.value.code))


def id_with_x() -> str:
    """Some ID that ends in X."""
    numbers = (rules.complete_id_number(f"37152119690822{order:03}") for order in range(1000))
    return next(number for number in numbers if number.endswith("X"))


@pytest.mark.parametrize(
    "write",
    [
        str,
        str.lower,
        lambda number: f" {number}\n",
        lambda number: " ".join((number[:6], number[6:14], number[14:])),
        lambda number: "-".join((number[:6], number[6:14], number[14:])),
        lambda number: "—".join((number[:6], number[6:14], number[14:])),
        lambda number: number.translate({ord("0") + n: ord("０") + n for n in range(10)}),
        lambda number: number.replace("X", "Ｘ"),
        lambda number: number.replace("X", "ｘ"),
        lambda number: number.replace("X", "×"),
        lambda number: number[:6] + "\u3000" + number[6:] + "\u200b",
    ],
)
def test_an_id_is_read_however_it_is_written(write: Callable[[str], str]) -> None:
    number = id_with_x()
    assert rules.normalise_id_number(write(number), TODAY) == number


def test_the_check_character_is_that_of_the_standard() -> None:
    # The example of GB 11643 itself, which is printed in every description of it.
    assert rules.complete_id_number("11010519491231002") == "11010519491231002X"
    assert rules.complete_id_number("44052418800101001") == "440524188001010014"


@pytest.mark.parametrize(
    ("first_17", "kind"),
    [
        ("37150219780316902", "citizen"),  # Older than the code 371502.
        ("37250119650101001", "citizen"),  # The prefecture's code of before 1997.
        ("91137819900101001", "foreigner"),
        ("81000019900101001", "resident"),
        ("82000019900101001", "resident"),
        ("83000019900101001", "resident"),
        ("02000019900101001", "citizen"),
    ],
)
def test_which_documents_are_taken(first_17: str, kind: str) -> None:
    number = rules.complete_id_number(first_17)
    assert rules.normalise_id_number(number, TODAY) == number
    assert rules.kind_of(number) == kind


def test_the_region_is_a_warning_at_most() -> None:
    odd = rules.complete_id_number("02000019900101001")
    assert rules.normalise_id_number(odd, TODAY)
    assert not rules.is_usual_region(odd)
    assert rules.is_usual_region(WANG)
    assert rules.is_usual_region(rules.complete_id_number("81000019900101001"))


@pytest.mark.parametrize(
    ("written", "about"),
    [
        ("", "length"),
        (WANG[:-1], "length"),
        (WANG + "1", "length"),
        ("371502780316902", "old"),
        ("CHN370010101001", "old"),
        ("37150219780316902?", "characters"),
        ("3715**********9021", "characters"),
        ("3.71502E+17", "characters"),
        ("X71502197803169021", "characters"),
        ("３７１５身份证", "characters"),
        ("٣٧١٥٠٢١٩٧٨٠٣١٦٩٠٢١", "characters"),
        ("37150219790229001X", "birth_date"),
        ("371502197813160010", "birth_date"),
        ("371502000001010010", "birth_date"),
        ("371502189912310010", "birth_date"),
        ("37150220261201001X", "birth_date"),
        ("1" * 5000, "length"),
        ("\ud800" * 18, "length"),
    ],
)
def test_what_is_wrong_with_an_id_is_told(written: str, about: str) -> None:
    assert reason(rules.normalise_id_number, written, TODAY) == about


def test_who_is_born_today_has_an_id() -> None:
    today = rules.complete_id_number("371502" + f"{TODAY:%Y%m%d}" + "001")
    tomorrow = rules.complete_id_number("371502" + f"{TODAY + timedelta(days=1):%Y%m%d}" + "001")
    assert rules.normalise_id_number(today, TODAY) == today
    assert reason(rules.normalise_id_number, tomorrow, TODAY) == "birth_date"
    assert rules.age_on(today, TODAY) == 0


valid_numbers = st.builds(
    lambda region, born, order: rules.complete_id_number(f"{region:06}{born:%Y%m%d}{order:03}"),
    st.integers(110000, 999999),
    st.dates(date(1900, 1, 1), TODAY),
    st.integers(0, 999),
)


@given(valid_numbers, st.integers(0, 17), st.integers(1, 9))
def test_one_wrong_digit_is_always_seen(number: str, place: int, more: int) -> None:
    digit = 10 if number[place] == "X" else int(number[place])
    wrong = str((digit + more) % 10)
    changed = number[:place] + wrong + number[place + 1 :]
    if changed != number:
        with pytest.raises(DomainError):
            rules.normalise_id_number(changed, TODAY)


@given(valid_numbers, st.integers(0, 15))
def test_two_neighbours_that_changed_places_are_seen(number: str, place: int) -> None:
    changed = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if changed != number:
        with pytest.raises(DomainError):
            rules.normalise_id_number(changed, TODAY)


@given(st.text(max_size=200))
def test_whatever_is_written_is_read_or_refused(written: str) -> None:
    checks: list[Callable[[str], str]] = [
        lambda text: rules.normalise_id_number(text, TODAY),
        rules.normalise_phone,
        rules.normalise_name,
    ]
    for check in checks:
        try:
            normal = check(written)
        except DomainError as refused:
            assert written not in refused.facts.values() or len(written) < 2
        else:
            assert check(normal) == normal, "what is normal stays as it is"


@given(valid_numbers)
def test_what_an_id_says(number: str) -> None:
    born = rules.birth_date_of(number)
    assert f"{born:%Y%m%d}" in number
    assert rules.sex_of(number) == ("male" if int(number[16]) % 2 else "female")
    assert 0 <= rules.age_on(number, TODAY) <= 126
    masked = rules.mask_id_number(number)
    assert len(masked) == 18 and masked[4:14] == "*" * 10


def test_age_counts_full_years() -> None:
    leap = rules.complete_id_number("37150220000229001")
    assert rules.age_on(leap, date(2018, 2, 28)) == 17
    assert rules.age_on(leap, date(2018, 3, 1)) == 18
    assert rules.age_on(leap, date(2020, 2, 29)) == 20


@pytest.mark.parametrize(
    ("written", "phone"),
    [
        ("13800138000", "13800138000"),
        (" 138 0013 8000 ", "13800138000"),
        ("138-0013-8000", "13800138000"),
        ("１３８００１３８０００", "13800138000"),
        ("+86 13800138000", "13800138000"),
        ("＋8613800138000", "13800138000"),
        ("0086-13800138000", "13800138000"),
        ("86 138 0013 8000", "13800138000"),
        ("(0635)8221234", "06358221234"),
        ("0635-8221234", "06358221234"),
        ("010 62345678", "01062345678"),
        ("+852 9123 4567", "+85291234567"),
        ("00853 66123456", "+85366123456"),
        ("16900000001", "16900000001"),
    ],
)
def test_a_phone_is_read_however_it_is_written(written: str, phone: str) -> None:
    assert rules.normalise_phone(written) == phone
    assert rules.is_mobile(phone) == (phone[0] == "1" and len(phone) == 11)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "1380013800",
        "138001380000",
        "12800138000",
        "8221234",
        "一三八",
        "+86 123",
        "0000",
        "+" * 9,
    ],
)
def test_what_is_no_phone_is_refused(written: str) -> None:
    assert reason(rules.normalise_phone, written) == "phone_wrong"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("张三", "张三"),
        (" 张　三 ", "张三"),
        ("欧阳娜娜", "欧阳娜娜"),
        ("張學友", "張學友"),  # As on the card: not simplified.
        ("买买提·艾山", "买买提·艾山"),
        ("买买提•艾山", "买买提·艾山"),
        ("买买提・艾山", "买买提·艾山"),
        ("买买提 · 艾山", "买买提·艾山"),
        ("买买提.艾山", "买买提·艾山"),
        ("买买提··艾山", "买买提·艾山"),
        ("阿卜杜拉·买买提·肉孜", "阿卜杜拉·买买提·肉孜"),
        ("john  smith", "JOHN SMITH"),
        ("Ｊｏｈｎ Smith", "JOHN SMITH"),
        ("O'Brien, ", "O'BRIEN"),
        ("José Núñez", "JOSÉ NÚÑEZ"),
        ("𠮷田", "𠮷田"),
        ("张三。", "张三"),
        ("王\u200b五", "王五"),
    ],
)
def test_a_name_is_read_however_it_is_written(written: str, name: str) -> None:
    assert rules.normalise_name(written) == name


@pytest.mark.parametrize(
    ("written", "about"),
    [
        ("", "short"),
        ("张", "short"),
        ("··", "short"),
        ("张" * 51, "long"),
        ("张3", "characters"),
        ("张三<b>", "characters"),
        ("张三Smith", "characters"),
        ("=张三", "characters"),
        ("张三，李四", "characters"),
        ("😀😀", "characters"),
    ],
)
def test_what_is_no_name_is_refused(written: str, about: str) -> None:
    assert reason(rules.normalise_name, written) == about


def test_masks() -> None:
    assert rules.mask_id_number("371521196908221234") == "3715**********1234"
    assert rules.mask_phone("13812345678") == "138****5678"
    names = {
        "张三": "张*",
        "张三丰": "张*",
        "欧阳娜娜": "欧阳*",
        "欧阳": "欧*",  # Two characters: one of them is the given name.
        "诸葛亮": "诸葛*",
        "买买提·艾山": "买*",
        "JOHN SMITH": "J*",
    }
    assert {name: rules.mask_name(name) for name in names} == names


def test_a_mask_in_which_one_finds_oneself() -> None:
    names = {
        "张三": "张*",
        "王秀兰": "王*兰",
        "欧阳娜娜": "欧*娜",
        "欧阳": "欧*",
        "买买提·艾山": "买*山",
        "JOHN SMITH": "J*H",
        "𠮷田大": "𠮷*大",
    }
    assert {name: rules.mask_given_name(name) for name in names} == names
