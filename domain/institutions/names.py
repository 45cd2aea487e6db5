"""By which words an institution is meant: parts of its name, its sound, its initials, slips. Pure.

People write 鸿翔 for 阳谷县鸿翔职业培训学校, 红翔培训 for its sound, hx for its initials. What
tells one institution from another is its core: the name without the place and without what all
are called.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from uuid import UUID

from pypinyin import Style, lazy_pinyin

from domain.faq.routing.pinyin import list_sounds

#: What all of them are called, as alternatives of a pattern.
GENERIC_WORDS = (
    "民办|职业|技能|技术|技工|技师|高级|中等|专业|培训|教育|咨询|科技|服务|人力资源|学校|学院"
    "|中心|机构|中专|技校|职校|职专|有限|责任|公司|分校|校区"
)
_TAIL = re.compile(f"(?:{GENERIC_WORDS}|（[^）]*）)+$")
#: What stands behind the core of a name in a sentence.
_GENERIC_FOLLOWS = re.compile(
    "(?:职业|技能|技术|技工|技师|培训|教育|人力|学校|学院|中心|机构|技校|职校|职专|中专|公司"
    "|[那这还被是在能正靠停咋怎有可，。？?！!]|$)"
)
_PROVINCE = re.compile("^(?:山东省?)?(?:聊城市?)?")
#: Words of Latin letters, with blanks between syllables.
LETTERS = re.compile("[a-z]+(?: [a-z]+)*")
_SPELLED_TAIL = re.compile(
    "(?:zhiye|jineng|jishu|jigong|peixun|jiaoyu|xuexiao|xueyuan|jixiao|zhixiao|zhongxin)+$"
)
_FEWEST_HAN = 2
_FEWEST_LETTERS = 2
#: How alike two cores must sound to be offered for one another.
_ALIKE = 0.6
_LONG_CORE = 3


@dataclass(frozen=True, slots=True)
class Named:
    """An institution by what it is found by."""

    id: UUID
    name: str
    county: str
    pinyin: str
    initials: str


@dataclass(frozen=True, slots=True)
class Places:
    """The counties by their names, (阳谷县, 371521) and (阳谷, 371521), the longest first."""

    pairs: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, counties: Iterable[tuple[str, str]]) -> "Places":
        """Of (code, name)."""
        pairs = {}
        for code, name in counties:
            pairs[name] = code
            if len(name) > _FEWEST_HAN:
                pairs[name[:-1]] = code
        return cls(tuple(sorted(pairs.items(), key=lambda pair: (-len(pair[0]), pair[0]))))

    def find(self, text: str) -> str | None:
        """The code of the county that is named first in `text`, None where none is."""
        found = ((text.find(name), code) for name, code in self.pairs)
        named = [(at, code) for at, code in found if at >= 0]
        return min(named)[1] if named else None

    def strip(self, text: str) -> str:
        """`text` without the places that it begins with."""
        rest = _PROVINCE.sub("", text)
        for name, _ in self.pairs:
            if rest.startswith(name) and len(rest) > len(name):
                return rest[len(name) :]
        return rest


def spell_sound(name: str) -> tuple[str, str]:
    """The syllables of `name` without tones, in one, and their initials."""
    han = "".join(char for char in name if char.isalnum())
    return (
        "".join(lazy_pinyin(han)).casefold(),
        "".join(lazy_pinyin(han, style=Style.FIRST_LETTER)).casefold(),
    )


def find_core(name: str, places: Places) -> str:
    """阳谷县鸿翔职业培训学校 -> 鸿翔; "" where nothing is left."""
    rest = places.strip(spell(name))
    return _TAIL.sub("", rest)


def spell(text: str) -> str:
    """`text` as names are compared."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold().translate(_TO_BRACKETS)


_TO_BRACKETS = str.maketrans("()", "（）")


def search(names: Sequence[Named], query: str, places: Places) -> list[tuple[int, Named]]:
    """(rank, institution) of those that `query` means, the nearest first: its whole name, its
    beginning, a part of it, its core, how it is read, its initials, the sound of its core."""
    asked = spell(query)
    if not asked:
        return [(0, one) for one in sorted(names, key=_order)]
    core = find_core(asked, places)
    county = places.find(asked) if core != asked else None
    found = []
    for one in names:
        rank = _rank(one, asked, core, county, places)
        if rank is not None:
            found.append((rank, one))
    return sorted(found, key=lambda pair: (pair[0], *_order(pair[1])))


def _rank(one: Named, asked: str, core: str, county: str | None, places: Places) -> int | None:
    name = spell(one.name)
    if asked == name:
        return 0
    if name.startswith(asked):
        return 1
    if asked in name:
        return 2
    if asked.isascii() and asked.isalnum():
        letters = asked.replace("'", "")
        if len(letters) < _FEWEST_LETTERS:
            return None
        if letters in one.pinyin:
            return 3
        return 4 if letters in one.initials else None
    if len(core) < _FEWEST_HAN or (county is not None and county != one.county):
        return None
    own = _core_of(one.name, places)
    if core in own or (len(own) >= _FEWEST_HAN and own in core):
        return 5
    return 6 if _sounds_within(core, own) else None


def find_in_sentence(names: Sequence[Named], sentence: str, places: Places) -> list[Named]:
    """Those whose core, or its sound, stands in `sentence`, the longest core first.

    A core that stands within another one's (鸿翔 in 新鸿翔) is not meant. A sound of
    two syllables counts only where a name ends behind it: half the language is made of such.
    """
    said = spell(sentence)
    sounds = list_sounds(said)
    county = places.find(said)
    hits: list[tuple[int, int, int, Named]] = []
    for one in names:
        core = _core_of(one.name, places)
        if len(core) < _FEWEST_HAN:
            continue
        start = said.find(core)
        if start >= 0:
            hits.append((0, start, len(core), one))
            continue
        heard = _hear(said, sounds, core)
        if heard is not None:
            hits.append((1, heard, len(core), one))
    if any(kind == 0 for kind, *_ in hits):
        hits = [hit for hit in hits if hit[0] == 0]
    longest = [hit for hit in hits if not any(_lies_within(hit, other) for other in hits)]
    whole = [hit for hit in longest if spell(hit[3].name) in said]
    chosen = whole or longest
    there = [hit for hit in chosen if hit[3].county == county]
    return [hit[3] for hit in sorted(there or chosen, key=lambda hit: (-hit[2], *_order(hit[3])))]


def find_spelled(names: Sequence[Named], sentence: str, places: Places) -> list[Named]:
    """Those whose core is spelled in Latin letters in `sentence`, alone or with what all are
    called: hongxiang, hong xiang xuexiao. Nothing less than the whole of it counts."""
    runs = {fold_letters(run) for run in LETTERS.findall(sentence.casefold())}
    if not runs:
        return []
    county = places.find(spell(sentence))
    hits = [one for one in names if _spell_core(one.name, places) in runs]
    there = [one for one in hits if one.county == county]
    return sorted(there or hits, key=_order)


def find_nearest(names: Sequence[Named], asked: str, places: Places, most: int) -> list[Named]:
    """Up to `most` whose core is like that of `asked`, the likest first; none that is not."""
    core = find_core(asked, places)
    if len(core) < _FEWEST_HAN:
        return []
    county = places.find(spell(asked))
    near = []
    for one in names:
        likeness = _likeness(core, _core_of(one.name, places))
        if likeness >= _ALIKE:
            near.append((-likeness, one.county != county, *_order(one), one))
    return [found[-1] for found in sorted(near, key=lambda found: found[:-1])[:most]]


def _likeness(asked: str, own: str) -> float:
    if not own:
        return 0.0
    by_sound = SequenceMatcher(None, list_sounds(asked), list_sounds(own), autojunk=False).ratio()
    by_sight = SequenceMatcher(None, asked, own, autojunk=False).ratio()
    if len(asked) == len(own) == _FEWEST_HAN and any(map(str.__eq__, asked, own)):
        # 启行 for 启航: half of it is right, and in its place.
        return max(by_sound, by_sight, _ALIKE)
    if min(len(asked), len(own)) < _LONG_CORE and max(by_sound, by_sight) < 1 and by_sight < 0.5:
        return 0.0
    return max(by_sound, by_sight)


def _sounds_within(asked: str, own: str) -> bool:
    heard, wanted = list_sounds(asked), list_sounds(own)
    if not all(heard) or len(wanted) < _FEWEST_HAN:
        return False
    return _index_of(wanted, heard) is not None or _index_of(heard, wanted) is not None


def _hear(said: str, sounds: Sequence[str], core: str) -> int | None:
    """Where something in `said` sounds as `core` and can be a name."""
    wanted = list_sounds(core)
    if not all(wanted):
        return None
    start = _index_of(sounds, wanted)
    if start is None:
        return None
    end = start + len(core)
    return start if len(core) >= _LONG_CORE or _GENERIC_FOLLOWS.match(said, end) else None


def _index_of(whole: Sequence[str], part: Sequence[str]) -> int | None:
    size = len(part)
    for start in range(len(whole) - size + 1):
        if list(whole[start : start + size]) == list(part):
            return start
    return None


def _lies_within(hit: tuple[int, int, int, Named], other: tuple[int, int, int, Named]) -> bool:
    return (
        hit is not other
        and other[2] > hit[2]
        and other[1] <= hit[1]
        and hit[1] + hit[2] <= other[1] + other[2]
    )


def _order(one: Named) -> tuple[str, str]:
    return one.name, str(one.id)


def fold_letters(letters: str) -> str:
    """Letters that spell a name, in one, without what all are called; 绿野 is typed lvye, luye."""
    return _SPELLED_TAIL.sub("", letters.replace(" ", "")).replace("v", "u")


@lru_cache(maxsize=4096)
def _spell_core(name: str, places: Places) -> str:
    return fold_letters(spell_sound(find_core(name, places))[0])


@lru_cache(maxsize=4096)
def _core_of(name: str, places: Places) -> str:
    return find_core(name, places)
