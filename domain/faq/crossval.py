"""Whether a phrasing that was left out still finds its own entry: what the phrasings are worth."""

from collections.abc import Set
from typing import TypeVar

from content.schema import Content, Entry, Service, SmallTalk
from domain.faq.evaluation import Share
from domain.faq.routing.candidates import Kind
from domain.faq.routing.race import Part, Race

Written = TypeVar("Written", Entry, Service, SmallTalk)


def cross_validate(
    content: Content, folds: int, without: Set[Part] = frozenset()
) -> dict[str, Share]:
    """Leave each `folds`-th phrasing of every candidate out in turn, and look where it goes.

    The shares by name: `first` (its own entry comes first), `clause` (an entry on one of its
    clauses does), `top3`, `service` (its own intent comes first), `talk` (small talk stays small
    talk). The keyword rules stay as they are: their words were chosen with all phrasings in
    sight, so what they add here is more than they add outside; docs/faq.md has both.
    """
    hits = dict.fromkeys(("first", "clause", "top3", "service", "talk"), 0)
    totals = dict.fromkeys(hits, 0)
    for fold in range(folds):
        race = Race(_leave_out(content, fold, folds), None, without)
        own: list[Entry | Service | SmallTalk] = [
            *content.entries,
            *content.services,
            *content.smalltalk,
        ]
        for candidate, record in zip(race.candidates, own, strict=True):
            for phrasing in record.phrasings[fold::folds]:
                ranking = race.run(race.reader.read(phrasing)).standings
                if not ranking:
                    continue
                best = race.candidates[ranking[0].number]
                first = best is candidate
                names: dict[str, bool]
                if candidate.kind is Kind.ENTRY:
                    related = not set(best.sources).isdisjoint(candidate.sources)
                    near = candidate.number in [item.number for item in ranking[:3]]
                    names = {"first": first, "clause": first or related, "top3": near}
                elif candidate.kind is Kind.SERVICE:
                    names = {"service": first}
                else:
                    names = {"talk": best.kind is Kind.SMALL_TALK}
                for name, hit in names.items():
                    totals[name] += 1
                    hits[name] += hit
    return {name: Share(hits[name], totals[name]) for name in hits}


def _leave_out(content: Content, fold: int, folds: int) -> Content:
    def keep(record: Written) -> Written:
        kept = tuple(
            phrasing for number, phrasing in enumerate(record.phrasings) if number % folds != fold
        )
        return record.model_copy(update={"phrasings": kept or record.phrasings})

    return content.model_copy(
        update={
            "entries": tuple(map(keep, content.entries)),
            "services": tuple(map(keep, content.services)),
            "smalltalk": tuple(map(keep, content.smalltalk)),
        }
    )
