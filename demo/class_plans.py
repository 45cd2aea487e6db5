"""What the twenty classes of the demo are: of every programme, and in every state of their life."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from domain.training.life import Status


@dataclass(frozen=True, slots=True)
class Plan:
    """One class. `holder` is how the name of an institution or a firm begins; `starts` is counted
    in days from the first start of the demo; `people` is how many enrol."""

    title: str
    holder: str
    programme: str
    occupation: str
    level: str
    until: Status
    people: int
    starts: int
    days: int
    is_project: bool = False
    #: Has a session at every start of the demo (demo/open_session.py).
    lasting: bool = False
    #: Not all is written down yet.
    scanty: bool = False
    #: Two of its people have not been told yet what it has to tell (L12).
    owing: bool = False
    #: Its institution was suspended while it ran (L12).
    flagged: bool = False

    def dates(self, today: date) -> tuple[date, date]:
        """First and last day."""
        first = FIRST_OF_2021 if self.starts == YEARS_AGO else today + timedelta(days=self.starts)
        return first, first + timedelta(days=self.days - 1)


#: 以工代训 was a measure of 2021 (L01): its class is of then, and put away.
YEARS_AGO, FIRST_OF_2021 = -9999, date(2021, 6, 1)

#: title, holder, programme, occupation, level, state, people, first day, days, marks.
_TABLE = """
养老护理员（五级）|聊城市东昌府区百姓家|elderly-care|养老护理员|五级|open|16|-6|67|lasting
电工（五级）项目制|阳谷县鸿翔|project|电工|五级|open|14|-6|67|lasting is_project
家政服务第1期|阳谷县鸿达|domestic-service|家政服务||recruiting|5|20|8|
网络创业（马兰花）第1期|聊城市东昌府区启航|entrepreneurship|网络创业||recruiting|8|18|7|
农艺工（乡村振兴）第1期|莘县绿野|rural-revitalisation|农艺工||recruiting|6|22|10|is_project
中式烹调师（鲁菜）第1期|冠县鲁味轩|shandong-cuisine|中式烹调师|五级|recruiting|3|25|12|
养老护理员（五级）东阿第1期|东阿县康颐|elderly-care|养老护理员|五级|recruiting|0|24|12|
数控车工（三级）第1期|高唐县众工|golden-blue-collar|数控车工|三级|filed|12|6|12|owing
中式面点师第1期|临清市运河名厨|shandong-cuisine|中式面点师|五级|filed|10|8|10|
轴承装配工岗位提升第1期|东阿县铜城轴承|enterprise-staff|轴承装配工||filed|9|9|5|
焊工（五级）第1期|茌平区信诚|project|焊工|五级|approved|12|3|12|is_project
互联网营销师（线上）第1期|聊城市东昌府区启航|internet-plus|互联网营销师||returned|7|12|9|
数控车工学徒班第1期|聊城市东昌府区新航|new-apprenticeship|数控车工||open|10|-10|60|
手工编织（非遗）第1期|冠县梨园巧手|heritage|手工编织||open|9|-45|60|flagged
育婴员第1期|聊城市东昌府区百姓家|domestic-service|育婴员|五级|ended|10|-20|10|
焊工（五级）阳谷第1期|阳谷县鸿翔|project|焊工|五级|archived|10|-70|12|is_project
新招人员以工代训|聊城市东昌府区暖心家政|work-training|家政服务||archived|6|-9999|183|
中式面点师兴趣班|冠县鲁味轩|shandong-cuisine|中式面点师||draft|0|40|8|scanty
在校生焊工第1期|高唐县众工|students|焊工|五级|draft|0|45|10|
美容师第1期|临清市金手指|rural-revitalisation|美容师||cancelled|4|-110|10|
"""


def _read(line: str) -> Plan:
    title, holder, programme, occupation, level, until, *numbers, marks = line.split("|")
    people, starts, days = map(int, numbers)
    return Plan(
        *(title, holder, programme, occupation, level),
        until=Status(until),
        people=people,
        starts=starts,
        days=days,
        is_project="is_project" in marks,
        lasting="lasting" in marks,
        scanty="scanty" in marks,
        owing="owing" in marks,
        flagged="flagged" in marks,
    )


PLANS: Sequence[Plan] = tuple(_read(line) for line in _TABLE.strip().splitlines())
