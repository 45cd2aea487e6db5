"""The API keeps what its OpenAPI document promises, whatever is sent to it."""

import json
import os
import urllib.request
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from models.people import Identity, Person
from tests.cities import open_phone
from tests.fuzz.budget import ROUND
from tests.integration.schema.conftest import Service

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
#: What ends the session by which it was asked.
ENDING = {"POST /api/v1/logout", "DELETE /api/v1/me", "DELETE /api/v1/me/sessions/{session}"}
#: What there is, by the names that paths have for it: a thing of the city, or "=" and a word.
KNOWN = {
    "class_id": (
        *("class recruiting", "class draft", "class filed", "class open", "class theirs"),
        "class of firm",
    ),
    "institution_id": ("institution ours", "institution theirs"),
    "employer": ("employer ours", "employer theirs"),
    "contact": ("contact colleague", "contact removed", "contact other keeper"),
    "enrolment": ("enrolment recruiting", "enrolment theirs", "enrolment of firm"),
    "request_id": ("request",),
    "session": ("session of owner", "session of keeper"),
    "session_id": ("session open", "session of firm"),
    "link": ("screen link", "screen link of firm"),
    "file_id": ("scan", "scan of firm"),
    "clause": ("=L01", "=L12", "=P33-1.1"),
    "version": ("=2026-11",),
}

#: Of each operation for each person; the same in each run, and others under `make fuzz`.
bounded = settings(
    max_examples=int(os.environ.get(ROUND, "24")),
    derandomize=ROUND not in os.environ,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@pytest.mark.parametrize("who", ["owner", "keeper", "nobody"])
def test_every_operation_keeps_its_word(service: Service, who: str) -> None:
    """No 5xx, and no status, type, header or field that the document does not name."""
    wrong = []
    operations = list(_operations(service))
    assert len(operations) > 30
    # What takes something away comes last.
    for operation in sorted(operations, key=lambda one: (one.method == "delete", one.label)):
        try:
            _try(service, operation, who)
        except (Exception, BaseExceptionGroup) as failure:
            wrong.append(f"{operation.label} as {who}:\n{failure}")
    assert not wrong, "\n\n".join(wrong)


def _operations(service: Service) -> Iterator[Any]:
    """Of the document as it is served. Of signing in it is not told: that we do, each time."""
    with urllib.request.urlopen(f"{service.url}/api/openapi.json") as answer:
        document = json.load(answer)
    del document["components"]["securitySchemes"]
    for item in document["paths"].values():
        for operation in item.values():
            operation.pop("security", None)
    for found in schemathesis.openapi.from_dict(document).get_all_operations():
        assert isinstance(found, Ok)
        yield found.ok()


def _try(service: Service, operation: Any, who: str) -> None:
    """Raises what does not hold, with the request that shows it."""
    person = service.city.ids.get(f"person {who}")
    headers = _sign_in(service, who, person)

    @bounded
    @given(case=_cases_of(operation), known=_known_of(operation))
    def run(case: Any, known: dict[str, str] | None) -> None:
        nonlocal headers
        service.forget_limits()
        if operation.label in ENDING:
            headers = _sign_in(service, who, person)
        if known is not None:
            case.path_parameters = {
                name: what[1:] if what.startswith("=") else str(service.city.ids[what])
                for name, what in known.items()
            }
        response = case.call(base_url=service.url, headers=headers)
        case.validate_response(response, checks=CHECKS, headers=headers)

    run()


def _cases_of(operation: Any) -> st.SearchStrategy[Any]:
    """What the document allows, and where there is something to get wrong, what it does not."""
    allowed = operation.as_strategy()
    if not (operation.body or operation.query):
        return allowed  # type: ignore[no-any-return]
    return st.one_of(allowed, operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))


def _known_of(operation: Any) -> st.SearchStrategy[dict[str, str] | None]:
    """An id of chance finds nothing: half of the time it is one of what there is."""
    names = [parameter.name for parameter in operation.path_parameters]
    if not names:
        return st.none()
    there = {name: st.sampled_from(KNOWN[name]) for name in names}
    return st.one_of(st.none(), st.fixed_dictionaries(there))


def _sign_in(service: Service, who: str, person: UUID | None) -> dict[str, str]:
    """With a new session, for one that has ended; nobody has none."""
    if person is None:
        return {}
    token = service.call(_open_again(service, who, person))
    return {"Authorization": f"Bearer {token}"}


async def _open_again(service: Service, who: str, person: UUID) -> str:
    # Of one person there is one phone; who was erased is there again.
    await Person.filter(id=person).update(erased_at=None)
    await Identity.filter(person_id=person).delete()
    return await open_phone(service.city, service.vault, who, person)
