"""A class that lacks nothing, for the rules' tests to take something away from."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from domain.calendar import LOCAL
from domain.training.details import Details, Sitting, Video
from domain.training.rules import ClassFacts


@dataclass(frozen=True)
class TrialProgramme:
    """As content.schema.Programme."""

    key: str = "elderly-care"
    by: tuple[str, ...] = ("institution",)
    counts: bool = True
    on_the_job: bool = False
    online: bool = False


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A time in December 2026, Asia/Shanghai."""
    return datetime(2026, 12, day, hour, minute, tzinfo=LOCAL)


DETAILS = Details(
    title="养老护理员（初级）第1期",
    programme="elderly-care",
    occupation="养老护理员",
    county="371502",
    capacity=30,
    level="初级",
    demand_analysis="辖区三家养老院缺护理员四十人，已逐家走访。",
    plan="理论四课时，实操八课时。",
    address="东昌府区演示路1号",
    latitude=36.45,
    longitude=115.98,
    teacher="演示教师",
    target_group="城乡劳动者",
    hours=12,
    starts_on=date(2026, 12, 7),
    ends_on=date(2026, 12, 9),
)
SITTINGS = tuple(Sitting(at(day, 8, 30), at(day, 11, 30), "护理基础") for day in (7, 8, 9))
VIDEO = Video("市局存储 /2026/护理1期", "a" * 64, "演示职校教务处")
WHOLE = ClassFacts(DETAILS, TrialProgramme(), SITTINGS, taken=12, untested=0, tests=1, video=VIDEO)


def but(facts: ClassFacts = WHOLE, **changes: object) -> ClassFacts:
    """`facts` with other details."""
    return replace(facts, details=replace(facts.details, **changes))  # type: ignore[arg-type]
