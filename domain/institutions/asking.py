"""What a person who asks about schools wants to know, out of their own words. Pure.

鸿翔学校还能报名吗 asks about one by its name, 高唐能教叉车的有哪几家 for all of a county that teach
something, 查学校 for nothing yet.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from domain.institutions.names import (
    Named,
    Places,
    find_core,
    find_in_sentence,
    find_nearest,
    find_spelled,
    search,
    spell,
)
from domain.institutions.queries import Listing

#: Of those that are meant, and of those that are near.
MOST_OFFERED = 3
_LONGEST_NAME = 30
_LONGEST_CORE = 12
_SHORTEST_OCCUPATION = 2
_SHORTEST_NAME = 2
_WHOLE_MATCH = 2

#: What stands around a name.
_AROUND = re.compile(
    "(?:请问|你好|您好|麻烦|帮忙|帮我|帮俺|给我|给俺|我想|俺想|我要|想要|想问问?|问一?下|问问|打听一?下?"
    "|查一?下|查查|查询|核实一?下?|看一?看|看一?下|知道|听说|听人说|说是|名叫|叫做|叫|那个|这个|那家|这家"
    "|那所|这所|一家|一所|一个|有没有|有没|是不是|是否|能不能|可不可以|还能不能|还能|还在|还有|能否|不能"
    "|我报的|我报了|报名|报的|上的|学的|招生|招人|开班|在不在|是真的|真的|假的|真假|是骗子|骗子|骗人|黑学校"
    "|正规不正规|正不正规|正规|正经|合法|靠谱|可靠|可信|怎么样|咋样|好不好|如何|什么时候|啥时候"
    "|被暂停|暂停|被停了?|停了|停课|停办|停招|关门|倒闭|摘牌|被取消|取消|移出|恢复|拉黑|黑名单|还开着|开着"
    "|目录里?|名单|备过?案|资质|执照|许可证|牌照|电话号?码?|地址|联系方式|在哪里?|哪条路|哪里|多少|号码"
    "|什么|啥啥|某某|哪家|哪个|哪些|哪几家|几家|叫啥|附近|最近|离我近|近的|定点|公立|民办|政府|市里|县里|城里"
    "|[，,。.！!？?、；;：:“”\"'（）()~～ ]|的话|今天|现在|目前|已经|因为|吗|嘛|呢|吧|啊|呀|么"
    "|没有?|不$|不是|了)"
)
_EDGES = (
    "的是在有我俺你您恁他她它这那家所个查找问看搜学教上去把被还能和跟与里就都也从给让说想要不没"
)
_WITHOUT_EDGES = {ord(char): None for char in _EDGES}
_GENERIC = re.compile("(?:学校|培训|中心|机构|学院|技校|职校|职专|中专|公司)")
_NO_NAME = re.compile("[我俺你您恁他她它这那哪啥吗谁]")
_WANTS_LIST = re.compile(
    "哪些|哪几|几家|有哪|名单|都有|列|花名册|附近|离.{0,6}近|最近|哪个学校|哪家|谁家|找.{0,4}学"
)


@dataclass(frozen=True, slots=True)
class Meant:
    """Those that the words name; of several of one core all."""

    found: Sequence[Listing]


@dataclass(frozen=True, slots=True)
class Near:
    """No institution is called `asked`; these sound like it. None: nothing does."""

    asked: str
    found: Sequence[Listing]


@dataclass(frozen=True, slots=True)
class Among:
    """All listed ones of a county, or that teach something, are asked for."""

    county: str | None
    occupation: str
    found: Sequence[Listing]


@dataclass(frozen=True, slots=True)
class Unclear:
    """Nothing is named. `whole`: the whole directory is asked for."""

    whole: bool = False


Asked = Meant | Near | Among | Unclear


def understand(listings: Sequence[Listing], words: str, places: Places) -> Asked:
    """What `words` ask, given the directory as it stands."""
    by_id = {one.id: one for one in listings}
    names = [Named(one.id, one.name, one.county, "", "") for one in listings]

    def show(found: Sequence[Named]) -> list[Listing]:
        return [by_id[one.id] for one in found]

    meant = find_in_sentence(names, words, places) or find_spelled(names, words, places)
    if meant:
        return Meant(show(meant))
    asked = read_name(words, places)
    occupation = find_occupation(listings, words)
    # 电工培训学校 asks for those that teach it, 金手指美发学校 for one of them.
    own = find_core(asked, places).replace(occupation, "").translate(_WITHOUT_EDGES)
    if len(own) >= _SHORTEST_NAME:
        ranked = search(names, asked, places)
        if ranked:
            whole = [one for rank, one in ranked if rank <= _WHOLE_MATCH]
            return Meant(show(whole or [one for _, one in ranked]))
        return Near(asked, show(find_nearest(names, asked, places, MOST_OFFERED)))
    county = places.find(spell(words))
    if county is not None or occupation:
        return Among(county, occupation, _list_among(listings, county, occupation))
    return Unclear(bool(_WANTS_LIST.search(words)))


def read_name(words: str, places: Places) -> str:
    """The name of a school in `words`, as it is written there; "" where none is.

    What is asked about it is taken away first; what is left and is called a school, or is all
    that was said, is the name.
    """
    said = spell(words)
    pieces = [piece.strip(_EDGES) for piece in _AROUND.split(said)]
    for piece in pieces:
        if _GENERIC.search(piece) and _is_name(piece, places):
            return piece
    whole = [piece for piece in pieces if piece]
    if len(whole) == 1 and len(said) <= _LONGEST_CORE and _is_name(whole[0], places):
        return whole[0]
    return ""


def find_occupation(listings: Sequence[Listing], words: str) -> str:
    """The occupation that is taught somewhere and named in `words`, the longest; "" for none."""
    said = spell(words)
    taught = {occupation for one in listings for occupation in one.may_teach}
    found = [one for one in taught if len(one) >= _SHORTEST_OCCUPATION and spell(one) in said]
    return max(sorted(found), key=len, default="")


def _is_name(piece: str, places: Places) -> bool:
    core = find_core(piece, places)
    is_place = any(core in (name, f"{name}县") for name, _ in places.pairs)
    return (
        len(piece) <= _LONGEST_NAME
        and _SHORTEST_NAME <= len(core) <= _LONGEST_CORE
        and not is_place
        and not _NO_NAME.search(core)
    )


def _list_among(listings: Sequence[Listing], county: str | None, occupation: str) -> list[Listing]:
    return [
        one
        for one in listings
        if one.standing.status == "listed"
        and county in (None, one.county)
        and (not occupation or occupation in one.may_teach)
    ]


def find_by_id(listings: Sequence[Listing], wanted: Sequence[str]) -> list[Listing]:
    """Those of these ids, in the order of `wanted`; who is no longer there is left out."""
    by_id = {one.id: one for one in listings}
    return [by_id[UUID(one)] for one in wanted if UUID(one) in by_id]
