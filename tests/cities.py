"""A small city in which everything belongs to somebody: for tests that ask as somebody else.

Of what has an owner there are two: "ours", of 东昌府区, is what is asked for, "theirs", of 阳谷县,
is there so that the others have something of their own to be let in with.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from content.schema import Content
from domain.actor import EmployerContact, Role, Staff, System, Trainee
from domain.attendance.screens import make_screen_link
from domain.calendar import LOCAL
from domain.employers.actions import bind_employer, register_employer, remove_contact
from domain.enrolments.actions import enrol_oneself
from domain.enrolments.bulk import Wish
from domain.enrolments.notice import Teller
from domain.enrolments.reservations import name_people, reserve_places
from domain.faq.wording import Contact
from domain.people.corrections import ask_to_correct
from domain.people.naming import Named
from domain.people.rules import complete_id_number
from domain.sealed import seal_columns
from domain.staff.actions import ask_reset, create_account
from domain.staff.passwords import Hasher
from domain.staff.rules import Post
from domain.staff.sessions import actor_of, begin_session
from domain.staff.tools import StaffTools
from domain.training import actions
from domain.training.actions import Holder
from domain.vault import Vault
from models.attendance import CheckIn, ScreenLink
from models.columns import new_id
from models.employers import EmployerContact as ContactRow
from models.enrolments import Enrolment
from models.files import StoredFile
from models.institutions import Institution, InstitutionRecord
from models.people import Identity, Person, SessionToken
from models.staff import StaffAccount
from models.training import ClassSession, TrainingClass
from models.transactions import transaction
from tests.integration.employers.people import make_uscc
from tests.unit.training.facts import DETAILS, SITTINGS

NOW = datetime(2026, 11, 30, 9, 0, tzinfo=LOCAL)
#: 东昌府区 and 阳谷县.
COUNTY, OTHER_COUNTY = "371502", "371521"
#: What nobody but their owners may read anywhere, in full.
SECRETS: Mapping[str, str] = {
    "name": "王素梅",
    "id_number": complete_id_number("37150219780316902"),
    "phone": "16900000001",
}
_SEEDING = System("tests")

#: Who has a phone: the name, and the digits that tell them apart.
PEOPLE = ("owner", "stranger", "keeper", "colleague", "removed", "other keeper", "other trainee")
_FIRST_17 = "3715021978031690"
#: The accounts of the console: role, county, whose institution.
STAFF: Mapping[str, tuple[Role, str, str]] = {
    "clerk": (Role.INSTITUTION, "", "ours"),
    "other clerk": (Role.INSTITUTION, "", "theirs"),
    "officer": (Role.COUNTY_OFFICER, COUNTY, ""),
    "other officer": (Role.COUNTY_OFFICER, OTHER_COUNTY, ""),
    "city officer": (Role.CITY_OFFICER, "", ""),
    "hotline": (Role.HOTLINE, "", ""),
    "supervisor": (Role.SUPERVISOR, "", ""),
    "other supervisor": (Role.SUPERVISOR, "", ""),
    "editor": (Role.EDITOR, "", ""),
    "auditor": (Role.AUDITOR, "", ""),
    "inspector": (Role.INSPECTOR, "", ""),
}


@dataclass
class City:
    """What there is. `ids` by name, `tokens` of phones and of browsers by who holds them."""

    ids: dict[str, UUID] = field(default_factory=dict)
    phones: dict[str, str] = field(default_factory=dict)
    browsers: dict[str, str] = field(default_factory=dict)


def id_number_of(number: int) -> str:
    """Of the person of this number; 2 is the owner's."""
    return complete_id_number(f"{_FIRST_17}{number}")


async def build_city(vault: Vault, content: Content, hasher: Hasher) -> City:
    """Everything, by the areas' own actions; the models are open."""
    city = City()
    teller = Teller(content, Contact("12333", "12345"))
    await _add_institutions(city)
    await _add_people(city, vault)
    await _add_firms(city, vault, content)
    await _add_staff(city, vault, content, hasher)
    await _add_classes(city, vault, content, teller)
    await _add_requests(city, vault)
    await _add_screen(city)
    return city


async def open_phone(city: City, vault: Vault, who: str, person: UUID | None = None) -> str:
    """A mini-program with a session of its own, on one more phone; its token."""
    identity, token = new_id(), f"token of {who} {new_id()}".replace(" ", "-")
    await Identity.create(
        id=identity,
        account="mini",
        person_id=person,
        created_at=NOW,
        bound_at=NOW if person else None,
        **seal_columns(vault, Identity, identity, openid=token[:28], phone=_phone_of(who)),
    )
    session = await SessionToken.create(
        identity_id=identity,
        token_hash=hashlib.sha256(token.encode()).digest(),
        created_at=NOW,
        last_used_at=NOW,
        expires_at=NOW + timedelta(hours=12),
    )
    city.phones[who] = token
    city.ids[f"session of {who}"] = session.id
    return token


def _phone_of(who: str) -> str:
    """The firms are bound by their register's phones, which these people hold."""
    number = {"owner": 1, "other keeper": 3}.get(who, 2 if who in PEOPLE else 9)
    return f"1690000000{number}"


async def _add_institutions(city: City) -> None:
    for number, (whose, county) in enumerate((("ours", COUNTY), ("theirs", OTHER_COUNTY))):
        made = await Institution.create(
            id=new_id(),
            name=f"聊城示例第{number}职业培训学校",
            uscc=f"5237150{number}MJ0000000X",
            county=county,
            created_at=NOW,
        )
        await InstitutionRecord.create(
            id=new_id(),
            institution_id=made.id,
            kind="listed",
            valid_from=date(2020, 1, 1),
            made_by="system tests",
            made_at=NOW,
        )
        city.ids[f"institution {whose}"] = made.id


async def add_person(city: City, vault: Vault, who: str, number: int) -> UUID:
    """Somebody who is bound, with a phone."""
    county = OTHER_COUNTY if who.startswith("other") else COUNTY
    name = SECRETS["name"] if who == "owner" else "赵文博"
    id = new_id()
    await Person.create(
        id=id,
        county=county,
        source="bound",
        created_at=NOW,
        bound_at=NOW,
        **seal_columns(
            vault, Person, id, name=name, id_number=id_number_of(number), phone=_phone_of(who)
        ),
    )
    city.ids[f"person {who}"] = id
    await open_phone(city, vault, who, id)
    return id


async def _add_people(city: City, vault: Vault) -> None:
    for number, who in enumerate(PEOPLE, 2):
        await add_person(city, vault, who, number)
    await open_phone(city, vault, "visitor")


async def _add_firms(city: City, vault: Vault, content: Content) -> None:
    firms = (
        ("ours", COUNTY, "16900000002", ("keeper", "colleague", "removed")),
        ("theirs", OTHER_COUNTY, "16900000003", ("other keeper",)),
    )
    for number, (whose, county, phone, people) in enumerate(firms, 1):
        employer = await register_employer(
            *(_SEEDING, vault),
            uscc=make_uscc(number),
            name=f"聊城示例第{number}家政服务有限公司",
            county=county,
            phone=phone,
            now=NOW,
        )
        city.ids[f"employer {whose}"] = employer
        for who in people:
            await bind_employer(
                *(Trainee(city.ids[f"person {who}"]), vault),
                uscc=make_uscc(number),
                name="",
                county="",
                counties=[one.code for one in content.counties],
                note="",
                now=NOW,
            )
            row = await ContactRow.get(
                employer_id=employer, person_id=city.ids[f"person {who}"], status="active"
            )
            city.ids[f"contact {who}"] = row.id
    await remove_contact(
        _SEEDING,
        employer_id=city.ids["employer ours"],
        contact_id=city.ids["contact removed"],
        now=NOW,
    )


async def _add_staff(city: City, vault: Vault, content: Content, hasher: Hasher) -> None:
    codes = {county.code for county in content.counties}
    tools = StaffTools(vault, hasher, lambda: codes, sandbox=True)
    for number, (who, (role, county, whose)) in enumerate(STAFF.items()):
        institution = city.ids[f"institution {whose}"] if whose else None
        issued = await create_account(
            *(_SEEDING, tools),
            username=f"staff.{number}",
            name=f"同事{number}",
            post=Post(role, county, institution),
            password=f"雨后南山有一只白鹭飞过水面{number}",
            demo=True,
            now=NOW,
        )
        account = await StaffAccount.get(id=issued.account_id)
        async with transaction() as connection:
            city.browsers[who] = await begin_session(
                connection, account, complete=True, code_passed=True, device="", now=NOW
            )
        city.ids[f"account {who}"] = account.id
    supervisor = actor_of(await StaffAccount.get(id=city.ids["account supervisor"]))
    asked = await ask_reset(
        *(supervisor, tools),
        account_id=city.ids["account officer"],
        what="password",
        reason="当面核对过工作证",
        now=NOW,
    )
    city.ids["reset"] = asked if isinstance(asked, UUID) else asked.id


async def _add_classes(city: City, vault: Vault, content: Content, teller: Teller) -> None:
    ours = Holder("institution", city.ids["institution ours"])
    for number, stage in enumerate(("draft", "recruiting", "filed", "open")):
        await _lead(city, content, teller, ours, stage, number)
    theirs = Holder("institution", city.ids["institution theirs"])
    await _lead(city, content, teller, theirs, "theirs", 9)
    await _add_class_of_firm(city, vault, content, teller)
    await _add_scan(city, vault)


async def _add_scan(city: City, vault: Vault) -> None:
    """Of a sheet of the class that is open, and of the firm's; no store has their bytes."""
    for what, whose in (("scan", "class open"), ("scan of firm", "class of firm")):
        id = city.ids[what] = new_id()
        await StoredFile.create(
            id=id,
            kind="class",
            about=city.ids[whose],
            media_type="image/jpeg",
            size=3,
            sha256="0" * 64,
            **seal_columns(vault, StoredFile, id, key=bytes(32)),
            made_by=_SEEDING.key,
            made_at=NOW,
        )


async def _add_class_of_firm(city: City, vault: Vault, content: Content, teller: Teller) -> None:
    """One that the firm has held itself, with somebody of its own in it; no public list has it."""
    firm = EmployerContact(city.ids["person keeper"], city.ids["employer ours"])
    details = replace(
        DETAILS, title="缝纫工第1期", programme="enterprise-staff", occupation="缝纫工"
    )
    holder = Holder("employer", firm.employer)
    row = await actions.draft_class(firm, content, holder, details, now=NOW)
    row = await actions.plan_sessions(firm, row.id, row.version, SITTINGS, now=NOW)
    row = await actions.open_recruiting(firm, content, row.id, row.version, now=NOW)
    city.ids["class of firm"] = row.id
    worker = Named("孙立新", complete_id_number("37150219850612903"))
    (named,) = await name_people(
        *(firm, vault, teller), class_id=row.id, wishes=[Wish(worker)], now=NOW
    )
    assert named.enrolment is not None
    city.ids["enrolment of firm"] = named.enrolment
    for step, day in (
        (actions.file_class, NOW),
        (actions.approve_class, NOW),
        (actions.open_class, NOW + timedelta(days=7)),
        (actions.end_class, NOW + timedelta(days=10)),
    ):
        row = await step(_SEEDING, content, row.id, row.version, now=day)
    await _add_check_ins_of_firm(city, firm, named.enrolment)


async def _add_check_ins_of_firm(city: City, firm: EmployerContact, enrolment: UUID) -> None:
    """A link to its screen, and somebody whom its keeper has entered."""
    sittings = ClassSession.filter(training_class_id=city.ids["class of firm"])
    session = city.ids["session of firm"] = (await sittings.order_by("starts_at"))[0].id
    await make_screen_link(firm, session, now=NOW)
    city.ids["screen link of firm"] = (await ScreenLink.get(session_id=session)).id
    check_in = city.ids["check-in of firm"] = new_id()
    await CheckIn.create(
        id=check_in,
        session_id=session,
        person_id=(await Enrolment.get(id=enrolment)).person_id,
        kind="in",
        at=NOW,
        made_at=NOW,
        channel="teacher",
        late=False,
        flags=["by_hand"],
        state="pending",
        reason="手机没电",
        made_by=firm.key,
    )


async def _lead(
    city: City, content: Content, teller: Teller, holder: Holder, stage: str, number: int
) -> TrainingClass:
    """A class that stands at `stage` ("theirs" recruits), a month behind the one before."""
    shift = timedelta(days=35 * number)
    assert DETAILS.starts_on and DETAILS.ends_on
    details = replace(
        DETAILS,
        title=f"养老护理员第{number + 1}期",
        county=OTHER_COUNTY if stage == "theirs" else COUNTY,
        starts_on=DETAILS.starts_on + shift,
        ends_on=DETAILS.ends_on + shift,
    )
    sittings = [
        replace(one, starts_at=one.starts_at + shift, ends_at=one.ends_at + shift)
        for one in SITTINGS
    ]
    row = await actions.draft_class(_SEEDING, content, holder, details, now=NOW)
    row = await actions.plan_sessions(_SEEDING, row.id, row.version, sittings, now=NOW)
    city.ids[f"class {stage}"] = row.id
    (city.ids[f"session {stage}"], *_) = [
        one.id for one in await ClassSession.filter(training_class_id=row.id).order_by("starts_at")
    ]
    if stage == "draft":
        return row
    row = await actions.open_recruiting(_SEEDING, content, row.id, row.version, now=NOW)
    who = "other trainee" if stage == "theirs" else "owner"
    enrolled = await enrol_oneself(
        Trainee(city.ids[f"person {who}"]), teller, class_id=row.id, channel="mini", now=NOW
    )
    city.ids[f"enrolment {stage}"] = enrolled.id
    if stage == "recruiting":
        firm = EmployerContact(city.ids["person keeper"], city.ids["employer ours"])
        await reserve_places(firm, teller, class_id=row.id, places=3, now=NOW)
    if stage in ("recruiting", "theirs"):
        return row
    await Enrolment.filter(id=enrolled.id).update(status="confirmed")
    for step, after in (
        (actions.file_class, "filed"),
        (actions.approve_class, "approved"),
        (actions.open_class, "open"),
    ):
        day = NOW + timedelta(days=7) + shift if after == "open" else NOW
        row = await step(_SEEDING, content, row.id, row.version, now=day)
        if stage == after:
            break
    return row


async def _add_requests(city: City, vault: Vault) -> None:
    asked = await ask_to_correct(
        *(Trainee(city.ids["person owner"]), vault), name="王素美", county=COUNTY, now=NOW
    )
    city.ids["request"] = asked.id


async def _add_screen(city: City) -> None:
    """The first session of the class that is open, and a link to its screen."""
    first = ClassSession.filter(training_class_id=city.ids["class open"]).order_by("starts_at")
    session = (await first.limit(1))[0].id
    city.ids["sitting open"] = session
    await make_screen_link(staff_of(city, "clerk"), session, now=NOW)
    city.ids["screen link"] = (await ScreenLink.get(session_id=session)).id


def staff_of(city: City, who: str) -> Staff:
    """The actor of an account."""
    role, county, whose = STAFF[who]
    institution = city.ids[f"institution {whose}"] if whose else None
    return Staff(city.ids[f"account {who}"], role, county or None, institution)


__all__: Sequence[str] = ("NOW", "PEOPLE", "SECRETS", "STAFF", "City", "build_city")
