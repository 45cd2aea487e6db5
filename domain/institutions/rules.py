"""How an institution stands on a day, what may follow, and how an entry is spelled. Pure."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, Protocol

from stdnum.cn import uscc as firm_number

from domain.errors import DomainError

#: In the directory, in it but stopped (暂停承训资格), out of it.
Status = Literal["listed", "suspended", "removed"]
#: What a record says; "changed": the entry has other words, and stands as it stood.
Kind = Literal["listed", "suspended", "restored", "removed", "changed"]

_DAY = timedelta(days=1)


class Record(Protocol):
    """What is read of a record (models.institutions.InstitutionRecord)."""

    @property
    def kind(self) -> str: ...
    @property
    def valid_from(self) -> date: ...
    @property
    def valid_until(self) -> date | None: ...
    @property
    def reason(self) -> str: ...
    @property
    def document(self) -> str: ...
    @property
    def made_at(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Standing:
    """How an institution stands on a day.

    since, until: first and last day of it, as far as is recorded; no end: until another record.
    expired: removed because the time for which it was listed is over.
    """

    status: Status
    since: date
    until: date | None = None
    reason: str = ""
    document: str = ""
    expired: bool = False


def standing_on(records: Sequence[Record], day: date) -> Standing | None:
    """How the institution of `records` stands on `day`; None: it was not yet in the directory.

    The last record that lists or removes counts, by its first day, and of two of one day the one
    made later. A suspension ends by itself after its last day, else on the day from which it is
    lifted; of several the one that lasts longest is told. Listing anew does not lift one, but who
    was removed in between begins afresh.
    """
    begun = sorted((one for one in records if one.valid_from <= day), key=_order)
    base: Record | None = None
    suspensions: list[Record] = []
    for record in begun:
        if record.kind == "removed":
            base, suspensions = record, []
        elif record.kind == "listed":
            base = record
        elif record.kind == "suspended":
            suspensions.append(record)
        elif record.kind == "restored":
            suspensions = []
    if base is None:
        return None
    if base.kind == "removed":
        return _stand("removed", base)
    if base.valid_until is not None and base.valid_until < day:
        since = base.valid_until + _DAY
        return Standing("removed", since, None, base.reason, base.document, expired=True)
    lasting = [one for one in suspensions if one.valid_until is None or day <= one.valid_until]
    if lasting:
        return _stand("suspended", max(lasting, key=lambda one: one.valid_until or date.max))
    return _stand("listed", base)


def require_change(
    records: Sequence[Record], kind: Kind, valid_from: date, valid_until: date | None
) -> None:
    """Raises DomainError institution_change_refused where `kind` cannot follow on that day.

    Its fact `about` says why: dates, listed, suspended, not_suspended, removed, not_listed.
    """
    if valid_until is not None and valid_until < valid_from:
        raise DomainError("institution_change_refused", about="dates")
    standing = standing_on(records, valid_from)
    status = None if standing is None else standing.status
    if kind == "listed":
        if standing is not None and status != "removed" and valid_until == standing.until:
            raise DomainError("institution_change_refused", about="listed")
        return
    if status is None:
        raise DomainError("institution_change_refused", about="not_listed")
    if status == "removed" and kind != "changed":
        raise DomainError("institution_change_refused", about="removed")
    if kind == "restored" and status != "suspended":
        raise DomainError("institution_change_refused", about="not_suspended")


def _stand(status: Status, record: Record) -> Standing:
    return Standing(status, record.valid_from, record.valid_until, record.reason, record.document)


def _order(record: Record) -> tuple[date, datetime]:
    return record.valid_from, record.made_at


# --- how an entry is spelled --------------------------------------------------------------------

_PHONE = re.compile(
    r"(?:0[0-9]{2,3}-?)?[0-9]{7,8}(?:-[0-9]{1,6})?|1[0-9]{10}|[0-9]{5}|400-?[0-9]{3}-?[0-9]{4}"
)
_SEPARATORS = re.compile(r"[、，,;；/|\n]+")
#: Brackets in names are written in full width, as on the licence.
_BRACKETS = str.maketrans("()", "（）")
NAME_LENGTH, ADDRESS_LENGTH = 120, 200
_FEWEST_IN_NAME = 4
_MOST_TAUGHT = 60


@dataclass(frozen=True, slots=True)
class Entry:
    """What the directory says of an institution.

    county: its code. may_teach: occupations; none named restricts none. phone: the office's.
    contact: who answers for it, name and telephone; not for the public.
    """

    name: str
    uscc: str
    county: str
    address: str = ""
    may_teach: tuple[str, ...] = ()
    phone: str = ""
    contact: str = ""


def spell_name(text: str) -> str:
    """A name without blanks, with the brackets of the licence."""
    return "".join(unicodedata.normalize("NFKC", text).split()).translate(_BRACKETS)


def spell_uscc(text: str) -> str:
    """A firm's number in capitals without blanks."""
    return "".join(unicodedata.normalize("NFKC", text).split()).replace("-", "").upper()


def split_occupations(text: str) -> tuple[str, ...]:
    """电工、焊工，叉车司机 -> each once, in their order."""
    parts = (" ".join(part.split()) for part in _SEPARATORS.split(text))
    return tuple(dict.fromkeys(part for part in parts if part))


def check_entry(entry: Entry, counties: Collection[str]) -> list[tuple[str, str]]:
    """(field, code) of everything that is wrong in `entry`; codes as in sheets.faults."""
    wrong = []
    if not _FEWEST_IN_NAME <= len(entry.name) <= NAME_LENGTH:
        wrong.append(("name", "not_a_name"))
    if not firm_number.is_valid(entry.uscc):
        wrong.append(("uscc", "not_a_uscc"))
    if entry.county not in counties:
        wrong.append(("county", "unknown_county"))
    if len(entry.address) > ADDRESS_LENGTH:
        wrong.append(("address", "address_too_long"))
    if entry.phone and not _PHONE.fullmatch(entry.phone):
        wrong.append(("phone", "not_a_phone"))
    if len(entry.may_teach) > _MOST_TAUGHT or any(len(one) > 80 for one in entry.may_teach):
        wrong.append(("may_teach", "too_many_occupations"))
    return wrong


def compare(before: Entry, after: Entry) -> Mapping[str, list[str]]:
    """field -> [before, after] of what differs; of the contact only that it does."""
    changes: dict[str, list[str]] = {}
    for field in ("name", "uscc", "county", "address", "phone"):
        old, new = getattr(before, field), getattr(after, field)
        if old != new:
            changes[field] = [old, new]
    if before.may_teach != after.may_teach:
        changes["may_teach"] = ["、".join(before.may_teach), "、".join(after.may_teach)]
    if before.contact != after.contact:
        changes["contact"] = []
    return changes
