"""The fictional people of the demo: 400 of eight counties. The first hold a phone in the sandbox
and are known from rosters alone; some are bound in the mini-program and the official account."""

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from uuid import UUID

from demo.seeding import Seeded, seed_people
from demo.world import World, read_content
from domain.actor import System
from domain.enrolments.queries import find_classes_of
from domain.people.consents import current_notice
from domain.people.naming import Named
from domain.people.queries import find_bound_people, find_known_people
from domain.people.rules import complete_id_number

#: Name and the first 17 digits of the citizen ID: region (东昌府, 阳谷, 莘县, 东阿, 冠县, 临清),
#: day of birth, order. 371502 also for one born before that code existed: real cards carry it.
FIRST = (
    ("王素梅", "37150219780316902"),
    ("李建国", "37152119690822911"),
    ("张晓雨", "37152219990505946"),
    ("赵文博", "37152420010117935"),
    ("孙桂兰", "37152519721130928"),
    ("周立新", "37158119880704957"),
)
HOW_MANY = 400
#: Of these the numbers behind the first are bound from the beginning.
BOUND = range(len(FIRST), len(FIRST) + 40)
#: 169 has been given to no operator.
PHONE_PREFIX = "1690000"
COUNTIES = ("371502", "371503", "371521", "371522", "371524", "371525", "371526", "371581")

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙马朱胡郭何高林郑谢罗梁宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡"
#: Given names, of two characters each.
_FEMALE = "秀英桂芳丽华玉兰淑珍晓燕雪梅海霞春艳美玲文静佳怡欣悦雨桐思雨红梅爱华翠平"
_MALE = "建军志强永刚海波立新国庆文博浩然子轩俊杰晓东振华春生保国宏伟学文明亮德胜"
#: People of other peoples, whose names have a dot.
_DOTTED = ("买买提·艾山", "古丽娜尔·阿不都")
_OLDEST, _YOUNGEST = date(1966, 1, 1), date(2008, 6, 30)


@dataclass(frozen=True, slots=True)
class Somebody:
    """One of them; the number counts from 0."""

    number: int
    name: str
    id_number: str

    @property
    def phone(self) -> str:
        return f"{PHONE_PREFIX}{self.number + 1:04}"


class People:
    """Known by name; the first of them wait to be bound by whoever tries the demo."""

    title = "人员"

    async def seed(self, world: World) -> None:
        """Who is not there yet."""
        known = await find_known_people([person_id(world, n) for n in range(HOW_MANY)])
        missing = [one for one in list_people() if person_id(world, one.number) not in known]
        if not missing:
            return
        notice = current_notice(read_content().privacy, world.now.date())
        await seed_people(
            System("demo"),
            world.vault,
            [_seeded(world, one) for one in missing],
            consent=notice.version if notice else "",
            counties=COUNTIES,
            now=world.now,
        )

    async def describe(self, world: World) -> Mapping[str, Sequence[object]]:
        """Who they are, how they log in, and who is bound by now."""
        ids = [person_id(world, one.number) for one in list_people()]
        bound = await find_bound_people(ids)
        classes = await find_classes_of(ids)
        return {"people": [_describe(world, one, bound, classes) for one in list_people()]}


@cache
def list_people() -> tuple[Somebody, ...]:
    """All of them, the same on every machine."""
    chance = random.Random("people of the demo")  # noqa: S311
    people = [
        Somebody(number, name, complete_id_number(first_17))
        for number, (name, first_17) in enumerate(FIRST)
    ]
    numbers = {one.id_number for one in people}
    while len(people) < HOW_MANY:
        number = len(people)
        born = _OLDEST + timedelta(days=chance.randrange((_YOUNGEST - _OLDEST).days))
        female = chance.random() < 0.5
        order = 2 * chance.randrange(450, 500) + (0 if female else 1)
        county = COUNTIES[number % len(COUNTIES)]
        id_number = complete_id_number(f"{county}{born:%Y%m%d}{order:03}")
        given_names = _FEMALE if female else _MALE
        place = 2 * chance.randrange(len(given_names) // 2)
        if id_number in numbers:
            continue
        numbers.add(id_number)
        name = chance.choice(_SURNAMES) + given_names[place : place + 2]
        if number >= HOW_MANY - len(_DOTTED):
            name = _DOTTED[HOW_MANY - 1 - number]
        people.append(Somebody(number, name, id_number))
    return tuple(people)


def person_id(world: World, number: int) -> UUID:
    """The id of the person's row, the same at every start of one `var`."""
    digest = hashlib.sha256(world.derive(f"person {number}", 43).encode()).digest()
    return UUID(bytes=digest[:16])


def openid_of(world: World, number: int) -> str:
    """Their openid: on the stand-in one for both accounts."""
    return "o" + world.derive(f"openid {number}", 27)


def _seeded(world: World, one: Somebody) -> Seeded:
    id, named = person_id(world, one.number), Named(one.name, one.id_number, one.phone)
    if one.number not in BOUND:
        return Seeded(id, named)
    openid = openid_of(world, one.number)
    sender = world.vault.index(f"{world.accounts.app_id}\0{openid}", "person")
    return Seeded(id, named, openid, sender)


def _describe(
    world: World, one: Somebody, bound: set[UUID], classes: Mapping[UUID, Sequence[UUID]]
) -> Mapping[str, object]:
    own = classes.get(person_id(world, one.number), ())
    return {
        "name": one.name,
        "id_number": one.id_number,
        "phone": one.phone,
        "openid": openid_of(world, one.number),
        "login_code_hint": "0" + world.derive(f"login code {one.number}", 31),
        "bound": person_id(world, one.number) in bound,
        "enrolled": [str(id) for id in own],
    }
