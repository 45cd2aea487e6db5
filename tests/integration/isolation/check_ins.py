"""The pages and routes of check-ins that have an id in their path; read by cases.py."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.integration.isolation.cases import Case

_CLERK = frozenset({"clerk"})
_DECIDE = _CLERK | {"officer", "city officer"}
_SEE = _DECIDE | {"supervisor", "other supervisor"}


def list_check_in_pages(case: type["Case"]) -> Sequence["Case"]:
    """A class that is open, its first session, and the scan of a sheet."""
    one, ids = "/console/classes/{class_id}/attendance", {"class_id": "class open"}
    session = f"{one}/sessions/{{session_id}}"
    in_session = {**ids, "session_id": "session open"}
    scan = {"file_id": "scan"}
    wants = {
        "opens_before_min": "45",
        "closes_after_min": "15",
        "late_until_percent": "50",
        "version": "0",
    }
    entered = {"kind": "in", "at": "08:30", "reason": "手机没电"}

    def ticked(city: Mapping[str, Any]) -> Mapping[str, Any]:
        return {f"enter-{city['enrolment open']}": "1", **entered}

    refused = {"reason": "没到"}
    return (
        case(f"GET {one}", ids, _SEE),
        case(f"GET {one}/waiting", ids, _SEE),
        case(f"POST {one}/waiting/confirm", ids, _DECIDE),
        case(f"POST {one}/waiting/refuse", ids, _DECIDE, refused),
        case(f"GET {one}/settings", ids, _CLERK),
        case(f"POST {one}/settings", ids, _CLERK, wants),
        case(f"GET {one}/scans/{{file_id}}", {**ids, **scan}, _SEE),
        case(f"GET {session}", in_session, _SEE),
        case(f"POST {session}/refuse", in_session, _DECIDE, refused),
        case(f"GET {session}/by-hand", in_session, _CLERK),
        case(f"POST {session}/by-hand", in_session, _CLERK, ticked),
        case(f"GET {session}/scan", in_session, _CLERK),
        case(f"POST {session}/scan", in_session, _CLERK, file=True),
        case(f"GET {session}/paper/{{file_id}}", {**in_session, **scan}, _CLERK),
        case(f"POST {session}/paper/{{file_id}}", {**in_session, **scan}, _CLERK, ticked),
    )


def list_check_ins_of_firm(case: type["Case"]) -> Sequence["Case"]:
    """Those of a class that a firm has held itself; its contacts come by the API."""
    firm = "/api/v1/employers/{employer}"
    one = f"{firm}/classes/{{class_id}}/attendance"
    scans = f"{firm}/classes/{{class_id}}/scans"
    may = frozenset({"keeper", "colleague"})
    ours = {"employer": "employer ours"}
    ids = {**ours, "class_id": "class of firm"}
    session = {**ours, "session_id": "session of firm"}
    wants = {
        "version": 0,
        "opens_before_min": 45,
        "closes_after_min": 15,
        "late_until_percent": 50,
        "wants_place": True,
        "refuses_far": False,
        "wants_out": False,
    }

    def entered(city: Mapping[str, Any]) -> Mapping[str, Any]:
        people = [str(city["enrolment of firm"])]
        return {"enrolments": people, "at": "2026-12-07T08:30:00+08:00", "reason": "手机没电"}

    def decided(city: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"check_ins": [str(city["check-in of firm"])], "accept": False, "reason": "人没有到"}

    return (
        case(f"GET {one}", ids, may),
        case(f"GET {one}/people", ids, may),
        case(f"GET {one}/waiting", ids, may),
        case(f"PUT {one}/settings", ids, may, wants),
        case(f"POST {one}/sheet", ids, may),
        case(f"GET {firm}/check-ins/waiting", ours, may),
        case(f"POST {firm}/check-ins/decisions", ours, may, decided),
        case(f"POST {firm}/sessions/{{session_id}}/check-ins", session, may, entered),
        case(f"GET {firm}/classes/{{class_id}}/screen-links", ids, may),
        case(f"POST {firm}/sessions/{{session_id}}/screen-links", session, may),
        case(f"GET {scans}", ids, may),
        case(f"POST {scans}", ids, may, file=True),
        case(f"GET {scans}/{{file_id}}", {**ids, "file_id": "scan of firm"}, may),
        case(f"DELETE {firm}/screen-links/{{link}}", {**ours, "link": "screen link of firm"}, may),
    )
