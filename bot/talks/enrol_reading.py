"""What people say when they look for a class: where, and what they would learn."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from content.schema import County

#: Words around what is wanted: they ask, and say nothing of what.
_ASKING = re.compile(
    "想要|我想|俺想|想|我要|俺要|我|俺|恁|咱|您|你|要|学习|学个|学点|学学|学|报名|报个名|报一个|报个|报上|报班|报"
    "|培训班|培训|课程|班|课|什么时候|啥时候|时候|有没有|有啥|有什么|有哪些|有|没有|没|吗|呢|吧|啊|呀|呗|么|不|什么|啥|哪里|哪儿|哪"
    "|怎么|咋|最近|近期|现在|这边|那边|附近|近处|这里|那里|地方|在|到|去|的|个|一下|一|给|帮|替|看看|看|查查|查"
    "|参加|了解|知道|咨询|问问|请问|问|请|麻烦|谢谢|你好|您好|开不开|开|教|招不招|招|人|上|里|想|能|可以|技术|手艺|技能|东西|点|名额|还"
    "|下个月|这个月|下周|这周|周末|晚上|白天|今年|明年|月底|这个|那个|嗯|就是|说"
)
#: Says that one wants to learn, or who teaches it.
_WANTS = re.compile("[想要]学(?!多久|几|完)|^学(?![完费会历时了过])|报.?班|教.+的")
#: Asks which classes there are.
_LOOKS = re.compile("有.{0,3}班|[啥哪]班|什么班|开.?班|开课|招生|招人|有课")
#: Money and papers do not stand on a class's card.
_NOT_ON_CARD = re.compile("[补钱费证]")
#: Asks, in whatever way.
_ASKS = re.compile("[吗呢么啥咋几?？]|多少|怎|什么|哪")
_APART = re.compile(r"[\s,，.。、;；!！?？:：~～/]+")
_SHORTEST = 2
#: Of all that somebody may write.
_MOST_READ = 80


@dataclass(frozen=True, slots=True)
class Wish:
    """county: a code, "" for any. terms: parts of what is taught, any of which will do. unknown:
    what was asked for and nobody teaches, as it was said. schools: ids, none for any."""

    county: str = ""
    terms: tuple[str, ...] = ()
    unknown: str = ""
    schools: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Nothing of it was understood."""
        return not (self.county or self.terms or self.unknown)


def read_wish(
    said: str, counties: Sequence[County], taught: Iterable[str], alike: Sequence[Sequence[str]]
) -> Wish:
    """What `said` looks for: "想学月嫂，阳谷" is 月嫂 in 阳谷县.

    `taught`: occupations and titles of the classes there are. `alike`: everyday names that mean
    the same.
    """
    text = unicodedata.normalize("NFKC", said[:_MOST_READ])
    county, text = _take_county(text, counties)
    known = list(taught)
    terms: list[str] = []
    unknown: list[str] = []
    for piece in _APART.split(text):
        found = _find_terms(piece, known, alike)
        if not found:
            # Asking words stand within names too (开 in 开店): only now they are taken away.
            bare = _APART.split(_ASKING.sub(" ", piece))
            found = [term for one in bare for term in _find_terms(one, known, alike)]
            if not found:
                unknown += [one for one in bare if len(one) >= _SHORTEST]
        terms += found
    return Wish(county, tuple(dict.fromkeys(terms)), "" if terms else " ".join(unknown))


def wants_to_learn(said: str) -> bool:
    """Whether somebody says that they want to learn, or asks who teaches it."""
    return _WANTS.search(said) is not None


def asks_for_classes(said: str) -> bool:
    """Whether somebody asks which classes there are."""
    return _LOOKS.search(said) is not None


def asks(said: str) -> bool:
    """Whether it is worded as a question."""
    return _ASKS.search(said) is not None


def is_beyond_card(said: str) -> bool:
    """Whether it is about what a class's card does not say: money and papers."""
    return _NOT_ON_CARD.search(said) is not None


def short_names(county: County) -> list[str]:
    """阳谷县, 阳谷; 莘县 has no shorter one, for one character stands in other words too."""
    short = county.name[:-1]
    return [county.name, short] if len(short) >= _SHORTEST else [county.name]


def read_alike(text: str) -> list[list[str]]:
    """The groups of content/texts/enrol.yaml."""
    return [line.split() for line in text.splitlines() if line.strip()]


def is_about(term_text: str, terms: Sequence[str]) -> bool:
    """Whether a class with this title and occupation is one of what was asked for."""
    return not terms or any(term in term_text for term in terms)


def _take_county(text: str, counties: Sequence[County]) -> tuple[str, str]:
    for county in counties:
        for name in short_names(county):
            if name in text:
                return county.code, text.replace(name, " ")
    return "", text


def _find_terms(piece: str, known: Sequence[str], alike: Sequence[Sequence[str]]) -> list[str]:
    """The parts of `piece` by which something that is taught can be found."""
    if len(piece) < _SHORTEST:
        return []
    meant = [word for group in alike if any(word in piece for word in group) for word in group]
    terms = [word for word in meant if any(word in name for name in known)]
    longest = _longest_within(piece, known)
    return [longest, *terms] if longest else terms


def _longest_within(piece: str, known: Sequence[str]) -> str:
    """The longest part of `piece` that is part of something known, and more than asking words."""
    for length in range(len(piece), _SHORTEST - 1, -1):
        for start in range(len(piece) - length + 1):
            part = piece[start : start + length]
            says_what = len(_ASKING.sub("", part)) * 2 >= length
            if says_what and any(part in name for name in known):
                return part
    return ""
