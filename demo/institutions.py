"""Twelve fictional institutions of all eight counties, one suspended, one removed, and examples of
subsidy standards. Names, numbers, telephones and amounts are made up."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from stdnum.cn.uscc import calc_check_digit

from demo.world import World, read_content
from domain.actor import System
from domain.calendar import LOCAL
from domain.institutions.actions import list_institution, remove_institution, suspend_institution
from domain.institutions.queries import list_listings
from domain.institutions.rules import Entry
from domain.institutions.writing import Dated
from domain.sheets.writing import Fen, write_separated
from domain.standards.importing import import_standards

SEEDING = System("demo")
#: Suspended, and removed, so many days before the demo was first started.
SUSPENDED_DAYS, REMOVED_DAYS = 40, 120

#: (name, county, street, what it may teach). Schools that are not for profit have numbers that
#: begin with 52. Of two in one county with like names people mean now one and now the other.
INSTITUTIONS: Sequence[tuple[str, str, str, str]] = (
    ("阳谷县鸿翔职业培训学校", "371521", "谷山北路18号", "电工、焊工、叉车司机"),
    ("阳谷县鸿达职业培训学校", "371521", "运河西路6号", "家政服务、育婴员"),
    (
        "聊城市东昌府区启航职业培训学校",
        "371502",
        "湖南东路101号",
        "电子商务师、网络创业、互联网营销师",
    ),
    ("聊城市东昌府区百姓家职业培训学校", "371502", "柳园北路55号", "家政服务、养老护理员、育婴员"),
    ("茌平区信诚职业技能培训学校", "371503", "信发路27号", "电工、焊工、起重工"),
    ("莘县绿野职业培训学校", "371522", "鸿图街9号", "农艺工、农机驾驶员、电子商务师"),
    ("东阿县康颐职业培训学校", "371524", "曙光街33号", "养老护理员、保健按摩师"),
    ("冠县鲁味轩职业培训学校", "371525", "清泉路12号", "中式烹调师、中式面点师"),
    ("冠县梨园巧手职业培训学校", "371525", "育才路4号", "手工编织、缝纫工"),
    ("高唐县众工职业培训学校", "371526", "金城路80号", "钳工、数控车工、焊工"),
    ("临清市运河名厨职业培训学校", "371581", "大众路21号", "中式烹调师、中式面点师"),
    ("临清市金手指职业培训学校", "371581", "新华路66号", "美容师、美发师"),
)
SUSPENDED = "冠县梨园巧手职业培训学校"
REMOVED = "临清市金手指职业培训学校"

#: Occupation, kind, level, hours, yuan.
STANDARDS: Sequence[tuple[str, str, str, int, int]] = (
    *(("电工", "职业技能等级", "五级", 120, 1500), ("电工", "职业技能等级", "四级", 140, 1800)),
    *(("焊工", "职业技能等级", "五级", 120, 1500), ("叉车司机", "特种设备作业", "", 80, 1200)),
    *(("家政服务", "专项职业能力", "", 80, 800), ("养老护理员", "职业技能等级", "五级", 120, 1500)),
    *(
        ("育婴员", "职业技能等级", "五级", 100, 1300),
        ("中式烹调师", "职业技能等级", "五级", 120, 1500),
    ),
    *(
        ("中式面点师", "职业技能等级", "五级", 100, 1200),
        ("电子商务师", "职业技能等级", "五级", 100, 1200),
    ),
    *(("网络创业", "合格证", "", 56, 1000), ("手工编织", "专项职业能力", "", 60, 600)),
)
STANDARD_TITLES = ("职业（工种）", "类别", "等级", "课时", "补贴标准（元/人）", "起始日期", "文号")
_VALID_FROM = date(2026, 1, 1)
_DOCUMENT = "演示文件第{number}号"
#: 0635 is the city's code; numbers that begin with 1 are nobody's.
_PHONE = "0635-1{number:06}"


class Institutions:
    """The directory and the standards."""

    title = "培训机构和补贴标准"

    async def seed(self, world: World) -> None:
        """Those that are not there yet, each with its records."""
        today = world.now.astimezone(LOCAL).date()
        known = {one.uscc for one in await list_listings(date.max)}
        counties = frozenset(county.code for county in read_content().counties)
        for number, one in enumerate(INSTITUTIONS, 1):
            entry = make_entry(number)
            if entry.uscc in known:
                continue
            listed = Dated(date(2024, 3, 1), document=_DOCUMENT.format(number=number))
            institution_id = await list_institution(
                SEEDING,
                world.vault,
                entry,
                listed,
                counties=counties,
                now=world.now,
            )
            if one[0] == SUSPENDED:
                since = today - timedelta(days=SUSPENDED_DAYS)
                dated = Dated(since, None, "招生时许诺补贴、冒用政府部门名义", "演示文件第21号")
                await suspend_institution(
                    SEEDING, institution_id=institution_id, dated=dated, now=world.now
                )
            elif one[0] == REMOVED:
                since = today - timedelta(days=REMOVED_DAYS)
                dated = Dated(since, None, "培训材料造假", "演示文件第22号")
                await remove_institution(
                    SEEDING, institution_id=institution_id, dated=dated, now=world.now
                )
        await import_standards(SEEDING, make_standards(), examples=True, now=world.now)

    async def describe(self, world: World) -> Mapping[str, object]:
        """All institutions as they stand today."""
        listings = await list_listings(world.now.astimezone(LOCAL).date())
        return {
            "institutions": [
                {"id": str(one.id), "name": one.name, "status": one.standing.status}
                for one in listings
            ]
        }


def make_entry(number: int) -> Entry:
    """The entry of the institution of this number, from 1."""
    name, county, street, teaches = INSTITUTIONS[number - 1]
    base = f"52{county}MJD{number:06}"
    return Entry(
        name=name,
        uscc=base + calc_check_digit(base),
        county=county,
        address=street,
        may_teach=tuple(teaches.split("、")),
        phone=_PHONE.format(number=number),
        contact=f"王老师{number}",
    )


def make_standards() -> bytes:
    """The sheet of the standards, the same at every start."""
    rows = (
        (*one[:4], Fen(one[4] * 100), _VALID_FROM, f"演示文件第{30 + number}号（示例金额）")
        for number, one in enumerate(STANDARDS)
    )
    return write_separated(STANDARD_TITLES, rows)
