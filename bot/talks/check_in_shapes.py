"""How people say that they have come, that they were told to check in, and that they do it for
somebody else. Words are content's, the order they stand in is here. Pure."""

import re
from collections.abc import Mapping
from functools import lru_cache

_WHO = "(?:我们|俺们|咱们|我|俺|咱)"
#: 我们 before it is said of somebody's own husband, 没来的 of whoever is away.
_WHOSE = "(?:我|俺|咱|你|您|他|她)?们?(?:家|那个?|的|一个|没来的|不来的|班)*"
#: What makes a coming one that is over: 俺来教室咧.
_DONE = "[了啦咧嘞喽咯哩唻]"
_AFTER = "[呀啊哦哈呢吧呗]*"


def has_come(piece: str, texts: Mapping[str, str]) -> bool:
    """俺来教室咧, 我到了教室. Not 老师到教室了, and not 快到教室了."""
    return _arrival(texts["checkin.come_places"]).fullmatch(piece) is not None


def leave_out_teller(piece: str, texts: Mapping[str, str]) -> str:
    """What somebody was told to do: 签到 of 老师让俺签到; else `piece` as it is."""
    return _teller(texts["checkin.tellers"]).sub("", piece)


def is_for_another(bare: str, texts: Mapping[str, str]) -> bool:
    """替俺媳妇签到, and no more than that."""
    return _for_another(_list_others(texts)).fullmatch(bare) is not None


def names_another(words: str, texts: Mapping[str, str]) -> bool:
    """Whether checking in for somebody else is somewhere in `words`: 能替俺媳妇签到吗."""
    return _for_another(_list_others(texts)).search(words) is not None


def _list_others(texts: Mapping[str, str]) -> str:
    return texts["checkin.others"]


@lru_cache(8)
def _arrival(places: str) -> re.Pattern[str]:
    place, by = _any_of(places), "(?:已经|都|早就|早|也|刚刚|刚|现在)*"
    verb = "(?:来到|走到|赶到|来|到)"
    done = f"(?:(?:{verb}|进)了{place}里?{_DONE}*|(?:{verb}|进){place}里?{_DONE}+|{verb}{_DONE}+)"
    # A teacher who is spoken to is not one who has come.
    return re.compile(f"(?:(?:老师(?:您好|你好|好)?)?{_WHO}人?|人)?{by}{done}{_AFTER}")


@lru_cache(8)
def _teller(tellers: str) -> re.Pattern[str]:
    tells = "(?:让|叫|喊|催|要求|要|通知)"
    hears = f"(?:{_WHO}|大家|大伙)"
    return re.compile(f"^{_any_of(tellers)}{tells}{hears}(?:来|去|都|赶紧|赶快|快|现在|今天|先)*")


@lru_cache(8)
def _for_another(others: str) -> re.Pattern[str]:
    lead = f"{_WHO}?(?:想|要|来|得|先|顺便)*"
    does = "(?:代替|替|帮忙给|帮着|帮|给|代)"
    signs = "(?:来|也|先|再|都|一起|一块)*(?:签到|签退|打卡|签)(?:一?下|个到|个退|上|了)*"
    return re.compile(f"{lead}{does}{_WHOSE}{_any_of(others)}们?{signs}{_AFTER}")


def _any_of(words: str) -> str:
    return f"(?:{'|'.join(map(re.escape, words.split()))})"
