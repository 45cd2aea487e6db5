"""Thirty fictional firms of all eight counties, and who of the demo's people acts for some."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stdnum.cn.uscc import calc_check_digit

from demo.people import list_people, openid_of
from demo.world import World, read_content
from domain.actor import System, Trainee
from domain.decisions.actions import approve_request
from domain.employers.actions import bind_employer, register_employer
from domain.employers.queries import find_by_codes, list_first_contacts
from domain.people.queries import find_masked, find_people_by_id_numbers

SEEDING = System("demo")

#: By the county's code: a word of the place, and what its firms do.
FIRMS: Mapping[str, tuple[str, Sequence[str]]] = {
    "371502": (
        "聊城市东昌府区",
        ("暖心家政服务", "湖畔餐饮管理", "云帆电子商务", "众诚人力资源", "新航机械"),
    ),
    "371503": ("茌平区", ("信合铝业加工", "博硕家纺", "金号物业服务", "绿源食品")),
    "371521": ("阳谷县", ("景阳冈旅游服务", "谷山电缆", "凤祥路养殖", "张秋木雕工艺")),
    "371522": ("莘县", ("莘亭蔬菜种植", "鸿图包装", "燕塔物流", "古云粮油")),
    "371524": ("东阿县", ("阿城康养服务", "鱼山黄河旅游", "铜城轴承")),
    "371525": ("冠县", ("梨园果品", "清水纺织", "冠宜春路酿造", "灵芝小镇种植")),
    "371526": ("高唐县", ("鱼丘湖酒店管理", "双海湖建材", "清平森林食品")),
    "371581": ("临清市", ("运河哈达织造", "先锋路轴承", "贡砖文化传播")),
}
SUFFIX = "有限公司（演示）"
#: The first firms' register knows the phones that the demo's people hold, who so bind at once;
#: that of the others is nobody's, for 169 has been given to no operator.
OTHER_PHONE = "1690001{number:04}"
#: So many of the firms have a contact, where anybody is bound by name. The next waits for an
#: officer, so that there is something to decide.
WITH_CONTACT = 12


@dataclass(frozen=True, slots=True)
class _Somebody:
    """`person` is None for who is not bound by name."""

    phone: str
    openid: str
    person: Trainee | None


class Employers:
    """The register of firms, and contacts for some."""

    title = "企业"

    async def seed(self, world: World) -> None:
        """Firms that are not there yet; a contact for each of the first ones as it is made."""
        known = await find_by_codes([code for _, code, _ in list_firms()])
        people = await _list_people(world)
        bound = [one.person for one in people if one.person is not None]
        for number, (name, code, county) in enumerate(list_firms(), 1):
            if code in known:
                continue
            own = people[number - 1] if number <= min(len(people), WITH_CONTACT) else None
            await register_employer(
                SEEDING,
                world.vault,
                uscc=code,
                name=name,
                county=county,
                phone=OTHER_PHONE.format(number=number) if own is None else own.phone,
                now=world.now,
            )
            contact = None if own is None else own.person
            if contact is None and bound:
                contact = bound[number % len(bound)]
            if contact is not None and number <= WITH_CONTACT + 1:
                await _bind(world, contact, code, decide=number <= WITH_CONTACT)

    async def describe(self, world: World) -> Mapping[str, Sequence[object]]:
        """All firms; `contact_openid` of the contact who has acted for it longest, null for none
        and for one who is nobody of the demo's."""
        openids = {
            one.person.id: one.openid for one in await _list_people(world) if one.person is not None
        }
        firms = await find_by_codes([code for _, code, _ in list_firms()])
        contacts = await list_first_contacts([firm.id for firm in firms.values()])
        openid_of = {firm: openids.get(person) for firm, person in contacts.items()}
        return {
            "employers": [
                {
                    "name": firms[code].name,
                    "uscc": code,
                    "contact_openid": openid_of.get(firms[code].id),
                }
                for _, code, _ in list_firms()
                if code in firms
            ]
        }


def list_firms() -> list[tuple[str, str, str]]:
    """(name, code, county) of each, in their order: the counties take turns."""
    rounds = max(len(firms) for _, firms in FIRMS.values())
    placed = [
        (f"{place}{firms[turn]}{SUFFIX}", county)
        for turn in range(rounds)
        for county, (place, firms) in FIRMS.items()
        if turn < len(firms)
    ]
    return [
        (name, make_code(county, number), county) for number, (name, county) in enumerate(placed, 1)
    ]


def make_code(county: str, number: int) -> str:
    """A valid code of a firm that there is not."""
    base = f"91{county}MADEM{number:04}"
    return base + calc_check_digit(base)


async def _list_people(world: World) -> list[_Somebody]:
    """The demo's people, in their order."""
    people = list_people()
    known = await find_people_by_id_numbers(world.vault, [one.id_number for one in people])
    masked = await find_masked(world.vault, list(known.values()))
    bound = {number: Trainee(id) for number, id in known.items() if masked[id].bound}
    return [
        _Somebody(one.phone, openid_of(world, one.number), bound.get(one.id_number))
        for one in people
    ]


async def _bind(world: World, person: Trainee, code: str, *, decide: bool) -> None:
    """As they would in the client; where no phone proves it, approved or left to an officer."""
    counties = [county.code for county in read_content().counties]
    binding = await bind_employer(
        person,
        world.vault,
        uscc=code,
        name="",
        county="",
        counties=counties,
        note="我是单位的经办人",
        now=world.now,
    )
    if binding.request is not None and decide:
        await approve_request(
            SEEDING,
            world.vault,
            request_id=binding.request.id,
            version=binding.request.version,
            now=world.now,
        )
