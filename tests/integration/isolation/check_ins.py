"""The pages of check-ins that have an id in their path; read by cases.py."""

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
