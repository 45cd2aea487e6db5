"""Who may have which account, what a password must be, what comes next on the way in. Pure."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from uuid import UUID

from domain.actor import STAFF_ROLES, Role
from domain.errors import DomainError
from domain.staff.common_passwords import is_common

#: Characters. Beside a second factor eight would do (NIST SP 800-63B); these also hold out
#: against who has stolen the table.
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 128
TEMPORARY_FOR = timedelta(days=3)
#: An officer who has asked for a reset waits for another one so long.
RESET_OPEN_FOR = timedelta(days=3)
#: A session ends so long after it began, and so long after its last request.
SESSION_FOR = timedelta(hours=8)
IDLE_FOR = timedelta(minutes=30)
#: On the way in: from the password to the last step.
SIGNING_IN_FOR = timedelta(minutes=10)
#: Wrong codes in one go; then it begins with the password again.
MOST_CODES = 5

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,31}")


def normalise_username(text: str) -> str:
    """How a user name is kept and looked up; "" for what is none."""
    name = unicodedata.normalize("NFKC", text).strip().lower()
    return name if _USERNAME.fullmatch(name) else ""


def require_username(text: str) -> str:
    """The same for a new account. Raises DomainError username_unfit."""
    name = normalise_username(text)
    if not name:
        raise DomainError("username_unfit", field="username")
    return name


def require_password(password: str, about: Collection[str], field: str = "password") -> None:
    """Long enough, and not what is tried first; no other rule, for those make passwords worse.

    `about` are the words of the account. Raises DomainError password_too_short,
    password_too_long, password_common.
    """
    length = len(unicodedata.normalize("NFKC", password))
    if length < SHORTEST_PASSWORD:
        raise DomainError("password_too_short", least=SHORTEST_PASSWORD, field=field)
    if length > LONGEST_PASSWORD:
        raise DomainError("password_too_long", most=LONGEST_PASSWORD, field=field)
    if is_common(password, about):
        raise DomainError("password_common", field=field)


@dataclass(frozen=True, slots=True)
class Post:
    """In which role an account acts, and for whom."""

    role: Role
    county: str = ""
    institution: UUID | None = None


def require_post(post: Post, counties: Collection[str]) -> None:
    """Raises DomainError staff_role_unfit, staff_county_missing, staff_county_unfit,
    staff_institution_missing, staff_institution_unfit."""
    if post.role not in STAFF_ROLES:
        raise DomainError("staff_role_unfit", field="role")
    if post.county and post.county not in counties:
        raise DomainError("staff_county_unfit", field="county")
    if post.role is Role.COUNTY_OFFICER and not post.county:
        raise DomainError("staff_county_missing", field="county")
    if post.role is Role.INSTITUTION and post.institution is None:
        raise DomainError("staff_institution_missing", field="institution")
    if post.role is not Role.INSTITUTION and post.institution is not None:
        raise DomainError("staff_institution_unfit", field="institution")


class Step(Enum):
    """What is still to be done before somebody is signed in."""

    CODE = "code"
    NEW_PASSWORD = "new_password"  # noqa: S105 (the name of a step)
    SECOND_FACTOR = "second_factor"
    DONE = "done"


def next_step(*, exempt: bool, enrolled: bool, code_passed: bool, temporary: bool) -> Step:
    """Behind the password: the code where there is a second factor, then a password of one's own,
    then a second factor. `exempt` accounts of the demo have none."""
    if not exempt and enrolled and not code_passed:
        return Step.CODE
    if temporary:
        return Step.NEW_PASSWORD
    if not exempt and not enrolled:
        return Step.SECOND_FACTOR
    return Step.DONE


def has_ended(*, seen_at: datetime, ends_at: datetime, complete: bool, now: datetime) -> bool:
    """Whether a session is over. On the way in there is no idling beside the ten minutes."""
    return now >= ends_at or (complete and now >= seen_at + IDLE_FOR)


def require_second_officer(decider: UUID, asked_by: UUID, account: UUID) -> None:
    """Two officers, and neither is the one who gets in by it.

    Raises DomainError reset_needs_another.
    """
    if decider in (asked_by, account):
        raise DomainError("reset_needs_another")
