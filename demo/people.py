"""The fictional people who hold a phone in the sandbox."""

from collections.abc import Mapping, Sequence

from demo.world import World

#: Name and the first 17 digits of the citizen ID: region (东昌府, 阳谷, 莘县, 东阿, 冠县, 临清),
#: day of birth, order. 371502 also for one born before that code existed: real cards carry it.
PEOPLE = (
    ("王素梅", "37150219780316902"),
    ("李建国", "37152119690822911"),
    ("张晓雨", "37152219990505946"),
    ("赵文博", "37152420010117935"),
    ("孙桂兰", "37152519721130928"),
    ("周立新", "37158119880704957"),
)
#: 169 has been given to no operator.
PHONE_PREFIX = "1690000"
CHECKSUM_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKSUM_CHARACTERS = "10X98765432"


class People:
    """They live on the platform's side alone until they are known by name."""

    async def seed(self, _world: World) -> None:
        """Nothing yet: whoever writes is met then."""

    async def describe(self, world: World) -> Mapping[str, Sequence[object]]:
        """Who they are, and how they log in."""
        return {"people": [_describe(world, number) for number in range(len(PEOPLE))]}


def _describe(world: World, number: int) -> Mapping[str, object]:
    name, first_17 = PEOPLE[number]
    return {
        "name": name,
        "id_number": complete_id_number(first_17),
        "phone": f"{PHONE_PREFIX}{number + 1:04}",
        "openid": "o" + world.derive(f"openid {number}", 27),
        "login_code_hint": "0" + world.derive(f"login code {number}", 31),
        "bound": False,
        "enrolled": [],
    }


def complete_id_number(first_17: str) -> str:
    """The 18-character citizen ID (GB 11643-1999) that begins with these 17 digits."""
    total = sum(
        weight * int(digit) for weight, digit in zip(CHECKSUM_WEIGHTS, first_17, strict=True)
    )
    return first_17 + CHECKSUM_CHARACTERS[total % 11]
