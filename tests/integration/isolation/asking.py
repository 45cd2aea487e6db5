"""Asks as somebody, and compares what came back and what the database holds."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import FormData
from tortoise import connections

from domain.staff.sessions import csrf_of
from models.columns import new_id
from tests.integration.isolation.cases import Case
from tests.integration.isolation.conftest import Served

#: What any two answers differ in: our ids, and the request's own.
_OWN_WORDS = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")


@dataclass(frozen=True)
class Answer:
    status: int
    text: str
    #: Where one is sent.
    location: str
    kind: str

    @property
    def refused(self) -> bool:
        """401, 403 or 404; who only looks at the console is sent to sign in."""
        to_sign_in = self.status == 303 and self.location.startswith("/console/sign-in")
        return self.status in (401, 403, 404) or to_sign_in


async def ask(served: Served, who: str, case: Case, *, at_nothing: bool = False) -> Answer:
    """As `who`; `at_nothing`: with ids that nothing has. Ids in the answer are not told apart."""
    answer = await read(served, who, case, at_nothing=at_nothing)
    return replace(
        answer,
        text=_OWN_WORDS.sub("ID", answer.text),
        location=_OWN_WORDS.sub("ID", answer.location),
    )


async def read(served: Served, who: str, case: Case, *, at_nothing: bool = False) -> Answer:
    """The same, word for word."""
    ids = {
        name: what[1:]
        if what.startswith("=")
        else str(new_id() if at_nothing else served.city.ids[what])
        for name, what in case.ids.items()
    }
    path = case.path.format(**ids)
    sent = case.sent(served.city.ids) if callable(case.sent) else case.sent
    headers, body = _dress(served, who, case, sent)
    async with served.client.request(
        case.method, path, headers=headers, allow_redirects=False, **body
    ) as response:
        # Of a stream what it begins with; it does not end.
        streams = response.content_type == "text/event-stream"
        raw = await (response.content.readuntil(b"\n\n") if streams else response.read())
        return Answer(
            response.status,
            raw.decode(errors="replace"),
            response.headers.get("Location", ""),
            response.content_type,
        )


def _dress(
    served: Served, who: str, case: Case, sent: Mapping[str, Any]
) -> tuple[dict[str, str], dict[str, Any]]:
    if not case.at_console:
        token = served.city.phones.get(who)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if case.file:
            return headers, {"data": _add_file(sent)}
        return headers, {} if case.method in ("GET", "DELETE") else {"json": dict(sent)}
    token = served.city.browsers.get(who, "")
    headers = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
    if token:
        headers["Cookie"] = f"zpt_console={token}"
    if case.method == "GET":
        return headers, {}
    fields = {"csrf": csrf_of(token), **sent}
    return headers, {"data": _add_file(fields) if case.file else fields}


def _add_file(fields: Mapping[str, Any]) -> FormData:
    data = FormData()
    for name, value in fields.items():
        data.add_field(name, str(value))
    data.add_field("file", "姓名,身份证号\n".encode(), filename="a.csv", content_type="text/csv")
    return data


async def read_tables() -> dict[str, str]:
    """A digest of the rows of each table."""
    connection = connections.get("default")
    tables = [
        row["tablename"]
        for row in await connection.execute_query_dict(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        )
    ]
    each = " UNION ALL ".join(
        f"SELECT '{table}' AS name, md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), ''))"
        f" AS digest FROM {table} t"
        for table in tables
    )
    return {row["name"]: row["digest"] for row in await connection.execute_query_dict(each)}
