"""`GET /api/v1/policies` and `/api/v1/policies/{clause}`: the sources that answers name."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Annotated, Protocol

from aiohttp import web
from aiohttp_pydantic.oas.typing import r200, r404
from pydantic import Field

from api.limits import READING
from api.paging import DEFAULT_LIMIT, MAX_LIMIT, cut_page
from api.views import Shape, View, send
from domain.errors import DomainError
from web.access import Access, allow
from web.limits import limited


class Clause(Protocol):
    """What is read of content's Clause; `label` follows the notice's name in an answer."""

    @property
    def id(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def heading(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def valid_from(self) -> date | None: ...
    @property
    def valid_until(self) -> date | None: ...


class Policy(Protocol):
    """What is read of content's Policy, one notice (通知)."""

    @property
    def id(self) -> str: ...
    @property
    def number(self) -> str | None: ...
    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def issuers(self) -> Sequence[str]: ...
    @property
    def issued_on(self) -> date: ...
    @property
    def valid_from(self) -> date | None: ...
    @property
    def valid_until(self) -> date | None: ...
    @property
    def clauses(self) -> Sequence[Clause]: ...


class PolicySummary(Shape):
    id: str
    number: str | None
    name: str
    title: str
    issuers: list[str]
    issued_on: date
    valid_from: date | None
    valid_until: date | None


class ClauseSummary(Shape):
    id: str
    label: str
    heading: str
    summary: str
    valid_from: date | None
    valid_until: date | None


class PolicyDetail(PolicySummary):
    clauses: list[ClauseSummary]


class ClauseDetail(ClauseSummary):
    policy: PolicySummary


class PolicyPage(Shape):
    items: list[PolicyDetail]
    next: str | None


class PolicyCatalogue:
    """The notices in the shapes that go out."""

    def __init__(self, policies: Sequence[Policy]) -> None:
        self.policies = [PolicyDetail.model_validate(policy) for policy in policies]
        self.clauses: Mapping[str, ClauseDetail] = {
            clause.id: ClauseDetail.model_validate(
                {**clause.model_dump(), "policy": policy.model_dump(exclude={"clauses"})}
            )
            for policy in self.policies
            for clause in policy.clauses
        }


class CurrentCatalogue:
    """The catalogue of the notices there are now, made anew where they have changed."""

    def __init__(self, list_policies: Callable[[], Sequence[Policy]]) -> None:
        self._list_policies = list_policies
        self._shown: Sequence[Policy] | None = None
        self._catalogue = PolicyCatalogue(())

    def get(self) -> PolicyCatalogue:
        policies = self._list_policies()
        if policies is not self._shown:
            self._catalogue = PolicyCatalogue(policies)
            self._shown = policies
        return self._catalogue


CATALOGUE = web.AppKey("catalogue", CurrentCatalogue)


@allow(Access.ANYONE)
@limited(READING)
class PoliciesView(View):
    async def get(
        self,
        limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
        cursor: Annotated[str, Field(max_length=200)] = "",
    ) -> r200[PolicyPage]:
        policies = self.request.app[CATALOGUE].get().policies
        return send(cut_page(policies, lambda policy: policy.id, limit, cursor))


@allow(Access.ANYONE)
@limited(READING)
class ClauseView(View):
    async def get(self, clause: str, /) -> r200[ClauseDetail] | r404:
        found = self.request.app[CATALOGUE].get().clauses.get(clause)
        if found is None:
            raise DomainError("not_found", about="clause", clause=clause[:40])
        return send(found)
