"""What each role may, in one table. Who is in none of its cells may not.

A door asks by role alone, before it reads anything (`may`); an action asks again with what it has
found (`require`); a list asks how far the role reaches and reads no more than that (`reach_of`).
"""

from collections.abc import Mapping
from enum import Enum
from uuid import UUID

from domain.actor import Actor, Role
from domain.errors import DomainError


class Permission(Enum):
    """Something that is done to the things of one area. An area adds its own with its routes."""

    #: One's own account: password, second factor, sessions.
    USE_CONSOLE = "use_console"
    #: What is held of a person, masked.
    SEE_PERSON = "see_person"
    #: The same unmasked, with a reason that is kept.
    REVEAL_PERSON = "reveal_person"
    #: Whoever was erased, as far as records of them are kept: for auditing alone (查账).
    SEE_ERASED = "see_erased"
    #: Decide on a correction, a changed phone, a binding that was taken.
    CORRECT_PERSON = "correct_person"
    #: A firm's contacts: who they are, who is their keeper.
    MANAGE_CONTACTS = "manage_contacts"
    #: The institutions' directory: the entries and their dated records, contacts masked.
    SEE_DIRECTORY = "see_directory"
    #: The same: take in, change, and see a contact unmasked.
    EDIT_DIRECTORY = "edit_directory"
    #: Suspend, restore, remove an institution (L12).
    SUSPEND_INSTITUTION = "suspend_institution"
    #: Subsidy standards (补贴标准目录, L08).
    EDIT_STANDARDS = "edit_standards"
    #: A firm and who acts for it, contacts masked.
    SEE_EMPLOYER = "see_employer"
    #: A class with all that was filed of it, in whatever state.
    SEE_CLASS = "see_class"
    #: Draft a class, recruit, file it (L11).
    FILE_CLASS = "file_class"
    #: Approve a filed class or return it.
    DECIDE_CLASS = "decide_class"
    #: Who is in a class, masked.
    SEE_ROSTER = "see_roster"
    #: The roster as a sheet, with names and numbers.
    EXPORT_ROSTER = "export_roster"
    #: Enrol, for oneself or for others.
    ENROL = "enrol"
    #: Check in to a session that one is in (签到).
    CHECK_IN = "check_in"
    #: Enter check-ins for others, by hand or from paper; say what a class wants of them.
    ENTER_CHECK_INS = "enter_check_ins"
    #: Confirm what others entered or phones kept, and refuse what is not so.
    DECIDE_CHECK_IN = "decide_check_in"
    #: Who was where when, hours and rates, masked.
    SEE_ATTENDANCE = "see_attendance"
    #: What looks alike in check-ins: one phone, one second, one place (for officers).
    SEE_PATTERNS = "see_patterns"
    #: Show a session's screen, with the code (班级大屏); make a link to it.
    SHOW_SCREEN = "show_screen"
    #: Take such a link back.
    REVOKE_SCREEN = "revoke_screen"
    #: Take out what the city reports of project classes (项目制培训情况统计表, P32-A2).
    REPORT_PROJECTS = "report_projects"
    #: Questions without an answer, masked.
    SEE_UNANSWERED = "see_unanswered"
    #: Accounts of the console: make, disable, give another role, decide on a reset.
    MANAGE_STAFF = "manage_staff"
    #: Say that somebody has lost a password or a second factor; another officer decides.
    ASK_STAFF_RESET = "ask_staff_reset"
    #: What staff saw and did.
    READ_AUDIT = "read_audit"


class Reach(Enum):
    """How far a permission goes."""

    #: What is one's own (Actor.owns): a person's, a firm's, an institution's, what was assigned.
    OWN = "own"
    #: What is in one's county.
    COUNTY = "county"
    ALL = "all"


_P, _OWN, _COUNTY, _ALL = Permission, Reach.OWN, Reach.COUNTY, Reach.ALL

MAY: Mapping[Role, Mapping[Permission, Reach]] = {
    Role.VISITOR: {},
    Role.TRAINEE: {
        _P.SEE_PERSON: _OWN,
        _P.REVEAL_PERSON: _OWN,
        _P.ENROL: _OWN,
        _P.CHECK_IN: _OWN,
    },
    Role.EMPLOYER_CONTACT: {
        _P.MANAGE_CONTACTS: _OWN,
        _P.SEE_EMPLOYER: _OWN,
        _P.SEE_CLASS: _OWN,
        _P.FILE_CLASS: _OWN,  # Firms train their own people (L02).
        _P.SEE_ROSTER: _OWN,
        _P.EXPORT_ROSTER: _OWN,
        _P.ENROL: _OWN,
        _P.ENTER_CHECK_INS: _OWN,
        _P.DECIDE_CHECK_IN: _OWN,
        _P.SEE_ATTENDANCE: _OWN,
        _P.SHOW_SCREEN: _OWN,
        _P.REVOKE_SCREEN: _OWN,
    },
    Role.INSTITUTION: {
        _P.USE_CONSOLE: _OWN,
        _P.SEE_DIRECTORY: _ALL,
        _P.SEE_CLASS: _OWN,
        _P.FILE_CLASS: _OWN,
        _P.SEE_ROSTER: _OWN,
        _P.EXPORT_ROSTER: _OWN,
        _P.ENROL: _OWN,
        _P.ENTER_CHECK_INS: _OWN,
        _P.DECIDE_CHECK_IN: _OWN,
        _P.SEE_ATTENDANCE: _OWN,
        _P.SHOW_SCREEN: _OWN,
        _P.REVOKE_SCREEN: _OWN,
    },
    Role.HOTLINE: {
        _P.USE_CONSOLE: _OWN,
        _P.SEE_PERSON: _ALL,
        _P.REVEAL_PERSON: _ALL,
        _P.SEE_EMPLOYER: _ALL,
        _P.SEE_DIRECTORY: _ALL,
        _P.SEE_CLASS: _ALL,
        _P.ENROL: _ALL,
    },
    Role.COUNTY_OFFICER: {
        _P.USE_CONSOLE: _OWN,
        _P.SEE_PERSON: _COUNTY,
        _P.REVEAL_PERSON: _COUNTY,
        _P.SEE_ERASED: _COUNTY,
        _P.CORRECT_PERSON: _COUNTY,
        _P.MANAGE_CONTACTS: _COUNTY,
        _P.SEE_EMPLOYER: _COUNTY,
        _P.SEE_DIRECTORY: _COUNTY,
        _P.EDIT_DIRECTORY: _COUNTY,
        _P.SUSPEND_INSTITUTION: _COUNTY,
        _P.SEE_CLASS: _COUNTY,
        _P.DECIDE_CLASS: _COUNTY,
        _P.SEE_ROSTER: _COUNTY,
        _P.EXPORT_ROSTER: _COUNTY,
        _P.SEE_UNANSWERED: _ALL,
        _P.ASK_STAFF_RESET: _COUNTY,
        _P.DECIDE_CHECK_IN: _COUNTY,
        _P.SEE_ATTENDANCE: _COUNTY,
        _P.SEE_PATTERNS: _COUNTY,
        _P.REVOKE_SCREEN: _COUNTY,
    },
    Role.CITY_OFFICER: {
        _P.USE_CONSOLE: _OWN,
        _P.SEE_PERSON: _ALL,
        _P.REVEAL_PERSON: _ALL,
        _P.SEE_ERASED: _ALL,
        _P.CORRECT_PERSON: _ALL,
        _P.MANAGE_CONTACTS: _ALL,
        _P.SEE_EMPLOYER: _ALL,
        _P.SEE_DIRECTORY: _ALL,
        _P.EDIT_DIRECTORY: _ALL,
        _P.SUSPEND_INSTITUTION: _ALL,
        _P.EDIT_STANDARDS: _ALL,
        _P.SEE_CLASS: _ALL,
        _P.DECIDE_CLASS: _ALL,
        _P.SEE_ROSTER: _ALL,
        _P.EXPORT_ROSTER: _ALL,
        _P.SEE_UNANSWERED: _ALL,
        _P.ASK_STAFF_RESET: _ALL,
        _P.DECIDE_CHECK_IN: _ALL,
        _P.SEE_ATTENDANCE: _ALL,
        _P.SEE_PATTERNS: _ALL,
        _P.REVOKE_SCREEN: _ALL,
        _P.REPORT_PROJECTS: _ALL,
    },
    Role.SUPERVISOR: {
        _P.USE_CONSOLE: _OWN,
        _P.SEE_PERSON: _ALL,
        _P.SEE_EMPLOYER: _ALL,
        _P.SEE_DIRECTORY: _ALL,
        _P.SEE_CLASS: _ALL,
        _P.SEE_ROSTER: _ALL,
        _P.SEE_UNANSWERED: _ALL,
        _P.MANAGE_STAFF: _ALL,
        _P.ASK_STAFF_RESET: _ALL,
        _P.READ_AUDIT: _ALL,
        _P.SEE_ATTENDANCE: _ALL,
        _P.SEE_PATTERNS: _ALL,
        _P.REPORT_PROJECTS: _ALL,
    },
    Role.EDITOR: {
        _P.USE_CONSOLE: _OWN,
        _P.SEE_UNANSWERED: _ALL,
    },
    Role.AUDITOR: {
        _P.USE_CONSOLE: _OWN,
        _P.SEE_ERASED: _ALL,
        _P.READ_AUDIT: _ALL,
    },
    Role.INSPECTOR: {
        _P.USE_CONSOLE: _OWN,
        _P.SEE_DIRECTORY: _ALL,
        _P.SEE_CLASS: _OWN,
        _P.SEE_ROSTER: _OWN,
        _P.SEE_ATTENDANCE: _OWN,
        _P.SEE_PATTERNS: _OWN,
    },
    # Jobs, imports and seeding: whoever set them off was asked then.
    Role.SYSTEM: dict.fromkeys(Permission, _ALL),
}


def reach_of(actor: Actor, permission: Permission) -> Reach | None:
    """How far `actor` may; None: not at all."""
    return MAY[actor.role].get(permission)


def may(actor: Actor, permission: Permission) -> bool:
    """Whether `actor` may at all; to what, `require` says."""
    return reach_of(actor, permission) is not None


def require(
    actor: Actor,
    permission: Permission,
    *,
    owner: UUID | None = None,
    county: str | None = None,
) -> None:
    """`actor` may do this to what belongs to `owner` and lies in `county`.

    Raises DomainError: no_permission where the role may not at all, not_found where this thing is
    out of its reach, for what is not yours looks as if it were not there. A fact that the caller
    leaves out is in nobody's reach.
    """
    reach = reach_of(actor, permission)
    if reach is None:
        raise DomainError("no_permission")
    if not _is_within(actor, reach, owner, county):
        raise DomainError("not_found")


def _is_within(actor: Actor, reach: Reach, owner: UUID | None, county: str | None) -> bool:
    if reach is Reach.OWN:
        return owner in actor.owns
    if reach is Reach.COUNTY:
        own = getattr(actor, "county", None)
        return own is not None and own == county
    return True
