"""How an institution stands, in words: the answer first, then since when, why, what it means for
the person, and what to do next. At most six lines."""

from collections.abc import Mapping
from datetime import date

from content.schema import Content
from domain.institutions.queries import Listing
from domain.institutions.rules import Standing
from web.words import fill

#: What an institution may and may not do, and that it can be stopped.
_CLAUSE = "L12"
_MOST_TAUGHT = 4
_MOST_REASON = 60


def word_standing(listing: Listing, texts: Mapping[str, str], content: Content) -> str:
    """What is said of `listing` on the day that its standing is of."""
    standing = listing.standing
    facts: dict[str, object] = {
        "name": listing.name,
        "county": name_county(listing.county, content),
        "since": word_day(standing.since),
        "until": "" if standing.until is None else word_day(standing.until),
        "document": _word_document(standing, texts),
        "source": _word_source(content),
        "reason": standing.reason[:_MOST_REASON].rstrip("。.;；"),
    }

    def say(key: str) -> str:
        return fill(texts[f"lookup.{key}"], facts)

    if standing.status == "listed":
        lines = [
            *(say("listed"), say("listed_since"), _word_taught(listing, texts)),
            *(_word_reach(listing, texts), say("listed_next")),
        ]
    elif standing.status == "suspended":
        until = "suspended_open" if standing.until is None else "suspended_until"
        lines = [
            *(say("suspended"), say(until), say("reason") if standing.reason else ""),
            *(say("suspended_means"), say("suspended_next"), say("other_school")),
        ]
    else:
        since = "removed_expired" if standing.expired else "removed_since"
        lines = [
            *(say("removed"), say(since), say("reason") if standing.reason else ""),
            *(say("removed_means"), say("removed_next"), say("other_school")),
        ]
    return "\n".join(line.strip() for line in lines if line.strip())


def word_day(day: date) -> str:
    """2026年11月30日."""
    return f"{day.year}年{day.month}月{day.day}日"


def name_county(code: str, content: Content) -> str:
    """The name of a county; its code where the content does not know it."""
    return next((county.name for county in content.counties if county.code == code), code)


def _word_document(standing: Standing, texts: Mapping[str, str]) -> str:
    if not standing.document:
        return ""
    return fill(texts["lookup.document"], {"document": standing.document})


def _word_source(content: Content) -> str:
    for policy in content.policies:
        for clause in policy.clauses:
            if clause.id == _CLAUSE:
                return f"{policy.name}{clause.label}"
    return _CLAUSE


def _word_taught(listing: Listing, texts: Mapping[str, str]) -> str:
    taught = listing.may_teach
    if not taught:
        return ""
    key = "lookup.teaches_more" if len(taught) > _MOST_TAUGHT else "lookup.teaches"
    shown = "、".join(taught[:_MOST_TAUGHT])
    return fill(texts[key], {"occupations": shown, "count": len(taught)})


def _word_reach(listing: Listing, texts: Mapping[str, str]) -> str:
    parts = []
    if listing.address:
        parts.append(fill(texts["lookup.address"], {"address": listing.address}))
    if listing.phone:
        parts.append(fill(texts["lookup.phone"], {"phone": listing.phone}))
    return "；".join(parts)
