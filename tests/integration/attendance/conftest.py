"""A class that is taught today, who is in it, and phones that check in."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from clients.files import Files
from domain.actor import Role, Staff, Trainee
from domain.attendance.actions import Sent, check_in
from domain.attendance.codes import code_at, secret_of
from domain.attendance.rules import Place, Wants
from domain.attendance.writing import CheckedIn
from domain.calendar import LOCAL
from domain.errors import DomainError
from domain.vault import Vault
from models.columns import new_id
from models.enrolments import Enrolment
from models.training import ClassSession, TrainingClass
from tests.integration.enrolments.conftest import (
    COUNTY,
    MakeClass,
    MakePerson,
    clerk,
    content,
    institution,
    make_class,
    make_trainee,
    vault,
)

__all__ = ["clerk", "content", "institution", "make_class", "make_trainee", "vault"]

#: Sessions begin at half past eight and last three hours.
STARTS = datetime(2026, 12, 7, 8, 30, tzinfo=LOCAL)
ENDS = STARTS + timedelta(hours=3)
#: On time.
NOW = datetime(2026, 12, 7, 8, 20, tzinfo=LOCAL)
CLASSROOM = Place(36.1143, 115.7915)

HoldClass = Callable[..., Awaitable[tuple[TrainingClass, ClassSession]]]
Join = Callable[..., Awaitable[Trainee]]


@pytest.fixture
def hold_class(make_class: MakeClass) -> HoldClass:
    """A class that is open, and its session of the morning."""

    async def hold(
        title: str = "养老护理员第1期",
        *,
        starts: datetime = STARTS,
        ends: datetime = ENDS,
        **fields: Any,
    ) -> tuple[TrainingClass, ClassSession]:
        row = await make_class(
            title,
            **{
                "status": "open",
                "latitude": CLASSROOM.latitude,
                "longitude": CLASSROOM.longitude,
                "sittings": [(starts, ends)],
                "capacity": 500,
                **fields,
            },
        )
        return row, await ClassSession.get(training_class_id=row.id)

    return hold


async def enrol(row: TrainingClass, who: Trainee, status: str = "confirmed") -> Enrolment:
    return await Enrolment.create(
        training_class_id=row.id,
        person_id=who.id,
        status=status,
        channel="roster",
        made_by="system tests",
        created_at=NOW,
        changed_by="system tests",
        changed_at=NOW,
    )


@pytest.fixture
def join(make_trainee: MakePerson) -> Join:
    """Somebody who is bound, in the class."""

    async def make(row: TrainingClass, number: int = 1, status: str = "confirmed") -> Trainee:
        who = await make_trainee(number)
        await enrol(row, who, status)
        return who

    return make


@pytest.fixture
def store(tmp_path: Path) -> Files:
    """Where scans lie."""
    return Files(tmp_path / "files")


@pytest.fixture
def officer() -> Staff:
    return Staff(new_id(), Role.COUNTY_OFFICER, county=COUNTY)


class Screen:
    """What a session's screen shows."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def code(self, session: ClassSession, at: datetime = NOW) -> str:
        return code_at(secret_of(self._vault, session.id), at)

    def wrong(self, session: ClassSession, at: datetime = NOW) -> str:
        """A code that is neither that of the moment nor one of those around it."""
        near = {self.code(session, at + timedelta(seconds=15 * step)) for step in (-2, -1, 0, 1)}
        return next(code for number in range(9) if (code := f"{number:06}") not in near)


@pytest.fixture
def screen(vault: Vault) -> Screen:
    return Screen(vault)


CheckIn = Callable[..., Awaitable[CheckedIn]]


@pytest.fixture
def come(vault: Vault, screen: Screen) -> CheckIn:
    """Check somebody in to a session; by a phone of their own that is in the classroom."""

    async def try_it(
        who: Trainee,
        session: ClassSession | None = None,
        *,
        code: str | None = None,
        now: datetime = NOW,
        **said: Any,
    ) -> CheckedIn:
        moment = said.get("taken_at") or now
        if code is None:
            assert session is not None
            code = screen.code(session, moment)
        given = {
            "session_id": session.id if session else None,
            "place": CLASSROOM,
            "accuracy_m": 20.0,
            "device": f"phone of {who.id}",
            "address": "203.0.113.7",
        }
        return await check_in(who, vault, Wants(), Sent(code, **(given | said)), now=now)

    return try_it


async def refused(attempt: Awaitable[object]) -> str:
    """The code of a refusal and its case."""
    try:
        await attempt
    except DomainError as error:
        return f"{error.code} {error.facts.get('about', '')}".strip()
    return ""
