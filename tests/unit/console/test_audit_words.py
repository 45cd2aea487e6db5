"""What entries of the audit log say beside their event."""

import re
from dataclasses import fields

from api.console.audit_words import EVENTS, KINDS, say_facts
from domain.training.details import Details
from domain.training.life import Status


def test_what_a_change_of_standing_is_called_is_there() -> None:
    """Those events are put together (domain/institutions/actions.py)."""
    for verb in ("relist", "suspend", "restore", "remove"):
        assert f"institution.{verb}" in EVENTS
    assert {"institution", "person", "request", "staff"} <= set(KINDS)


def test_facts_are_told_in_one_line() -> None:
    facts = {"reason": "核对身份", "unmasked": True, "until": None, "other": 3}
    assert say_facts(facts) == "理由 核对身份；没有遮 是；other 3"
    assert say_facts({"by": "name,phone"}) == "按 姓名、手机号"
    assert say_facts({"fields": ["address", "uscc"]}) == "改了 地址、统一社会信用代码"


def test_what_became_of_a_class_is_told_in_words() -> None:
    facts = {"fields": [one.name for one in fields(Details)], "status": "filed", "version": 4}
    told = say_facts(facts) + "".join(say_facts({"status": one.value}) for one in Status)
    assert not re.search("[a-z]", told), told
