"""Which privacy notice holds, and how long things are kept."""

from datetime import date

import pytest

from content.schema import PrivacyNotice
from domain.errors import DomainError
from domain.holdings import keep_until, periods_of
from domain.people.consents import current_notice, find_notice, require_current
from tests.support import package_content

CONTENT = package_content()


def notice(version: str, day: date) -> PrivacyNotice:
    part = {"heading": "收什么", "text": "姓名。"}
    return PrivacyNotice.model_validate(
        {"version": version, "in_force_from": day, "title": "说明", "summary": "一句话。",
         "sections": [part]}
    )  # fmt: skip


NOTICES = [
    notice("2026-11", date(2026, 11, 1)),
    notice("2027-01", date(2027, 1, 1)),
    notice("2026-12", date(2026, 12, 1)),
]


@pytest.mark.parametrize(
    ("day", "version"),
    [
        (date(2026, 10, 31), None),
        (date(2026, 11, 1), "2026-11"),
        (date(2026, 11, 30), "2026-11"),
        (date(2026, 12, 1), "2026-12"),
        (date(2030, 1, 1), "2027-01"),
    ],
)
def test_the_last_that_has_begun_holds(day: date, version: str | None) -> None:
    current = current_notice(NOTICES, day)
    assert (current.version if current else None) == version
    for one in NOTICES:
        if one.version == version:
            require_current(NOTICES, one.version, day)
            continue
        with pytest.raises(DomainError) as refused:
            require_current(NOTICES, one.version, day)
        assert refused.value.facts == {"version": version or ""}


def test_earlier_versions_stay_readable() -> None:
    assert find_notice(NOTICES, "2026-11") is NOTICES[0]
    with pytest.raises(DomainError):
        find_notice(NOTICES, "2025-01")


def test_the_notice_holds_today_and_promises_what_is_done() -> None:
    current = current_notice(CONTENT.privacy, date(2026, 11, 30))
    assert current is not None and len(current.summary) <= 60
    messages = periods_of(CONTENT)["message"]
    assert f"{messages.keep_days}天" in "".join(one.text for one in current.sections)


def test_every_period_has_its_reason_and_its_source_or_none() -> None:
    clauses = {clause.id for policy in CONTENT.policies for clause in policy.clauses}
    for period in CONTENT.retention:
        assert set(period.sources) <= clauses, period.kind
        assert not period.survives or period.keep_days, f"{period.kind} would stay for ever"
    training = periods_of(CONTENT)["training"]
    assert keep_until(training, date(2026, 11, 30)) == date(2031, 11, 30)
    assert keep_until(None, date(2026, 11, 30)) is None
