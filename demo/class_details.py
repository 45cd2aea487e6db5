"""What the holders of the demo's classes have written of them, and when the classes sit."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from content.schema import Programme
from demo.class_plans import Plan
from domain.calendar import LOCAL
from domain.training.details import Details, Sitting, count_lessons

#: Sittings of a class.
MOST_SITTINGS = 12


def plan_sittings(plan: Plan, first: date, last: date) -> list[Sitting]:
    """A morning or an afternoon a day; of a class that lasts those before the first start alone."""
    days = -plan.starts if plan.lasting else min((last - first).days + 1, MOST_SITTINGS)
    begin, end = (time(14), time(17)) if plan.is_project else (time(8, 30), time(11, 30))
    return [
        Sitting(
            datetime.combine(day, begin, LOCAL),
            datetime.combine(day, end, LOCAL),
            f"{plan.occupation}：第{number}讲",
        )
        for number, day in enumerate((first + timedelta(days=one) for one in range(days)), 1)
    ]


#: County towns, roughly, GCJ-02: code -> latitude, longitude.
_TOWNS: Mapping[str, tuple[float, float]] = {
    "371502": (36.4535, 115.9883),
    "371503": (36.5808, 116.2551),
    "371521": (36.1143, 115.7915),
    "371522": (36.2336, 115.6711),
    "371524": (36.3349, 116.2476),
    "371525": (36.4843, 115.4428),
    "371526": (36.8659, 116.2311),
    "371581": (36.8383, 115.7049),
}


def write_details(
    plan: Plan, programme: Programme, county: str, dates: tuple[date, date], number: int
) -> Details:
    """What its holder has written of the class of `plan`, the `number`th."""
    latitude, longitude = _TOWNS[county]
    bare = Details(
        title=plan.title,
        programme=plan.programme,
        occupation=plan.occupation,
        county=county,
        capacity=30,
        level=plan.level,
        is_project=plan.is_project,
        starts_on=dates[0],
        ends_on=dates[1],
    )
    if plan.scanty:
        return bare
    sittings = plan_sittings(plan, *dates)
    # A class that lasts gets more of them as the demo is started again.
    scheduled = f"共{len(sittings)}次课" + ("，之后的实操练习陆续排" if plan.lasting else "")
    return replace(
        bare,
        demand_analysis=f"走访和报名摸底：当地{plan.occupation}用工缺口大，报名的人愿意学完就近就业。",
        plan="" if programme.on_the_job else f"理论和实操各一半，最后考核。{scheduled}。",
        address=f"演示路{number + 1}号",
        latitude=None if programme.online else latitude,
        longitude=None if programme.online else longitude,
        teacher="演示教师",
        target_group="城乡劳动者，年满16周岁，自愿报名",
        hours=0 if programme.on_the_job else count_lessons(sittings),
    )
