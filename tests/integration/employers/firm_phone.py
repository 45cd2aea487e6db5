"""A firm's class as its contact leads it over the API, and what there is to send."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.actor import Trainee
from domain.calendar import LOCAL
from domain.files.store import FileStore
from domain.people.rules import complete_id_number
from domain.training import actions
from models.training import TrainingClass
from tests.integration.employers.people import (
    CONTENT,
    NOW,
    OFFICER,
    PHONE,
    Entrance,
    bind,
    make_api,
    make_firm,
    make_person,
)

DRAFT: Mapping[str, Any] = {
    "title": "缝纫工岗位培训第1期",
    "programme": "enterprise-staff",
    "occupation": "缝纫工",
    "county": "371502",
    "capacity": 10,
}
WHOLE: Mapping[str, Any] = {
    **DRAFT,
    "demand_analysis": "新上一条线，二十人要转岗。",
    "plan": "理论四课时，实操四课时。",
    "address": "东昌府区演示路9号",
    "latitude": 36.45,
    "longitude": 115.98,
    "teacher": "演示教师",
    "target_group": "本单位职工",
    "hours": 8,
    "starts_on": "2026-12-07",
    "ends_on": "2026-12-08",
}
SESSIONS = [
    {
        "starts_at": f"2026-12-0{day}T08:30:00+08:00",
        "ends_at": f"2026-12-0{day}T11:30:00+08:00",
        "topic": "平缝",
    }
    for day in (7, 8)
]
PEOPLE: list[dict[str, Any]] = [
    {"name": name, "id_number": complete_id_number(f"3715021978031{number}")}
    for name, number in (("王秀兰", "7902"), ("李建国", "7911"), ("赵文博", "7929"))
]
#: What a class wants of check-ins where nobody has said it.
WANTS: dict[str, Any] = {
    "version": 0,
    "opens_before_min": 30,
    "closes_after_min": 15,
    "late_until_percent": 50,
    "wants_place": True,
    "refuses_far": False,
    "wants_out": False,
}
ALLOWED: Mapping[str, Any] = {"allowed_by": "东昌府区人社局张三", "reason": "本人调去别的车间"}


class Phone:
    """The mini-program of somebody who acts for a firm, and the service's clock."""

    def __init__(self, client: Any, entrance: Entrance, clock: list[datetime]) -> None:
        self._client, self._entrance, self.clock = client, entrance, clock
        self.who = Trainee(UUID(int=0))
        self.firm = self.class_id = ""

    @property
    def path(self) -> str:
        return f"/api/v1/employers/{self.firm}/classes"

    @property
    def one(self) -> str:
        return f"{self.path}/{self.class_id}"

    async def ask(
        self, method: str, path: str, who: Trainee | None = None, **json: Any
    ) -> tuple[int, Any]:
        key = json.pop("key", None)
        headers = self._entrance.header(who or self.who)
        headers |= {"Idempotency-Key": key} if key else {}
        sent = None if method in ("GET", "DELETE") else json
        answer = await self._client.request(method, path, json=sent, headers=headers)
        return answer.status, (await answer.json() if answer.status != 204 else None)

    async def fetch(self, method: str, path: str, who: Trainee | None = None, **sent: Any) -> Any:
        """Where what is sent, or what is answered, is no JSON; `sent` as aiohttp takes it."""
        headers = self._entrance.header(who or self.who)
        return await self._client.request(method, path, headers=headers, **sent)

    async def get(self) -> Any:
        status, data = await self.ask("GET", self.one)
        assert status == 200, data
        return data

    async def draft(self, **changes: Any) -> Any:
        status, data = await self.ask("POST", self.path, **{**DRAFT, **changes})
        assert status == 201, data
        self.class_id = data["id"]
        return data

    async def write(self, method: str, part: str, **sent: Any) -> tuple[int, Any]:
        """With the version as it is."""
        version = (await TrainingClass.get(id=self.class_id)).version
        return await self.ask(method, f"{self.one}{part}", version=version, **sent)

    async def done(self, method: str, part: str, **sent: Any) -> Any:
        status, data = await self.write(method, part, **sent)
        assert status in (200, 201), data
        return data

    async def step(self, step: str, **sent: Any) -> Any:
        return await self.done("POST", "/steps", step=step, **sent)

    async def hold(self) -> tuple[list[str], list[str]]:
        """A class that is open on the morning of its first day: its enrolments, its sessions."""
        await self.draft(**WHOLE)
        await self.done("PUT", "/sessions", sessions=SESSIONS)
        await self.step("recruit")
        enrolments = await self.name()
        await self.step("file")
        await by_office(actions.approve_class, self)
        self.clock[0] = datetime(2026, 12, 7, 8, tzinfo=LOCAL)
        opened = await self.step("open")
        return enrolments, [one["id"] for one in opened["sessions"]]

    async def name(self, people: list[dict[str, Any]] = PEOPLE) -> list[str]:
        status, data = await self.ask("POST", f"{self.one}/people", people=people)
        assert status == 201, data
        return [one["enrolment"] for one in data["items"]]


async def make_phone(aiohttp_client: Any, files: FileStore | None = None) -> Phone:
    """Of somebody who acts for a firm, alone. files: where what is handed in lies."""
    entrance, clock = Entrance(), [NOW]
    made = Phone(await aiohttp_client(make_api(entrance, lambda: clock[0], files)), entrance, clock)
    made.firm = str(await make_firm())
    made.who = await make_person("钱经理", PHONE)
    await bind(made.who)
    return made


async def by_office(step: Any, phone: Phone, *words: str) -> None:
    """As the console does it."""
    row = await TrainingClass.get(id=phone.class_id)
    await step(OFFICER, CONTENT, row.id, row.version, *words, now=phone.clock[0])


def keys(worded: list[dict[str, str]]) -> list[str]:
    assert all(one["words"] and one["words"] != one["key"] for one in worded), worded
    return [one["key"] for one in worded]
