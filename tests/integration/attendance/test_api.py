"""Checking in over the API: from the request to the row, by people with phones."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer

from domain.actor import Trainee
from domain.attendance.codes import code_at, secret_of
from domain.calendar import LOCAL, local_now
from domain.vault import Vault
from models.attendance import CheckIn
from models.institutions import Institution
from models.people import Identity
from models.training import ClassSession, TrainingClass
from tests.integration.attendance.conftest import CLASSROOM, HoldClass, enrol
from tests.integration.enrolments.conftest import make_institution
from tests.integration.people.conftest import (
    LI,
    WANG,
    MakePhone,
    MiniPhone,
    Time,
    make_phone,
    metrics,
    router,
    server,
    session,
    settings,
    stand_in,
    start,
    time,
    vault,
)

__all__ = [
    "make_phone",
    "metrics",
    "router",
    "server",
    "session",
    "settings",
    "stand_in",
    "start",
    "time",
    "vault",
]


@pytest.fixture
async def institution(server: TestServer) -> Institution:
    """The service has the models open already."""
    return await make_institution()


@pytest.fixture
async def phones(make_phone: MakePhone) -> list[MiniPhone]:
    """王素梅, 李建国, and somebody nobody knows."""
    made = [make_phone(user) for user in (1, 2, 3)]
    for phone, who in zip(made, (WANG, LI, None), strict=True):
        await phone.log_in()
        if who:
            assert (await phone.bind(*who)).status == 200
    return made


class Lesson:
    """A session that goes on now."""

    def __init__(self, row: TrainingClass, sitting: ClassSession, vault: Vault, time: Time) -> None:
        self.row, self.sitting = row, sitting
        self._vault, self._time = vault, time

    @property
    def code(self) -> str:
        """What stands on its screen."""
        return code_at(secret_of(self._vault, self.sitting.id), self._time())

    def arrival(self, **changed: Any) -> dict[str, Any]:
        """What a phone in the classroom sends; None leaves something out."""
        sent = {
            "code": self.code,
            "session_id": str(self.sitting.id),
            "latitude": CLASSROOM.latitude,
            "longitude": CLASSROOM.longitude,
            "accuracy_m": 20,
            "device": "one phone",
        }
        return {name: value for name, value in (sent | changed).items() if value is not None}


@pytest.fixture
async def lesson(
    phones: list[MiniPhone], hold_class: HoldClass, vault: Vault, time: Time
) -> Lesson:
    """It began five minutes ago; 王素梅 is in its class, 李建国 is not."""
    begun = local_now().replace(microsecond=0) - timedelta(minutes=5)
    row, sitting = await hold_class(starts=begun, ends=begun + timedelta(hours=3))
    await enrol(row, Trainee(await person_of(0)))
    return Lesson(row, sitting, vault, time)


async def person_of(phone: int) -> Any:
    """The person of the first, second, … phone that logged in."""
    rows = await Identity.filter(person_id__isnull=False).order_by("created_at")
    return rows[phone].person_id


async def test_one_checks_in_and_sees_it(phones: list[MiniPhone], lesson: Lesson) -> None:
    phone = phones[0]
    answer = await phone.ask("POST", "/check-ins", **lesson.arrival())
    assert answer.status == 201, answer.data
    at = answer.data.pop("at")
    assert at.endswith("+08:00")
    assert answer.data == {
        "session_id": str(lesson.sitting.id),
        "kind": "in",
        "late": False,
        "distance_m": 0,
        "flags": [],
    }
    assert (await phone.ask("POST", "/check-ins", **lesson.arrival())).code == (
        "409 check_in_already counted"
    )
    left = await phone.ask("POST", "/check-ins", **lesson.arrival(kind="out"))
    assert (left.status, left.data["kind"]) == (201, "out")
    own = (await phone.ask("GET", "/me/check-ins?limit=1")).data
    assert [one["kind"] for one in own["items"]] == ["out"]
    rest = (await phone.ask("GET", f"/me/check-ins?cursor={own['next']}")).data
    assert rest["next"] is None
    (first,) = rest["items"]
    assert (first["at"], first["state"], first["channel"]) == (at, "counted", "mini")
    assert (first["class_id"], first["title"]) == (str(lesson.row.id), lesson.row.title)
    starts_at = lesson.sitting.starts_at.astimezone(LOCAL).isoformat()
    assert (first["session_id"], first["starts_at"]) == (str(lesson.sitting.id), starts_at)
    # Where they were and on which phone is told to nobody.
    kept = await CheckIn.filter(kind="in").get()
    assert kept.address and kept.device and kept.place


async def test_each_refusal_has_its_status(
    phones: list[MiniPhone], lesson: Lesson, time: Time
) -> None:
    phone, other, nobody = phones

    async def code_of(who: MiniPhone, **changed: Any) -> str:
        return (await who.ask("POST", "/check-ins", **lesson.arrival(**changed))).code

    assert await code_of(nobody) == "403 binding_required"
    assert await code_of(other) == "403 check_in_not_enrolled class"
    assert await code_of(other, session_id=None) == "403 check_in_not_enrolled class"
    assert await code_of(phone, code="") == "422 invalid_input"
    assert await code_of(phone, kind="left") == "422 invalid_input"
    assert await code_of(phone, latitude=91) == "422 invalid_input"
    assert await code_of(phone, client_id="a\u0000") == "422 invalid_input"
    assert await code_of(phone, taken_at="2026-12-07T08:30:00") == "422 invalid_input"
    assert await code_of(phone, session_id=str(lesson.row.id)) == "404 not_found sitting"
    await enrol(lesson.row, Trainee(await person_of(1)))
    assert (await other.ask("POST", "/check-ins", **lesson.arrival())).status == 201
    assert await code_of(phone) == "409 check_in_device_used"
    for _ in range(4):
        assert await code_of(phone, code="12345") == "422 check_in_wrong_code left"
    assert await code_of(phone, code="12345", session_id=None) == "422 check_in_wrong_code last"
    paused = await phone.ask("POST", "/check-ins", **lesson.arrival(device="another"))
    assert paused.code == "429 check_in_paused"
    assert 890 <= int(paused.headers["Retry-After"]) <= 900
    time.pass_by(minutes=15)
    assert (await phone.ask("POST", "/check-ins", **lesson.arrival(device="p2"))).status == 201
    time.pass_by(hours=2)
    assert await code_of(phone, kind="in") == "409 check_in_already counted"
    third = phones[2]
    assert (await third.ask("GET", "/me/check-ins")).code == "403 binding_required"


async def test_wrong_codes_are_counted_under_a_key_too(
    phones: list[MiniPhone], lesson: Lesson
) -> None:
    """Where the request has an Idempotency-Key, all that it does is one transaction."""
    phone = phones[0]
    url, headers = phone._url + "/check-ins", {"Authorization": f"Bearer {phone.token}"}
    codes = []
    for number in range(6):
        async with phone._session.post(
            url,
            json=lesson.arrival(code="12345"),
            headers=headers | {"Idempotency-Key": f"key-{number}"},
        ) as answer:
            codes.append((await answer.json())["code"])
    assert codes == ["check_in_wrong_code"] * 5 + ["check_in_paused"]


async def test_what_is_sent_again_is_answered_again(
    phones: list[MiniPhone], lesson: Lesson, time: Time
) -> None:
    phone, taken = phones[0], time()
    sent = lesson.arrival(client_id="a1", taken_at=taken.isoformat())
    time.pass_by(hours=4)
    answers = await asyncio.gather(*(phone.ask("POST", "/check-ins", **sent) for _ in range(5)))
    assert {one.status for one in answers} == {201}, answers
    assert len({str(one.data) for one in answers}) == 1
    first = answers[0].data
    assert (first["at"], first["flags"]) == (taken.isoformat(), ["offline"])
    own = (await phone.ask("GET", "/me/check-ins")).data["items"]
    assert [one["state"] for one in own] == ["pending"]


@pytest.mark.parametrize("clock", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
async def test_however_wrong_a_phones_clock_is(
    phones: list[MiniPhone], lesson: Lesson, clock: str
) -> None:
    """It lets people in all the same, or is told what is wrong."""
    for session_id in (str(lesson.sitting.id), None):
        sent = lesson.arrival(taken_at=clock, session_id=session_id)
        code = (await phones[0].ask("POST", "/check-ins", **sent)).code
        assert code in {
            "409 check_in_window_closed clock",
            "409 check_in_window_closed offline",
        }
    answer = await phones[0].ask("POST", "/check-ins", **lesson.arrival(phone_at=clock))
    assert answer.status == 201
    assert (await CheckIn.get()).phone_at is None


async def test_half_a_place_is_none(phones: list[MiniPhone], lesson: Lesson) -> None:
    sent = lesson.arrival(longitude=None, device=None, accuracy_m=None)
    answer = await phones[0].ask("POST", "/check-ins", **sent)
    assert (answer.data["distance_m"], answer.data["flags"]) == (None, ["no_place", "no_device"])


async def test_the_sandboxs_camera_sees_the_screens_of_the_moment(
    phones: list[MiniPhone],
    lesson: Lesson,
    hold_class: HoldClass,
    server: TestServer,
    session: ClientSession,
    time: Time,
) -> None:
    """Only where somebody may check in; and what it sees is taken as if it had been scanned."""
    begins = lesson.sitting.starts_at + timedelta(hours=5)
    _, evening = await hold_class("晚上的班", starts=begins, ends=begins + timedelta(hours=2))
    morning = lesson.sitting.starts_at - timedelta(hours=4)
    await hold_class("早上的班", starts=morning, ends=morning + timedelta(hours=2))
    await hold_class("没有批的班", status="filed", starts=lesson.sitting.starts_at)

    async def look() -> list[dict[str, Any]]:
        async with session.get(server.make_url("/sandbox/screens")) as response:
            assert response.status == 200
            assert response.headers["Cache-Control"] == "no-store"
            items: list[dict[str, Any]] = (await response.json())["items"]
            return items

    (seen,) = await look()
    assert seen["qr"] == f"zpt:{lesson.sitting.id}:{lesson.code}"
    assert (seen["session_id"], seen["title"]) == (str(lesson.sitting.id), lesson.row.title)
    _, session_id, code = seen["qr"].split(":")
    arrival = lesson.arrival(code=code, session_id=session_id)
    assert (await phones[0].ask("POST", "/check-ins", **arrival)).status == 201
    time.pass_by(hours=4, minutes=40)
    assert [one["session_id"] for one in await look()] == [str(evening.id)]
