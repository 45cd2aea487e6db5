"""Whose identity it may become, decided from what is known."""

import pytest

from domain.actor import EmployerContact, Trainee, Visitor
from domain.errors import DomainError
from domain.people.rules import Claimed, county_of, judge_claim, require_bound
from models.columns import new_id

NAME, PHONE, OTHER = "王素梅", "16900000001", "16900000002"


def judge(
    *,
    known: str | None = NAME,
    phones: tuple[str, ...] = (),
    taken: bool = False,
    unionid: str | None = None,
    phone: str | None = None,
    own_unionid: str | None = None,
) -> str:
    """What becomes of a claim: "theirs", or the code and case of the refusal."""
    claimed = Claimed(known, frozenset(phones), taken, unionid)
    try:
        judge_claim(claimed, name=NAME, phone=phone, unionid=own_unionid)
    except DomainError as refusal:
        return f"{refusal.code} {refusal.facts.get('about', '')}".rstrip()
    return "theirs"


@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        ({}, "theirs"),
        ({"known": None}, "theirs"),
        ({"known": "王淑梅"}, "identity_name_differs"),
        # Whoever guesses a name learns nothing of whether somebody is bound.
        ({"known": "王淑梅", "taken": True}, "identity_name_differs"),
        ({"known": "王淑梅", "taken": True, "phones": (PHONE,), "phone": PHONE},
         "identity_name_differs"),
        ({"taken": True}, "identity_taken officer"),
        ({"taken": True, "phone": PHONE}, "identity_taken officer"),
        ({"taken": True, "phones": (PHONE,)}, "identity_taken phone"),
        ({"taken": True, "phones": (PHONE,), "phone": OTHER}, "identity_taken officer"),
        ({"taken": True, "phones": (PHONE,), "phone": PHONE}, "theirs"),
        ({"taken": True, "phones": (OTHER, PHONE), "phone": PHONE}, "theirs"),
        # The same user of WeChat elsewhere proves nothing about who is held here.
        ({"taken": True, "unionid": "u", "own_unionid": "u"}, "identity_taken officer"),
        # The other account: the same user, another, and where the platform does not say.
        ({"unionid": "u", "own_unionid": "u"}, "theirs"),
        ({"unionid": "u", "own_unionid": "v"}, "identity_taken officer"),
        ({"unionid": "u", "own_unionid": "v", "phones": (PHONE,), "phone": PHONE}, "theirs"),
        ({"unionid": "u"}, "theirs"),
        ({"own_unionid": "u"}, "theirs"),
    ],
)  # fmt: skip
def test_claims(facts: dict[str, object], outcome: str) -> None:
    assert judge(**facts) == outcome  # type: ignore[arg-type]


def test_who_is_bound() -> None:
    trainee = Trainee(new_id())
    assert require_bound(trainee) is trainee
    for actor in (Visitor(b"p" * 16), EmployerContact(new_id(), new_id())):
        with pytest.raises(DomainError) as refused:
            require_bound(actor)
        assert refused.value.code == "binding_required"


def test_the_county_is_that_of_the_card_where_it_is_one_of_the_citys() -> None:
    counties = ["371502", "371521"]
    assert county_of("371502197803169021", counties) == "371502"
    assert county_of("372501197803169021", counties) == ""
    assert county_of("110101197803169021", counties) == ""
