"""Who may do what, cell by cell, and how far."""

from uuid import UUID, uuid4

import pytest

from domain.actor import STAFF_ROLES, Actor, EmployerContact, Role, Staff, System, Trainee, Visitor
from domain.errors import DomainError
from domain.permissions import MAY, Permission, may, reach_of, require

#: vi tr ec in ho co ci su ed au ip sy: the roles in order; o own, c county, a all, - not at all.
TABLE = """
                     vi tr ec in ho co ci su ed au ip sy
    use_console      -  -  -  o  o  o  o  o  o  o  o  a
    see_person       -  o  -  -  a  c  a  a  -  -  -  a
    reveal_person    -  o  -  -  a  c  a  -  -  -  -  a
    see_erased       -  -  -  -  -  c  a  -  -  a  -  a
    correct_person   -  -  -  -  -  c  a  -  -  -  -  a
    manage_contacts  -  -  o  -  -  c  a  -  -  -  -  a
    see_employer     -  -  o  -  a  c  a  a  -  -  -  a
    see_directory    -  -  -  a  a  c  a  a  -  -  a  a
    edit_directory   -  -  -  -  -  c  a  -  -  -  -  a
    suspend_institution -  -  -  -  -  c  a  -  -  -  -  a
    edit_standards   -  -  -  -  -  -  a  -  -  -  -  a
    see_class        -  -  o  o  a  c  a  a  -  -  o  a
    file_class       -  -  o  o  -  -  -  -  -  -  -  a
    decide_class     -  -  -  -  -  c  a  -  -  -  -  a
    see_roster       -  -  o  o  -  c  a  a  -  -  o  a
    export_roster    -  -  o  o  -  c  a  -  -  -  -  a
    enrol            -  o  o  o  a  -  -  -  -  -  -  a
    check_in         -  o  -  -  -  -  -  -  -  -  -  a
    enter_check_ins  -  -  o  o  -  -  -  -  -  -  -  a
    decide_check_in  -  -  o  o  -  c  a  -  -  -  -  a
    see_attendance   -  -  o  o  -  c  a  a  -  -  o  a
    see_patterns     -  -  -  -  -  c  a  a  -  -  o  a
    show_screen      -  -  o  o  -  -  -  -  -  -  -  a
    revoke_screen    -  -  o  o  -  c  a  -  -  -  -  a
    report_projects  -  -  -  -  -  -  a  a  -  -  -  a
    see_unanswered   -  -  -  -  -  a  a  a  a  -  -  a
    manage_staff     -  -  -  -  -  -  -  a  -  -  -  a
    ask_staff_reset  -  -  -  -  -  c  a  a  -  -  -  a
    read_audit       -  -  -  -  -  -  -  a  -  a  -  a
"""
LINES = [line.split() for line in TABLE.strip().splitlines()][1:]
CELLS = [
    (role, Permission(line[0]), reach)
    for line in LINES
    for role, reach in zip(Role, line[1:], strict=True)
]

DONGCHANGFU, YANGGU = "371502", "371521"


def actor_of(role: Role) -> Actor:
    match role:
        case Role.VISITOR:
            return Visitor(bytes(16))
        case Role.TRAINEE:
            return Trainee(uuid4())
        case Role.EMPLOYER_CONTACT:
            return EmployerContact(uuid4(), uuid4())
        case Role.SYSTEM:
            return System("trial")
    return Staff(uuid4(), role, county=DONGCHANGFU, institution=uuid4())


def refusal(actor: Actor, permission: Permission, **where: object) -> str | None:
    try:
        require(actor, permission, **where)  # type: ignore[arg-type]
    except DomainError as error:
        return error.code
    return None


def test_the_table_is_whole() -> None:
    assert {line[0] for line in LINES} == {permission.value for permission in Permission}
    assert set(MAY) == set(Role)


@pytest.mark.parametrize(("role", "permission", "reach"), CELLS)
def test_each_cell(role: Role, permission: Permission, reach: str) -> None:
    actor = actor_of(role)
    known = reach_of(actor, permission)
    assert reach == ("-" if known is None else known.value[0])
    assert may(actor, permission) is (reach != "-")
    if reach == "-":
        assert refusal(actor, permission, owner=uuid4(), county=DONGCHANGFU) == "no_permission"
        return
    others = refusal(actor, permission, owner=uuid4(), county=YANGGU)
    nobodys = refusal(actor, permission)
    assert (others, nobodys) == ((None, None) if reach == "a" else ("not_found", "not_found"))
    if reach == "o":
        assert actor.owns
        assert all(refusal(actor, permission, owner=own) is None for own in actor.owns)
    if reach == "c":
        assert refusal(actor, permission, owner=uuid4(), county=DONGCHANGFU) is None


def test_an_officer_without_a_county_reaches_none() -> None:
    officer = Staff(uuid4(), Role.COUNTY_OFFICER)
    assert refusal(officer, Permission.DECIDE_CLASS, county=None) == "not_found"


def test_who_acts_for_a_firm_does_not_act_for_themselves() -> None:
    person, firm = uuid4(), uuid4()
    contact = EmployerContact(person, firm)
    assert refusal(contact, Permission.ENROL, owner=firm) is None
    assert refusal(contact, Permission.ENROL, owner=person) == "not_found"


def test_an_institution_without_a_name_is_not_everybodys() -> None:
    staff = Staff(uuid4(), Role.INSTITUTION)
    assert None not in staff.owns
    assert refusal(staff, Permission.SEE_ROSTER, owner=None) == "not_found"


def test_one_actor_has_one_key() -> None:
    id = UUID(int=7)
    keys = [actor.key for actor in (Trainee(id), Staff(id, Role.EDITOR), System("purge"))]
    keys.append(Visitor(id.bytes).key)
    assert len(set(keys)) == len(keys)
    assert EmployerContact(id, uuid4()).key == Trainee(id).key


def test_only_roles_of_the_console_have_accounts() -> None:
    assert len(STAFF_ROLES) == 8
    with pytest.raises(ValueError, match="trainee"):
        Staff(uuid4(), Role.TRAINEE)
