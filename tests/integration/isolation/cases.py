"""Every route that has an id in its path: what is asked for, and who may.

Whoever is not named is refused. A new route without a case fails test_others.py.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.people.rules import complete_id_number
from tests.cities import COUNTY, PEOPLE, SECRETS, STAFF
from tests.integration.isolation.check_ins import list_check_in_pages, list_check_ins_of_firm

#: Whoever has a phone, and whoever sits at the console; "nobody" has signed in to neither.
ON_PHONES = (*PEOPLE, "visitor", "nobody")
AT_CONSOLES = (*STAFF, "nobody")


@dataclass(frozen=True)
class Case:
    """`ids`: which thing of the city each part of the path names. `sent`: JSON or a form."""

    route: str
    ids: Mapping[str, str]
    may: frozenset[str]
    sent: Mapping[str, Any] | Callable[[Mapping[str, Any]], Mapping[str, Any]] = field(
        default_factory=dict
    )
    #: A form with a file.
    file: bool = False

    @property
    def method(self) -> str:
        return self.route.split()[0]

    @property
    def path(self) -> str:
        return self.route.split()[1]

    @property
    def at_console(self) -> bool:
        return self.path.startswith(("/console/", "/screen/"))


#: Their ids are no secret: open to everybody, and the same for all.
PUBLIC = {
    "GET /api/v1/classes/{class_id}",
    "GET /api/v1/privacy/{version}",
    "GET /api/v1/policies/{clause}",
    "GET /api/v1/institutions/{institution_id}",
}

FIRM = frozenset({"keeper", "colleague"})
OWNER = frozenset({"owner"})
#: Everybody by name may come into a class that recruits.
BOUND = frozenset(PEOPLE)
SOMEBODY = {
    "name": "李建国",
    "id_number": complete_id_number("37152119690822911"),
    "phone": "16900000008",
}
OWNER_NAMED = {"name": SECRETS["name"], "id_number": SECRETS["id_number"]}
_DAY = "2026-11-30"
_ALLOWED = {"allowed_by": "东昌府区人社局张三", "reason": "本人有事"}


def _api() -> Sequence[Case]:
    def firm(route: str, ids: Mapping[str, str] | None = None, **sent: Any) -> Case:
        return Case(route, {"employer": "employer ours", **(ids or {})}, FIRM, sent)

    one = "/api/v1/employers/{employer}"
    mine = "/api/v1/me/classes/{class_id}"
    recruiting = {"class_id": "class recruiting"}
    return (
        firm(f"GET {one}"),
        firm(f"GET {one}/contacts"),
        firm(f"GET {one}/places"),
        firm(f"PUT {one}/classes/{{class_id}}/places", recruiting, places=4),
        firm(f"POST {one}/classes/{{class_id}}/people", recruiting, people=[SOMEBODY]),
        Case(
            f"POST {one}/keeper",
            {"employer": "employer ours"},
            FIRM,
            lambda ids: {"contact": str(ids["contact colleague"])},
        ),
        *_classes_of_firm(),
        # Whom the firm has not named is not the firm's: not even its contacts may.
        Case(
            f"DELETE {one}/people/{{enrolment}}",
            {"employer": "employer ours", "enrolment": "enrolment recruiting"},
            frozenset(),
        ),
        # In a class of its own it is; what is filed already the office corrects.
        firm(f"PUT {one}/people/{{enrolment}}", {"enrolment": "enrolment of firm"}, name="孙立新"),
        firm(f"DELETE {one}/contacts/{{contact}}", {"contact": "contact colleague"}),
        Case(f"GET {mine}", recruiting, OWNER),
        Case(f"POST {mine}/notice", recruiting, OWNER),
        Case(f"DELETE {mine}", recruiting, OWNER),
        # What is a draft nobody knows of.
        Case(
            "POST /api/v1/classes/{class_id}/enrolments", {"class_id": "class draft"}, frozenset()
        ),
        Case("DELETE /api/v1/me/requests/{request_id}", {"request_id": "request"}, OWNER),
        Case("DELETE /api/v1/me/sessions/{session}", {"session": "session of owner"}, OWNER),
    )


def _classes_of_firm() -> Sequence[Case]:
    """Those that it holds itself."""
    ids = {"employer": "employer ours", "class_id": "class of firm"}
    all_of = "/api/v1/employers/{employer}/classes"
    one = f"{all_of}/{{class_id}}"
    draft = {
        "title": "缝纫工第2期",
        "programme": "enterprise-staff",
        "occupation": "缝纫工",
        "county": COUNTY,
        "capacity": 20,
    }
    sitting = {"starts_at": f"{_DAY}T08:30:00+08:00", "ends_at": f"{_DAY}T11:30:00+08:00"}
    video = {"location": "厂里服务器", "sha256": "a" * 64, "holder": "人力资源部"}

    def tested(city: Mapping[str, Any]) -> Mapping[str, Any]:
        result = {"enrolment": str(city["enrolment of firm"]), "result": "passed"}
        return {"version": 3, "kind": "enterprise", "held_on": _DAY, "results": [result]}

    def left(city: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"enrolment": str(city["enrolment of firm"]), **_ALLOWED}

    def done(city: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"enrolments": [str(city["enrolment of firm"])]}

    return (
        Case(f"GET {all_of}", {"employer": "employer ours"}, FIRM),
        Case(f"POST {all_of}", {"employer": "employer ours"}, FIRM, draft),
        Case(f"GET {one}", ids, FIRM),
        Case(f"PUT {one}", ids, FIRM, {**draft, "version": 1}),
        Case(f"PUT {one}/sessions", ids, FIRM, {"version": 1, "sessions": [sitting]}),
        Case(f"POST {one}/steps", ids, FIRM, {"version": 1, "step": "file"}),
        Case(f"PUT {one}/video", ids, FIRM, {"version": 3, **video}),
        Case(f"POST {one}/tests", ids, FIRM, tested),
        Case(f"GET {one}/people", ids, FIRM),
        Case(f"GET {one}/told", ids, FIRM),
        Case(f"PUT {one}/told", ids, FIRM, done),
        Case(f"POST {one}/joins", ids, FIRM, {**SOMEBODY, **_ALLOWED}),
        Case(f"POST {one}/leaves", ids, FIRM, left),
        Case(f"PUT {one}/completed", ids, FIRM, done),
        *list_check_ins_of_firm(Case),
    )


_CITY = frozenset({"city officer"})
_OFFICERS = _CITY | {"officer"}
_SUPERVISORS = frozenset({"supervisor", "other supervisor"})
_CLERK = frozenset({"clerk"})
_SEE_PERSON = _OFFICERS | _SUPERVISORS | {"hotline"}
#: A county's officers find their own schools.
_SEE_DIRECTORY = _SEE_PERSON | _CLERK | {"other clerk", "inspector"}
#: The class itself with all that was filed.
_SEE_CLASS = _CLERK | _SEE_PERSON
_SEE_ROSTER = _CLERK | _OFFICERS | _SUPERVISORS
_ENROL = _CLERK
_CALLS = _CLERK | {"hotline"}


def _directory() -> Sequence[Case]:
    one, ids = "/console/institutions/{id}", {"id": "institution ours"}
    dated = {"valid_from": _DAY, "reason": "年检没有通过", "document": "聊人社字〔2026〕17号"}
    entry = {
        "name": "聊城示例职业培训学校",
        "uscc": "52371502MJE0000008",
        "county": COUNTY,
        **dated,
    }
    changes = [
        case
        for name in ("suspend", "restore", "remove", "relist")
        for case in (
            Case(f"GET {one}/{name}", ids, _OFFICERS),
            Case(f"POST {one}/{name}", ids, _OFFICERS, dated),
        )
    ]
    return (
        Case(f"GET {one}", ids, _SEE_DIRECTORY),
        Case(f"GET {one}/edit", ids, _OFFICERS),
        Case(f"POST {one}/edit", ids, _OFFICERS, entry),
        Case(f"POST {one}/contact", ids, _OFFICERS, {"reason": "contact"}),
        *changes,
    )


def _people() -> Sequence[Case]:
    one, asked = "/console/people/{id}", "/console/requests/{id}"
    person, request = {"id": "person owner"}, {"id": "request"}
    reveal = _OFFICERS | {"hotline"}
    return (
        Case(f"GET {one}", person, _SEE_PERSON),
        Case(f"POST {one}/reveal", person, reveal, {"reason": "identity"}),
        # Nobody of these is erased, nor is the one who audits one of them.
        Case("GET /console/people/erased/{id}", person, frozenset()),
        Case("POST /console/people/erased/{id}/reveal", person, frozenset(), {"reason": "audit"}),
        Case(f"GET {asked}", request, _OFFICERS),
        Case(f"POST {asked}/open", request, _OFFICERS),
        Case(f"POST {asked}/refuse", request, _OFFICERS, {"version": "1", "reason": "请带证件"}),
        Case(f"POST {asked}/approve", request, _OFFICERS, {"version": "1"}),
    )


def _firms() -> Sequence[Case]:
    one, ids = "/console/employers/{id}", {"id": "employer ours"}
    entry = {"name": "聊城示例家政服务有限公司", "county": COUNTY, "phone": "16900000007"}
    return (
        Case(f"GET {one}", ids, _SEE_PERSON),
        Case(f"GET {one}/edit", ids, _OFFICERS),
        Case(f"POST {one}/edit", ids, _OFFICERS, entry),
        Case(
            f"POST {one}/contacts/{{contact}}/remove",
            {**ids, "contact": "contact colleague"},
            _OFFICERS,
        ),
    )


def _accounts() -> Sequence[Case]:
    one, account = "/console/staff/{id}", {"id": "account officer"}
    reset = "/console/staff/resets/{id}"
    asking = _OFFICERS | _SUPERVISORS
    post = {"role": "county_officer", "county": COUNTY, "institution": ""}
    return (
        Case(f"GET {one}", account, asking),
        Case(f"POST {one}/reset", account, asking, {"what": "password", "reason": "核对过工作证"}),
        Case(f"POST {reset}/refuse", {"id": "reset"}, _SUPERVISORS),
        Case(f"POST {reset}/confirm", {"id": "reset"}, _SUPERVISORS),
        Case(f"POST {one}/post", account, _SUPERVISORS, post),
        Case(f"POST {one}/enable", account, _SUPERVISORS),
        Case(f"POST {one}/disable", account, _SUPERVISORS),
    )


def _classes() -> Sequence[Case]:
    one = "/console/classes/{class_id}"
    draft, recruiting = {"class_id": "class draft"}, {"class_id": "class recruiting"}
    edit = {
        "version": "2",
        "title": "养老护理员第1期",
        "programme": "elderly-care",
        "occupation": "养老护理员",
        "county": COUNTY,
        "capacity": "30",
    }
    lines = "2026-12-07 08:30-11:30 护理基础"
    video = {
        "version": "2",
        "video_location": "学校服务器",
        "video_sha256": "a" * 64,
        "video_holder": "教务处",
    }
    test = {"version": "5", "kind": "level", "held_on": _DAY, "results": "1 通过"}
    return (
        Case(f"GET {one}", recruiting, _SEE_CLASS),
        *(
            case
            for name, sent in (
                ("edit", edit),
                ("sessions", {"version": "2", "lines": lines}),
                ("video", video),
            )
            for case in (
                Case(f"GET {one}/{name}", draft, _CLERK),
                Case(f"POST {one}/{name}", draft, _CLERK, sent),
            )
        ),
        Case(f"GET {one}/test", {"class_id": "class open"}, _SEE_ROSTER),
        Case(f"POST {one}/test", {"class_id": "class open"}, _SEE_ROSTER, test),
        Case(
            f"POST {one}/{{step}}",
            {**recruiting, "step": "=file"},
            # Officers see the class, and are told that it is not theirs to file.
            _CLERK | _OFFICERS,
            {"version": "3"},
        ),
        Case(
            f"POST {one}/{{step}}",
            {"class_id": "class filed", "step": "=approve"},
            _CLERK | _OFFICERS,
            {"version": "4"},
        ),
        Case(
            f"POST {one}/approval",
            {"class_id": "class open"},
            _OFFICERS,
            {"version": "5", "filing_number": "聊培备12", "reason": "写错了"},
        ),
        # A draft is nobody's to enrol in or to leave; in a class that recruits the hotline acts
        # for whoever calls, and the institution takes in who stands before it.
        Case(f"GET {one}/enrol", draft, frozenset()),
        # (Whose draft it is, they are told so in other words.)
        Case(f"POST {one}/enrol", draft, _CLERK, {**SOMEBODY, "consent": "on"}),
        Case(f"GET {one}/leave", draft, frozenset()),
        Case(f"POST {one}/leave", draft, frozenset(), OWNER_NAMED),
        Case(f"POST {one}/enrol", recruiting, _CALLS, {**SOMEBODY, "consent": "on"}),
        Case(f"POST {one}/leave", recruiting, frozenset({"hotline"}), OWNER_NAMED),
        Case(
            "POST /console/enrolments/{enrolment}/told",
            {"enrolment": "enrolment recruiting"},
            _CALLS,
        ),
    )


def _rosters() -> Sequence[Case]:
    one = "/console/classes/{class_id}/roster"
    recruiting, filed = {"class_id": "class recruiting"}, {"class_id": "class filed"}
    reason = {"reason": "identity"}
    return (
        Case(f"GET {one}", recruiting, _SEE_ROSTER),
        Case(f"POST {one}/export", recruiting, _CLERK | _OFFICERS, reason),
        Case(f"POST {one}/print", recruiting, _CLERK | _OFFICERS, reason),
        Case("POST /console/classes/{class_id}/signin", recruiting, _SEE_ROSTER),
        Case(
            "POST /console/classes/{class_id}/signin",
            {"class_id": "class open"},
            _CLERK | _OFFICERS,
            {"shown": "names", **reason},
        ),
        Case(f"GET {one}/add", recruiting, _ENROL),
        Case(f"POST {one}/add", recruiting, _ENROL, SOMEBODY),
        Case(
            f"POST {one}/confirm",
            recruiting,
            _ENROL,
            lambda ids: {f"take-{ids['enrolment recruiting']}": "on"},
        ),
        Case(f"POST {one}/confirm-all", recruiting, _ENROL),
        Case(f"GET {one}/complete", recruiting, _ENROL),
        Case(f"POST {one}/complete", {"class_id": "class open"}, _ENROL),
        Case(f"POST {one}/seen", filed, _OFFICERS, lambda ids: {"upto": str(ids["class filed"])}),
        Case(
            f"POST {one}/{{enrolment}}/name",
            {**recruiting, "enrolment": "enrolment recruiting"},
            _CLERK | _OFFICERS,
            {"name": "王秀兰", "why": "身份证"},
        ),
        Case(f"GET {one}/told", recruiting, _ENROL),
        Case(
            f"POST {one}/told",
            recruiting,
            _ENROL,
            lambda ids: {f"told-{ids['enrolment recruiting']}": "on"},
        ),
        Case(
            f"POST {one}/{{enrolment}}/told",
            {**recruiting, "enrolment": "enrolment recruiting"},
            _ENROL,
        ),
        Case(f"GET {one}/import", recruiting, _ENROL),
        Case(f"POST {one}/import", recruiting, _ENROL, file=True),
        Case(f"POST {one}/import/confirmed", recruiting, _ENROL, {"sheet": "0aO7"}),
        Case(f"GET {one}/join", filed, _ENROL),
        Case(f"POST {one}/join", filed, _ENROL, {**SOMEBODY, **_ALLOWED}),
        Case(
            f"GET {one}/{{enrolment}}",
            {**recruiting, "enrolment": "enrolment recruiting"},
            _SEE_ROSTER,
        ),
        Case(
            f"POST {one}/{{enrolment}}/leave",
            {**filed, "enrolment": "enrolment filed"},
            _ENROL,
            _ALLOWED,
        ),
        Case(
            f"POST {one}/{{enrolment}}/withdraw",
            {**recruiting, "enrolment": "enrolment recruiting"},
            _ENROL,
        ),
    )


def _screens() -> Sequence[Case]:
    one, sitting = "/console/classes/{class_id}/screens", {"session": "sitting open"}
    ids = {"class_id": "class open"}
    return (
        Case("GET /screen/{session}", sitting, _CLERK),
        Case("GET /screen/{session}/events", sitting, _CLERK),
        Case("POST /screen/{session}/signin", sitting, _CLERK),
        Case(f"GET {one}", ids, _CLERK | _OFFICERS),
        Case(f"POST {one}/{{session}}/links", {**ids, **sitting}, _CLERK),
        Case(
            f"POST {one}/links/{{link}}/revoke", {**ids, "link": "screen link"}, _CLERK | _OFFICERS
        ),
    )


CASES: Sequence[Case] = (
    *_api(), *_directory(), *_people(), *_classes(), *_rosters(), *_firms(), *_screens(),
    *list_check_in_pages(Case), *_accounts(),
)  # fmt: skip
