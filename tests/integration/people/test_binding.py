"""By name and ID: whose it becomes, who has to give way, and what nobody is told."""

import asyncio

import pytest

from domain.errors import DomainError
from domain.people.rules import complete_id_number
from domain.vault import Vault
from models.people import Person
from tests.contract.support import StandIn
from tests.integration.bot.database import fetch
from tests.integration.people.conftest import (
    LI,
    OTHER_PHONE,
    PHONE,
    WANG,
    MakePhone,
    MiniPhone,
    put_on_roster,
)


@pytest.fixture
async def phones(make_phone: MakePhone) -> list[MiniPhone]:
    """Of three users, each logged in."""
    made = [make_phone(user) for user in (1, 2, 3)]
    for phone in made:
        await phone.log_in()
    return made


async def test_a_person_is_known_from_then_on(
    phones: list[MiniPhone], database_url: str, make_phone: MakePhone
) -> None:
    phone = phones[0]
    await phone.give_phone(PHONE)
    answer = await phone.bind(" 王 素 梅 ", "371502 19780316 " + WANG[1][14:].lower())
    assert answer.data == {
        "bound": True,
        "name": "王*",
        "id_number": f"3715**********{WANG[1][-4:]}",
        "moved": False,
        "joined": False,
    }
    me = await phone.me()
    assert me["person"] == {
        "name": "王素梅",
        "id_number": f"3715**********{WANG[1][-4:]}",
        "phone": "169****0001",
        "county": "371502",
    }
    assert [(one["version"], one["channel"]) for one in me["consents"]] == [("2026-11", "mini")]
    assert me["accounts"][0]["bound_at"].endswith("+08:00")
    second = make_phone(1)
    assert (await second.log_in()).data["bound"], "on every device of theirs"
    assert (await phone.bind(*WANG)).status == 200, "again is no mistake"
    assert len(await fetch(database_url, "SELECT FROM consents")) == 1
    (row,) = await fetch(database_url, "SELECT * FROM people")
    assert (row["source"], row["bound_at"] is not None) == ("bound", True)


@pytest.mark.parametrize(
    ("name", "id_number", "consent", "refusal"),
    [
        (WANG[0], WANG[1][:-1] + ("0" if WANG[1][-1] != "0" else "1"), "2026-11",
         "422 id_number_wrong checksum"),
        (WANG[0], "37150219781316902X", "2026-11", "422 id_number_wrong birth_date"),
        (WANG[0], "371502780316902", "2026-11", "422 id_number_wrong old"),
        (WANG[0], "37150219780316", "2026-11", "422 id_number_wrong length"),
        ("王素梅1", WANG[1], "2026-11", "422 name_wrong characters"),
        (*WANG, "2026-10", "422 consent_outdated"),
        (*WANG, "2099-01", "422 consent_outdated"),
        ("", WANG[1], "2026-11", "422 invalid_input"),
        ("王" * 101, WANG[1], "2026-11", "422 invalid_input"),
    ],
)  # fmt: skip
async def test_what_does_not_fit_is_refused_and_nothing_kept(
    phones: list[MiniPhone],
    database_url: str,
    name: str,
    id_number: str,
    consent: str,
    refusal: str,
) -> None:
    answer = await phones[0].bind(name, id_number, consent)
    assert answer.code == refusal
    assert WANG[1] not in str(answer.data) and WANG[0] not in str(answer.data)
    assert await fetch(database_url, "SELECT FROM people") == []


async def test_a_new_consent_is_named(phones: list[MiniPhone]) -> None:
    answer = await phones[0].bind(*WANG, consent="2020-01")
    assert answer.data["facts"] == {"version": "2026-11"}
    assert "2026-11" in answer.data["detail"]


async def test_who_is_bound_is_not_taken_by_another(phones: list[MiniPhone]) -> None:
    owner, thief, other = phones
    await owner.bind(*WANG)
    assert (await thief.bind(*WANG)).code == "409 identity_taken officer"
    await thief.give_phone(OTHER_PHONE)
    await owner.give_phone(PHONE)
    assert (await thief.bind(*WANG)).code == "409 identity_taken officer"
    assert (await other.bind(*WANG)).code == "409 identity_taken phone"
    assert not (await thief.me())["bound"] and (await owner.me())["bound"]
    assert (await owner.me())["notices"] == []
    wrong_name = await thief.bind("王淑梅", WANG[1])
    assert wrong_name.code == "409 identity_name_differs"
    assert "素" not in wrong_name.data["detail"]


async def test_a_person_moves_where_the_phone_is_the_same(
    phones: list[MiniPhone], make_phone: MakePhone
) -> None:
    old, new, _ = phones
    second_device = make_phone(1)
    await second_device.log_in()
    await old.give_phone(PHONE)
    await old.bind(*WANG)
    await new.give_phone("+86 " + PHONE)
    answer = await new.bind(*WANG)
    assert (answer.status, answer.data["moved"]) == (200, True)
    assert (await new.me())["person"]["name"] == "王素梅"
    # The old one is out on every device, and told when it comes back.
    for device in (old, second_device):
        assert (await device.ask("GET", "/me")).code == "401 sign_in_required"
    await old.log_in()
    told = await old.me()
    assert not told["bound"]
    assert [notice["kind"] for notice in told["notices"]] == ["moved_away"]
    assert "12333" in told["notices"][0]["text"]
    assert (await old.bind(*WANG)).data["moved"], "and back, for the phone is theirs"


async def test_an_identity_is_one_persons(phones: list[MiniPhone]) -> None:
    await phones[0].bind(*WANG)
    answer = await phones[0].bind(*LI)
    assert answer.code == "409 identity_bound"
    assert "王*" in answer.data["detail"] and "李" not in answer.data["detail"]
    assert (await phones[0].bind("王淑梅", WANG[1])).code == "409 identity_bound"


async def test_who_is_on_a_roster_finds_themselves(
    phones: list[MiniPhone], database_url: str, vault: Vault
) -> None:
    known = await put_on_roster(vault, *WANG, phone=OTHER_PHONE)
    refused = await phones[1].bind("王秀梅", WANG[1])
    assert refused.code == "409 identity_name_differs"
    assert "素" not in str(refused.data)
    await phones[0].give_phone(PHONE)
    assert (await phones[0].bind(*WANG)).status == 200
    (row,) = await fetch(database_url, "SELECT * FROM people")
    assert (row["id"], row["source"]) == (known, "roster")
    assert (await phones[0].me())["person"]["phone"] == "169****0001", "what WeChat has checked"


async def test_a_roster_corrects_nobody(vault: Vault, phones: list[MiniPhone]) -> None:
    await phones[0].bind(*WANG)
    (row,) = await Person.all()
    assert await put_on_roster(vault, *WANG, phone=OTHER_PHONE) == row.id
    assert (await phones[0].me())["person"]["phone"] == ""
    with pytest.raises(DomainError) as refused:
        await put_on_roster(vault, "王淑梅", WANG[1])
    assert refused.value.code == "name_differs"
    assert await Person.all().count() == 1


async def test_of_two_at_once_one_becomes_the_person(
    make_phone: MakePhone, database_url: str
) -> None:
    for attempt in range(5):
        person = ("王素梅", complete_id_number(f"371502197803169{attempt:02}"))
        rivals = [make_phone(10 * attempt + number) for number in (1, 2, 3)]
        for rival in rivals:
            await rival.log_in()
        answers = await asyncio.gather(*(rival.bind(*person) for rival in rivals))
        assert sorted(answer.status for answer in answers) == [200, 409, 409]
    assert len(await fetch(database_url, "SELECT FROM people")) == 5
    bound = await fetch(database_url, "SELECT FROM identities WHERE person_id IS NOT NULL")
    assert len(bound) == 5


async def test_two_who_claim_one_another_do_not_wait_in_a_circle(
    phones: list[MiniPhone],
) -> None:
    one, two, _ = phones
    for phone, person, number in ((one, WANG, PHONE), (two, LI, OTHER_PHONE)):
        await phone.give_phone(number)
        await phone.bind(*person)
    for _ in range(3):
        answers = await asyncio.gather(one.bind(*LI), two.bind(*WANG))
        assert [answer.code for answer in answers] == ["409 identity_bound"] * 2


async def test_a_phone_is_kept_and_shown_in_part(
    phones: list[MiniPhone], stand_in: StandIn
) -> None:
    phone = phones[0]
    assert (await phone.give_phone(PHONE)).data == {"phone": "169****0001", "is_persons": True}
    assert (await phone.me())["phone"] == "169****0001"
    await phone.bind(*WANG)
    assert (await phone.give_phone(OTHER_PHONE)).data["is_persons"] is False
    me = await phone.me()
    assert (me["phone"], me["person"]["phone"]) == ("169****0002", "169****0001")
    # The login's code is another than the phone's.
    code = stand_in.platform.people.make_login_code(phone.openid)
    assert (await phone.ask("POST", "/phone", code=code)).code == "422 code_spent"


async def test_who_has_no_phone_gets_the_first_that_is_checked(phones: list[MiniPhone]) -> None:
    await phones[0].bind(*WANG)
    assert (await phones[0].give_phone(PHONE)).data["is_persons"]
    assert (await phones[0].me())["person"]["phone"] == "169****0001"


async def test_trying_out_ids_ends_soon(phones: list[MiniPhone]) -> None:
    numbers = [complete_id_number(f"37150219780316{order:03}") for order in range(1, 13)]
    codes = [(await phones[0].bind("王淑梅", number[:-1] + "?")).status for number in numbers]
    assert codes == [422] * 10 + [429] * 2
    assert (await phones[1].bind(*WANG)).status == 200
