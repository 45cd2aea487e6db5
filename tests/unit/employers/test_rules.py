"""Social credit codes as people write them, and what contacts may do to one another."""

from uuid import UUID

import pytest

from domain.actor import EmployerContact, Role, Staff
from domain.employers.rules import (
    MOST_CONTACTS,
    MOST_FIRMS,
    is_known_by_phone,
    normalise_employer_name,
    normalise_uscc,
    require_may_remove,
    require_room,
)
from domain.errors import DomainError

#: A made-up firm; the last character is the check character of GB 32100.
CODE = "91371502MA3EXAMP09"


def about(call, *arguments: object) -> object:
    with pytest.raises(DomainError) as caught:
        call(*arguments)
    return caught.value.facts.get("about")


@pytest.mark.parametrize(
    "written",
    [
        CODE,
        CODE.lower(),
        f"  {CODE[:8]} {CODE[8:]}　",
        f"{CODE[:2]}-{CODE[2:8]}—{CODE[8:]}",
        "".join(chr(ord(character) + 0xFEE0) for character in CODE),
        f"\u200b{CODE}\ufeff",
    ],
)
def test_a_code_is_read_however_written(written: str) -> None:
    assert normalise_uscc(written) == CODE


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "length"),
        (CODE[:-1], "length"),
        (CODE + "1", "length"),
        (CODE * 100, "length"),
        ("9137150２MA3EXAMP0" + "汉", "characters"),
        ("٩" + CODE[1:], "characters"),
        ("I" + CODE[1:], "checksum"),
        (CODE[:-1] + "K", "checksum"),
        (CODE[:9] + "B" + CODE[10:], "checksum"),
        ("\ud83d" + CODE[1:], "length"),
    ],
)
def test_what_is_wrong_with_a_code_is_said(written: str, reason: str) -> None:
    assert about(normalise_uscc, written) == reason


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("聊城示例家政服务有限公司", "聊城示例家政服务有限公司"),
        ("  示例(聊城)  公司 ", "示例（聊城） 公司"),
        ("Ａ示例公司", "A示例公司"),
    ],
)
def test_a_name_is_read(written: str, read: str) -> None:
    assert normalise_employer_name(written) == read


@pytest.mark.parametrize(
    "written", ["", "公司", "某" * 121, "<b>示例公司</b>", "示例公司\x00", "=1+1"]
)
def test_a_name_that_is_none_is_refused(written: str) -> None:
    with pytest.raises(DomainError, match="employer_name_wrong"):
        normalise_employer_name(written)


@pytest.mark.parametrize(
    ("registered", "verified", "known"),
    [
        ("169", frozenset({"169"}), True),
        ("169", frozenset({"168", "169"}), True),
        ("169", frozenset({"168"}), False),
        ("169", frozenset[str](), False),
        (None, frozenset({"169"}), False),
        (None, frozenset[str](), False),
    ],
)
def test_a_person_is_known_by_a_verified_phone_alone(
    registered: str | None, verified: frozenset[str], known: bool
) -> None:
    assert is_known_by_phone(registered, verified) is known


def test_there_is_room_up_to_the_most() -> None:
    require_room(MOST_CONTACTS - 1, MOST_FIRMS - 1)
    with pytest.raises(DomainError, match="too_many_contacts"):
        require_room(MOST_CONTACTS, 0)
    with pytest.raises(DomainError, match="too_many_firms"):
        require_room(0, MOST_FIRMS)


A, B, FIRM = UUID(int=1), UUID(int=2), UUID(int=3)
PERSON_A = EmployerContact(A, FIRM)
OFFICER = Staff(UUID(int=4), Role.CITY_OFFICER)


@pytest.mark.parametrize(
    ("actor", "is_keeper", "person", "removed_is_keeper", "others", "refusal"),
    [
        # Themselves.
        (PERSON_A, False, A, False, 1, None),
        (PERSON_A, True, A, True, 0, None),
        (PERSON_A, True, A, True, 1, "keeper_hands_over_first"),
        # Another.
        (PERSON_A, True, B, False, 1, None),
        (PERSON_A, False, B, False, 1, "only_the_keeper"),
        (PERSON_A, False, B, True, 1, "only_the_keeper"),
        # An officer, who is nobody's colleague: the id of an account says nothing.
        (OFFICER, False, B, False, 1, None),
        (OFFICER, False, B, True, 1, "keeper_stays"),
        (OFFICER, False, OFFICER.id, True, 0, "keeper_stays"),
    ],
)
def test_who_may_remove_whom(
    actor: object,
    is_keeper: bool,
    person: UUID,
    removed_is_keeper: bool,
    others: int,
    refusal: str | None,
) -> None:
    try:
        require_may_remove(
            actor,
            is_keeper=is_keeper,
            person=person,
            removed_is_keeper=removed_is_keeper,
            others=others,
        )
    except DomainError as error:
        assert error.code == refusal
    else:
        assert refusal is None
