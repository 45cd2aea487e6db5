"""What entries of the audit log say beside their event."""

import re
from dataclasses import asdict, fields
from uuid import UUID

from api.console import requests
from api.console.audit_words import EVENTS, KINDS, ids_in, say_facts
from domain.actor import Role, Staff
from domain.attendance.rules import Wants
from domain.enrolments.looking import REASONS, facts_of
from domain.training.details import Details
from domain.training.life import Status
from models.final_tests import TEST_KINDS

COUNTIES = {"371502": "东昌府区"}


def test_what_a_change_of_standing_is_called_is_there() -> None:
    """Those events are put together (domain/institutions/actions.py)."""
    for verb in ("relist", "suspend", "restore", "remove"):
        assert f"institution.{verb}" in EVENTS
    assert {"institution", "person", "request", "staff"} <= set(KINDS)


def test_facts_are_told_in_one_line() -> None:
    facts = {"reason": "核对身份", "unmasked": True, "until": None, "new": 3}
    assert say_facts(facts, COUNTIES) == "理由：核对身份；没有遮住；new：3"
    assert say_facts({"by": "name,phone"}, COUNTIES) == "按姓名、手机号"
    assert say_facts({"fields": ["address", "uscc"]}, COUNTIES) == "改了地址、统一社会信用代码"


def test_what_became_of_a_class_is_told_in_words() -> None:
    facts = {"fields": [one.name for one in fields(Details)], "status": "filed", "version": 4}
    told = say_facts(facts, COUNTIES) + "".join(
        say_facts({"status": one.value}, COUNTIES) for one in Status
    )
    assert not re.search("[a-z]", told), told


def test_what_was_asked_about_people_is_told_in_words() -> None:
    assert {"roster.look", "roster.import", "roster.refuse"} <= set(EVENTS)
    codes = ["name_differs", "enrolment_overlaps", "enrolment_overlaps", "roster_frozen"]
    school = Staff(UUID(int=1), Role.INSTITUTION, institution=UUID(int=2))
    told = say_facts(facts_of(school, rows=9, asked=7, refusals=codes), COUNTIES)
    assert told == (
        "替…000002；一共9行；问到7人；没收下4行；"
        "姓名和登记的不一样1人；和别的班时间重了2人；别的原因1人"
    )
    every = facts_of(school, rows=9, asked=9, refusals=sorted(REASONS))
    assert not re.search("[a-z]", say_facts(every, COUNTIES))


def test_no_fact_is_told_by_its_code() -> None:
    facts = {"kind": "binding", "county": "371502", "about": ""}
    assert say_facts(facts, COUNTIES) == "种类：把绑定换到另一个微信；县区：东昌府区"
    for kind, words in requests.KINDS.items():
        assert say_facts({"kind": kind}, COUNTIES) == f"种类：{words}"
    for kind in (*TEST_KINDS, "join", "leave"):
        assert not re.search("[a-z]", say_facts({"kind": kind}, COUNTIES)), kind
    moved = {"county_before": "371502", "role_before": "hotline", "tried": "second_factor"}
    assert not re.search("[0-9a-z]", say_facts(moved, COUNTIES))
    met = {"contact": "019aa001-0000-7000-8000-0000000000c4", "how": "phone", "before": None}
    assert say_facts(met, COUNTIES) == "联系人：…0000c4；按登记的电话"


def test_a_search_is_told_as_one_tells_it() -> None:
    assert say_facts({"by": "id_number", "count": 1}, COUNTIES) == "按身份证号找到1人"
    assert say_facts({"by": "name,phone", "count": 0}, COUNTIES) == "按姓名、手机号找，没有找到"


def test_things_have_their_names_and_days_their_year() -> None:
    school = UUID("019aa001-0000-7000-8000-0000000000c4")
    facts = {"institution": str(school), "from": "2026-12-01", "unmasked": False}
    assert ids_in(facts) == {school}
    told = say_facts(facts, COUNTIES, {school: "阳谷县巧手职业培训学校"})
    assert told == "机构：阳谷县巧手职业培训学校；从2026年12月1日；遮住了"


def test_what_was_done_about_check_ins_is_told_in_words() -> None:
    id = "019aa001-0000-7000-8000-0000000000c4"
    facts = {"session": id, "check_in": id, "people": 2, "reason": "手机没电"}
    assert say_facts(facts, COUNTIES) == "课次：…0000c4；签到：…0000c4；2人；理由：手机没电"
    assert say_facts(asdict(Wants(refuses_far=True)), COUNTIES).endswith("太远不让签；不要签退")
    assert not re.search("[a-z]", say_facts({**asdict(Wants()), "link": None}, COUNTIES))
    for event in ("by_hand", "paper", "confirm", "refuse"):
        assert f"check_in.{event}" in EVENTS
    assert {"attendance.settings", "screen.link", "screen.revoke"} <= EVENTS.keys()
