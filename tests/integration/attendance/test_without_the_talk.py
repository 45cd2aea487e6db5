"""What the router alone says of checking in and of one's own attendance, as the API and the command
line ask it; and what is policy stays policy."""

import pytest

from domain.faq.queries import answer_question
from domain.faq.routing.router import Router
from tests.integration.attendance.conftest import NOW


@pytest.mark.parametrize(
    "said",
    [
        *("签到 482913", "签到码是482913", "签到码 730915", "签退 604821", "大屏上的数字是159027"),
        *("来了", "我来了", "打个卡", "我到教室了"),
        *("我学了多少课时", "我的课时", "我上了几节课", "俺上了多少节课了", "我的出勤"),
    ],
)
def test_the_services_way(package_router: Router, said: str) -> None:
    routing = answer_question(package_router, said, NOW.date())
    assert (routing.kind, routing.intent) == ("service", "checkin")
    assert "上课签到" in routing.answer and "“签到 482913”" in routing.answer


@pytest.mark.parametrize(
    ("said", "entry"),
    [
        *((said, "training-length") for said in ("培训要多少课时", "多少课时", "我要上多少课时")),
        ("电工要学多少课时", "training-length"),
        ("出勤率要多少", "absence"),
    ],
)
def test_policy_stays_policy(package_router: Router, said: str, entry: str) -> None:
    routing = answer_question(package_router, said, NOW.date())
    assert (routing.kind, routing.entry) == ("policy", entry)


@pytest.mark.parametrize("number", ["482913", "615204", "018273", "12345678"])
def test_a_number_alone_says_nothing(package_router: Router, number: str) -> None:
    assert answer_question(package_router, number, NOW.date()).kind == "none"
