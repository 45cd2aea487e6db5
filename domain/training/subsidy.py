"""The clauses by which a class is subsidised, and whether they still hold (law 9)."""

from dataclasses import dataclass
from datetime import date

from content.schema import Content, Programme


@dataclass(frozen=True, slots=True)
class SubsidyClause:
    """A clause with the notice that it stands in. ended: it holds no more on the day asked for."""

    id: str
    policy: str
    label: str
    heading: str
    summary: str
    issued_on: date
    valid_until: date | None
    ended: bool


def list_clauses(content: Content, programme: Programme, day: date) -> list[SubsidyClause]:
    """The clauses that speak of the programme, in the order in which it names them."""
    found = {
        clause.id: (policy, clause)
        for policy in content.policies
        for clause in policy.clauses
        if clause.id in programme.sources
    }
    clauses = []
    for id in programme.sources:
        if id in found:
            policy, clause = found[id]
            until = clause.valid_until or policy.valid_until
            ended = until is not None and until < day
            clauses.append(
                SubsidyClause(
                    id=id,
                    policy=policy.name,
                    label=clause.label,
                    heading=clause.heading,
                    summary=clause.summary,
                    issued_on=policy.issued_on,
                    valid_until=until,
                    ended=ended,
                )
            )
    return clauses
