"""A binding that is elsewhere and cannot be proved by phone is moved by an officer, and told."""

from uuid import UUID

import pytest

from domain.actor import Trainee, Visitor
from domain.people.moving import ask_to_move
from domain.people.phone import phone_columns
from domain.people.rules import complete_id_number
from domain.requests.queries import list_own_requests
from domain.sealed import change_columns, match_index, open_field, seal_columns
from models.columns import new_id
from models.notices import IdentityNotice
from models.people import Consent, Identity, Person, SessionToken
from models.requests import Request
from tests.integration.api.applications import VAULT
from tests.integration.employers.people import (
    CONTENT,
    COUNTIES,
    DONGCHANGFU,
    NOW,
    OFFICER,
    YANGGU_OFFICER,
    make_person,
)
from tests.integration.requests.deciding import approve, refuse, refused

pytestmark = pytest.mark.usefixtures("database")

ID_NUMBER = complete_id_number("37150219780316902")
VERSION = CONTENT.privacy[-1].version


async def make_visitor(account: str = "mini") -> tuple[Visitor, UUID]:
    """Somebody with a new phone, and their identity."""
    id = new_id()
    sender = None if account == "mini" else id.bytes[::-1]
    await Identity.create(
        id=id, account=account, sender=sender, created_at=NOW, **seal_columns(VAULT, Identity, id)
    )
    return Visitor(sender or id.bytes), id


async def ask(
    visitor: Visitor, name: str = "王素梅", number: str = ID_NUMBER, consent: str = VERSION
) -> Request:
    return await ask_to_move(
        *(visitor, VAULT, CONTENT.privacy),
        name=name,
        id_number=number,
        consent=consent,
        county="",
        counties=COUNTIES,
        note="旧手机丢了",
        now=NOW,
    )


async def identity_of(person: Trainee) -> Identity:
    return await Identity.filter(person_id=person.id).get()


async def notices_of(identity: UUID) -> list[str]:
    return [row.kind for row in await IdentityNotice.filter(identity_id=identity).order_by("id")]


async def test_the_binding_moves_and_both_are_told() -> None:
    person = await make_person(number=ID_NUMBER)
    old = await identity_of(person)
    await SessionToken.create(
        identity_id=old.id,
        token_hash=bytes(32),
        created_at=NOW,
        last_used_at=NOW,
        expires_at=NOW,
    )
    visitor, new = await make_visitor()
    request = await ask(visitor)
    assert (request.county, request.person_id) == (DONGCHANGFU, None)
    assert (await refused(approve(request, YANGGU_OFFICER))).code == "not_found"
    await approve(request)
    assert (await identity_of(person)).id == new
    assert (await Identity.get(id=old.id)).person_id is None
    assert not await SessionToken.exists(), "the old phone is logged out"
    assert await notices_of(old.id) == ["moved_away"]
    assert await notices_of(new) == ["request.approved"]
    assert (await Consent.get(person_id=person.id)).version == VERSION
    (own,) = (await list_own_requests(person, VAULT, None, 10)).rows
    assert (own.id, own.state) == (request.id, "approved"), "it is the person's request now"


@pytest.mark.parametrize("checked", ["", "16900000007"])
async def test_the_phone_of_before_proves_nothing_any_more(checked: str) -> None:
    """Else whoever held the person until now would come back by it."""
    person = await make_person(number=ID_NUMBER)
    row = await Person.get(id=person.id)
    await row.update_from_dict(phone_columns(VAULT, row, "16900000001", "wechat")).save()
    visitor, new = await make_visitor()
    if checked:
        mine = await Identity.get(id=new)
        await mine.update_from_dict(change_columns(VAULT, mine, phone=checked)).save()
    await approve(await ask(visitor))
    row = await Person.get(id=person.id)
    known = open_field(VAULT, row, "phone"), row.phone_origin
    assert known == ((checked, "wechat") if checked else ("16900000001", "told"))


async def test_the_other_account_stays_and_is_told() -> None:
    """One mini-program and one official account each: the new one joins."""
    person = await make_person(number=ID_NUMBER)
    mini = await identity_of(person)
    visitor, official = await make_visitor("official")
    await approve(await ask(visitor))
    rows = await Identity.filter(person_id=person.id)
    assert {row.id for row in rows} == {mini.id, official}
    assert await notices_of(mini.id) == ["bound_elsewhere", "request.approved"]


@pytest.mark.parametrize(
    ("name", "erased", "code"),
    [("王素媚", False, "identity_name_differs"), ("王素梅", True, "request_outdated")],
)
async def test_what_does_not_fit_moves_nothing(name: str, erased: bool, code: str) -> None:
    person = await make_person(number=ID_NUMBER)
    if erased:
        await Person.filter(id=person.id).update(erased_at=NOW)
    visitor, _ = await make_visitor()
    request = await ask(visitor, name)
    assert (await refused(approve(request))).code == code
    assert (await Request.get()).state == "asked"
    await refuse(request)
    assert await Identity.filter(person_id=person.id).count() == 1


@pytest.mark.parametrize("name", ["王素莱", "王素梅"])
async def test_who_was_only_ever_listed_by_others_is_bound_by_the_card(name: str) -> None:
    """A school wrote the name, perhaps wrongly: an officer has seen the card of whoever asks."""
    id = new_id()
    columns = seal_columns(VAULT, Person, id, name="王素来", id_number=ID_NUMBER)
    await Person.create(id=id, source="roster", created_at=NOW, **columns)
    visitor, identity = await make_visitor()
    await approve(await ask(visitor, name))
    person = await Person.get()
    assert (open_field(VAULT, person, "name"), person.bound_at) == (name, NOW)
    assert await Person.exists(match_index(VAULT, Person, "name", name)), "it is found by it"
    assert (await Identity.get(id=identity)).person_id == id


async def test_nothing_is_told_of_whether_somebody_is_known() -> None:
    """Asking about a citizen ID that nobody has answers the same."""
    await make_person(number=ID_NUMBER)
    known, unknown = (await make_visitor())[0], (await make_visitor())[0]
    asked = [
        await ask(known),
        await ask(unknown, "李建国", complete_id_number("37150219690822911")),
    ]
    assert {(row.state, row.county, row.person_id) for row in asked} == {
        ("asked", DONGCHANGFU, None)
    }
    assert (await refused(approve(asked[1]))).code == "request_outdated"


async def test_who_has_become_somebody_meanwhile_is_not_moved() -> None:
    person, other = await make_person(number=ID_NUMBER), await make_person("李建国")
    visitor, id = await make_visitor()
    request = await ask(visitor)
    await Identity.filter(person_id=other.id).delete()
    await Identity.filter(id=id).update(person_id=other.id)
    assert (await refused(approve(request))).code == "request_outdated"
    assert (await identity_of(person)).id != id


async def test_what_is_asked_is_checked_at_once() -> None:
    visitor, _ = await make_visitor()
    assert (await refused(ask(visitor, consent="2020-01"))).code == "consent_outdated"
    assert (await refused(ask(visitor, number=ID_NUMBER[:-1] + "0"))).code == "id_number_wrong"
    await ask(visitor)
    assert (await refused(ask(visitor, "李建国"))).code == "request_open"


async def test_the_request_of_a_visitor_is_not_anothers() -> None:
    visitor, _ = await make_visitor()
    await ask(visitor)
    stranger, _ = await make_visitor()
    assert (await list_own_requests(stranger, VAULT, None, 10)).rows == []
    await refuse(await Request.get(), OFFICER)
    (own,) = (await list_own_requests(visitor, VAULT, None, 10)).rows
    assert own.reason == "和证件对不上。"
