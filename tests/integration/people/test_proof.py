"""Whoever types somebody's phone does not become them: only a checked phone proves who one is."""

from typing import Any

import pytest

from domain.calendar import local_now
from domain.people.naming import correct_phone, store_corrections
from domain.vault import Vault
from models.people import Person
from models.transactions import transaction
from tests.integration.people.conftest import (
    OTHER_PHONE,
    PHONE,
    WANG,
    MakePhone,
    MiniPhone,
    put_on_roster,
)
from tests.integration.people.test_bind_talk import BEGIN, client, make_chat, work

__all__ = ["client", "make_chat", "work"]

#: The clerk's own, typed as if it were the trainee's.
CLERKS = OTHER_PHONE


@pytest.fixture
async def clerk(make_phone: MakePhone) -> MiniPhone:
    """The mini-program of whoever wrote the list."""
    made = make_phone(9)
    await made.log_in()
    return made


async def read_list_again(vault: Vault, phone: str) -> bool:
    """The school hands its list in once more, with this phone; whether it was taken."""
    async with transaction() as connection:
        person = await Person.all().using_db(connection).select_for_update().get()
        corrected = correct_phone(vault, person, phone)
        await store_corrections(connection, {person.id: corrected} if corrected else {})
    return corrected is not None


async def steal(clerk: MiniPhone) -> list[str]:
    """All that the clerk tries: without a phone, and with the one they typed."""
    tried = [(await clerk.bind(*WANG)).code]
    await clerk.give_phone(CLERKS)
    tried.append((await clerk.bind(*WANG)).code)
    return tried


async def test_a_school_does_not_become_its_trainee(
    clerk: MiniPhone, make_chat: Any, work: Any, vault: Vault, database: str
) -> None:
    """The trainee binds in chat, where no phone is checked; then in the mini-program too."""
    await put_on_roster(vault, *WANG, phone=PHONE)
    assert await read_list_again(vault, CLERKS)
    trainee = make_chat(1)
    await trainee.say(BEGIN, f"王素梅 {WANG[1]}", "同意")
    await work()
    assert not await read_list_again(vault, PHONE), "who is bound is not a list's to correct"
    # The clerk comes in the mini-program, where nobody holds the trainee, so nothing has to
    # be moved; WeChat says that it is another user.
    assert await steal(clerk) == ["409 identity_taken officer"] * 2
    assert not (await clerk.me())["bound"]
    copied = await clerk.ask("GET", "/me/export")
    assert WANG[1] not in str(copied.data) and copied.data["records"]["person"] == []


async def test_nor_where_the_trainee_is_in_the_mini_program(
    clerk: MiniPhone, make_phone: MakePhone, vault: Vault, database: str
) -> None:
    await put_on_roster(vault, *WANG, phone=CLERKS)
    trainee = make_phone(1)
    await trainee.log_in()
    assert (await trainee.bind(*WANG)).status == 200
    assert (await trainee.me())["person"]["phone"] == "169****0002", "how to reach them, as told"
    assert await steal(clerk) == ["409 identity_taken officer"] * 2
    refused = (await clerk.bind(*WANG)).data["detail"]
    assert "换绑申请" in refused and "窗口" in refused and "身份证" in refused
    # Their own phone, once checked, takes the place of what was told, and is the proof.
    assert (await trainee.give_phone(PHONE)).data["is_persons"]
    assert (await trainee.me())["person"]["phone"] == "169****0001"
    assert (await clerk.bind(*WANG)).code == "409 identity_taken officer"
    new = make_phone(2)
    await new.log_in()
    assert (await new.bind(*WANG)).code == "409 identity_taken phone"
    await new.give_phone(PHONE)
    assert (await new.bind(*WANG)).data["moved"]


async def test_the_copy_says_where_a_phone_came_from(
    make_phone: MakePhone, vault: Vault, database: str
) -> None:
    await put_on_roster(vault, *WANG, phone=CLERKS)
    trainee = make_phone(1)
    await trainee.log_in()
    await trainee.bind(*WANG)
    for phone, origin in ((CLERKS, "told"), (PHONE, "wechat")):
        (row,) = (await trainee.ask("GET", "/me/export")).data["records"]["person"]
        assert (row["phone"], row["phone_origin"]) == (phone, origin)
        await trainee.give_phone(PHONE)


async def test_a_list_puts_nothing_over_a_checked_phone(vault: Vault, database: str) -> None:
    """Not even where nobody is bound any more."""
    id = await put_on_roster(vault, *WANG, phone=PHONE)
    for origin, taken in (("officer", False), ("wechat", False), ("told", True)):
        await Person.filter(id=id).update(phone_origin=origin, bound_at=None)
        assert await read_list_again(vault, CLERKS) == taken, origin
    person = await Person.get(id=id)
    assert (person.phone_origin, person.created_at <= local_now()) == ("told", True)
