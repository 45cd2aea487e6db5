"""Which messages ask about an institution by its name, and about nothing else. Pure.

梨园巧手还能报名吗 is not like any phrasing of the content: only the directory knows that 梨园巧手
is a school. 补贴 in 鸿翔学完能领补贴吗, and whatever else is said, makes it another question.
"""

import re
from collections.abc import Callable, Iterable

from domain.faq.routing.text import normalise
from domain.institutions.names import (
    GENERIC_WORDS,
    LETTERS,
    Places,
    find_core,
    fold_letters,
    spell_sound,
)

#: A longer message asks more than this.
_MOST_READ = 40
_FEWEST = 2
#: What is said around a name by whoever asks how the school stands.
_AROUND = re.compile(
    "(?:请问|你好|您好|麻烦|帮忙|帮|给|问|打听|查|核实|看|知道|听说|听人说|说|名叫|叫做|叫|那个|这个|那|这"
    "|我|俺|咱|恁|您|你|他们|他|它|想|要|一下|下|家|所|个|到底|现在|目前|今年|今天|已经|的"
    "|还|能否|能|可以|可不可以|可|报名|报|招生|招人|招|在|是否|是|真的?|假的?|骗子|骗人|黑学校|正规|正经|合法"
    "|靠谱|可靠|可信|怎么样|咋样|好不好|好|如何|行|中|被|暂停|停课|停办|停招|停|关门|倒闭|摘牌|取消|移出|恢复|拉黑"
    "|黑名单|开着|办着|目录|名单|里|上|备过?案|资质|执照|许可证|牌照|有|没|不|电话号?码?|地址|联系方式|哪里|哪"
    "|了|吗|嘛|呢|吧|啊|呀|么|学校|机构)*"
)
#: Who says 报名 and asks nothing wants a class, not the school's standing.
_ENROLS = re.compile("报|招")
_ASKS = re.compile("[吗嘛么呢不没否能可还]|咋|怎")
#: Of classes that begin, or of going there.
_WISHES = re.compile(
    "报名|[想要去]报|^报|[想要]去|[想要]上|[开有].{0,4}班|开课|招哪|[啥么哪]班|[啥么]时候开|[几哪][号天]开"
)
#: How it stands, money and papers are other questions.
_NO_WISH = re.compile(
    "还|能|可以|[补钱费证退假停]|正规|骗|靠谱|目录|名单|投诉|怎么样|咋样|电话|地址|在哪"
)
#: What is said around a name by whoever wants a class there, beside _AROUND.
_AROUND_WISH = re.compile(
    f"(?:什么时候|啥时候|多会儿?|多咱|几号|几月|哪天|开班|开课|培训班|班|课|开|学习?|去|上|哪些|哪个|什么|啥|几|有|新|{_AROUND.pattern[3:-2]})*"
)
_GENERIC = f"(?:{GENERIC_WORDS})*"


class Spotter:
    """The names of the directory, ready to be found in messages."""

    def __init__(
        self, names: Iterable[str], places: Places, is_ordinary: Callable[[str], bool]
    ) -> None:
        """`is_ordinary`: whether something in characters, or in letters, is a word that people
        use otherwise too (创业): by that alone no school is meant."""
        found = {normalise(find_core(name, places)) for name in names}
        cores = {core for core in found if len(core) >= _FEWEST and not is_ordinary(core)}
        self._by_head: dict[str, list[str]] = {}
        for core in sorted(cores, key=lambda core: (-len(core), core)):
            self._by_head.setdefault(core[:_FEWEST], []).append(core)
        self._spelled: dict[str, str] = {}
        for core in sorted(cores):
            spelled = spell_sound(core)[0]
            if spelled.isascii() and not is_ordinary(spelled):
                self._spelled.setdefault(fold_letters(spelled), core)
        county = "|".join(re.escape(name) for name, _ in places.pairs)
        self._place = re.compile(
            f"(?:山东省?|聊城市?|{county})" if county else "(?:山东省?|聊城市?)"
        )

    def spots(self, said: str) -> bool:
        """Whether `said` asks after one of them."""
        return self._find(said, self._is_about_it)

    def spots_wish(self, said: str) -> bool:
        """Whether `said` wants a class of one of them, or asks when one begins."""
        return wishes_class(said) and self._find(said, self._is_wish)

    def _find(self, said: str, fits: Callable[[str, str], bool]) -> bool:
        if not self._by_head or len(said) > _MOST_READ:
            return False
        text = LETTERS.sub(self._write_out, normalise(said))
        for start in range(len(text) - 1):
            for core in self._by_head.get(text[start : start + _FEWEST], ()):
                if text.startswith(core, start):
                    rest = re.sub(f"^{_GENERIC}", "", text[start + len(core) :])
                    if fits(text[:start], rest):
                        return True
        return False

    def _write_out(self, run: re.Match[str]) -> str:
        return self._spelled.get(fold_letters(run[0]), run[0])

    def _is_about_it(self, before: str, after: str) -> bool:
        around = self._place.sub("", before), after
        if not all(map(_AROUND.fullmatch, around)):
            return False
        rest = "".join(around)
        return not _ENROLS.search(rest) or _ASKS.search(rest) is not None

    def _is_wish(self, before: str, after: str) -> bool:
        return all(map(_AROUND_WISH.fullmatch, (self._place.sub("", before), after)))


def wishes_class(said: str, *, bare: bool = False) -> bool:
    """Whether who names a school so wants a class there, rather than know how it stands. `bare`:
    the name alone is a wish."""
    if _NO_WISH.search(said):
        return False
    return bare or _WISHES.search(said) is not None
