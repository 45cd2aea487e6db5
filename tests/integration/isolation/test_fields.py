"""Field by field: nothing of another's stands in any page, list or detail that one may open."""

from collections.abc import Iterator, Mapping

from domain.people.rules import mask_id_number, mask_phone
from tests.cities import SECRETS, STAFF
from tests.integration.isolation.asking import ask, read
from tests.integration.isolation.cases import AT_CONSOLES, CASES, ON_PHONES, Case
from tests.integration.isolation.conftest import Served
from tests.test_routes import views_of

#: What somebody of the other side opens of their own.
_THEIRS: Mapping[str, str] = {
    "class recruiting": "class theirs",
    "enrolment recruiting": "enrolment theirs",
    "employer ours": "employer theirs",
    "institution ours": "institution theirs",
    "person owner": "person other trainee",
    "account officer": "account other officer",
}
#: What all may know of: what recruits, and whom the directory lists.
_OPEN = {"class recruiting", "class filed", "class open", "class of firm", "institution ours"}
#: Names things by their ids for those who read what was done to them.
_LOG = "/console/audit"
#: The owner's own copy of what is held; whoever else asks gets their own.
_OWN = {("owner", "/api/v1/me"), ("owner", "/api/v1/me/export")}


def _pages(served: Served) -> Iterator[Case]:
    """Whatever can be looked at: without an id, and of their own."""
    for path, method, _ in views_of(served.app):
        if method == "GET" and path.startswith(("/api/v1/", "/console/")) and "{" not in path:
            yield Case(f"GET {path}", {}, frozenset())
    for case in CASES:
        if case.method == "GET" and all(what in _THEIRS for what in case.ids.values()):
            theirs = {name: _THEIRS[what] for name, what in case.ids.items()}
            yield Case(case.route, theirs, frozenset())
            yield case


def _known_to(who: str) -> set[str]:
    """The things of ours that `who` may open; the owner's enrolments are known by their classes,
    and what these sit for next."""
    own = {"enrolment recruiting", "enrolment filed"} if who == "owner" else set()
    own |= {"session open", "sitting open"} if who == "owner" else set()
    return {what for case in CASES if who in case.may for what in case.ids.values()} | _OPEN | own


async def test_nobody_reads_in_full_what_is_not_theirs(served: Served) -> None:
    """Name, citizen ID and phone: whoever may see them sees them masked, or says why (a POST)."""
    wrong, seen = [], 0
    for case in _pages(served):
        await served.redis.flushdb()
        for who in AT_CONSOLES if case.at_console else ON_PHONES:
            answer = await read(served, who, case)
            seen += answer.status == 200
            wrong += [
                f"{case.route} as {who} shows the {name}"
                for name, secret in SECRETS.items()
                if secret in answer.text and (who, case.path) not in _OWN
            ]
    assert not wrong, "\n".join(wrong)
    assert seen > 150, "too little was looked at"


async def test_nobody_finds_a_trace_of_what_they_may_not_open(served: Served) -> None:
    """Neither its id in a list, nor the masked number and phone of whose it is."""
    ours = {what for case in CASES for what in case.ids.values() if not what.startswith("=")}
    masks = (mask_id_number(SECRETS["id_number"]), mask_phone(SECRETS["phone"]))
    sees_owner = {"owner", *(who for who in STAFF if _known_to(who) & {"person owner"}), "clerk"}
    wrong = []
    for case in _pages(served):
        await served.redis.flushdb()
        for who in AT_CONSOLES if case.at_console else ON_PHONES:
            answer = await read(served, who, case)
            hidden = set() if case.path == _LOG else ours - _known_to(who)
            wrong += [
                f"{case.route} as {who} names the {what}"
                for what in hidden
                if str(served.city.ids[what]) in answer.text
            ]
            if who not in sees_owner and any(mask in answer.text for mask in masks):
                wrong.append(f"{case.route} as {who} shows the owner masked")
    assert not wrong, "\n".join(wrong)


async def test_an_officer_finds_people_of_their_own_county_alone(served: Served) -> None:
    """By whatever is known of them."""
    person = str(served.city.ids["person owner"])
    for name, value in SECRETS.items():
        search = Case("POST /console/people", {}, frozenset(), {name: value})
        found = {who: person in (await read(served, who, search)).text for who in STAFF}
        assert {who for who, there in found.items() if there} == {
            *("officer", "city officer", "hotline", "supervisor", "other supervisor"),
        }, name


async def test_an_institution_has_the_numbers_of_its_own_roster_alone(served: Served) -> None:
    """On the printed roster of its own filed class, for a reason; of another's nothing at all."""
    path = "POST /console/classes/{class_id}/roster/print"
    whole = {"whole": "1", "reason": "identity"}
    ours = Case(path, {"class_id": "class filed"}, frozenset(), whole)
    own = await ask(served, "clerk", ours)
    assert own.status == 200 and SECRETS["id_number"] in own.text
    other = await ask(served, "other clerk", ours)
    assert other.status == 404 and SECRETS["id_number"] not in other.text
    for wanted, form in (("class recruiting", whole), ("class filed", {"reason": "identity"})):
        shown = await ask(served, "clerk", Case(path, {"class_id": wanted}, frozenset(), form))
        assert SECRETS["id_number"] not in shown.text, "not filed, or not asked for"
