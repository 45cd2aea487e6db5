"""What people write, or say aloud, to check in: the code however its digits are written, and words
that mean coming, leaving or one's own record. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from bot.talks.check_in_shapes import has_come, is_for_another, leave_out_teller
from bot.talks.spoken_numbers import write_out_codes
from domain.attendance.codes import is_code, read_qr
from domain.characters import simplify_characters

#: 签到, 签退, and one's own record of both.
What = Literal["in", "out", "mine"]

#: The talk, and the intent that begins it.
CHECK_IN = "checkin"
#: Of longer messages nothing is read: they tell a story.
_MOST_READ = 120
#: Nor where so many characters stand beside a code.
_MOST_MORE = 16
_SPOKEN = {
    ord(char): digit
    for char, digit in zip("零〇一幺两二三四五六七八九", "0011223456789", strict=True)
}
_DIGIT = "[0-9零〇一幺两二三四五六七八九]"
#: Digits as people part them; fewer than four are rather the number of something.
_RUN = re.compile(rf"{_DIGIT}(?:[\s,，.。、_\-\u2010-\u2015]*{_DIGIT}){{3,}}")
#: A piece of a code: what a screen shows as 613 172 may come as two messages.
_FEW = re.compile(rf"{_DIGIT}{{1,5}}")
#: Marks stand around and between words, and say nothing.
_MARKS = re.compile(r"[\s,，.。、;；:：!！~～…“”\"'()（）\[\]【】+＋#*\-\u2010-\u2015]+")
#: Neither do these words.
_AROUND = re.compile(
    "我要|我来|我想|俺要|俺来|我们|俺们|我|俺|今天|今儿|今日|上午|下午|晚上|现在|上课|下课|老师|教室"
    "|大屏幕?上?|屏幕?上?|上面|的|是|为|号码|数字|号|码|帮忙|帮|给|请|麻烦|谢谢|多谢|您好|你好|一下|下|个|吧|啊|哈|呀|呗|呢|了|哦|嗯|在"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """what: None where a code came alone. code: its digits, "" where there were none; six of
    them only where is_whole. session: of a QR code. more: there were other words, a name maybe.
    for_another: it is somebody else who is to be in."""

    what: What | None
    code: str = ""
    session: UUID | None = None
    more: bool = False
    for_another: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether it has a code that can be looked at."""
        return is_code(self.code)


def read_asked(words: str, texts: Mapping[str, str]) -> Asked | None:
    """What `words` ask for; None where they are about anything else, a question about checking in
    among it."""
    plain = unicodedata.normalize("NFKC", simplify_characters(words[:_MOST_READ]))
    plain = plain.strip().casefold()
    scanned = read_scanned(plain)
    if scanned is not None:
        return scanned
    if len(words) > _MOST_READ:
        return None
    code, rest = _take_code(plain)
    bare = _MARKS.sub("", rest)
    if not bare:
        # Of a number that is no code nobody knows what it is.
        return Asked(None, code) if is_code(code) else None
    if is_for_another(bare, texts):
        return Asked("in", for_another=True)
    pieces = [bare] if _mean(bare, texts) else [one for one in _MARKS.split(rest) if one]
    meant = [_mean(piece, texts) for piece in pieces if not _says_nothing(piece)]
    if not meant:
        # 大屏上的数字是482913.
        return Asked("in", code) if is_code(code) else None
    if None not in meant and len(set(meant)) == 1:
        return Asked(meant[0], code)
    # 王秀兰签到 482913.
    named = _find_named(bare, texts) if is_code(code) and len(bare) <= _MOST_MORE else None
    return None if named is None else Asked(named, code, more=True)


def _find_named(bare: str, texts: Mapping[str, str]) -> What | None:
    """Whether coming or leaving is named among other words; None for neither and for both."""
    named: list[What] = []
    for what, key in _WORDS:
        words = texts[f"checkin.{key}"].split()
        if what != "mine" and any(len(word) > 1 and word in bare for word in words):
            named.append(what)
    return named[0] if len(set(named)) == 1 else None


def _mean(piece: str, texts: Mapping[str, str]) -> What | None:
    # One's own record may be asked for with a question mark; whoever writes 到了？ has not come.
    asked = piece.rstrip("?")
    if asked in texts["checkin.mine_words"].split() or _counts_own(asked, texts):
        return "mine"
    if has_come(piece, texts):
        return "in"
    told = leave_out_teller(piece, texts)
    for spoken in (piece, told, _AROUND.sub("", piece)):
        for what, key in _WORDS:
            if spoken in texts[f"checkin.{key}"].split():
                return what
    return None


def _counts_own(piece: str, texts: Mapping[str, str]) -> bool:
    """我一共学了多少课时. How much it has to be (我要上多少课时) is another question."""
    who, around, did, counted = (
        "|".join(map(re.escape, texts[f"checkin.{key}"].split()))
        for key in ("own_who", "own_around", "own_did", "own_counted")
    )
    asked = f"(?:{around})*(?:{who})(?:{around})*(?:{did})(?:{counted})[了啊呀呢吗嘛]*"
    return re.fullmatch(asked, piece) is not None


def _says_nothing(piece: str) -> bool:
    return not _AROUND.sub("", piece)


#: Keys of content/texts/checkin.yaml.
_WORDS: tuple[tuple[What, str], ...] = (
    ("mine", "mine_words"),
    ("out", "out_words"),
    ("in", "in_words"),
    ("in", "arrived_words"),
)


def read_scanned(result: str) -> Asked | None:
    """What a scanned code says; None where it is none of ours."""
    found = read_qr(result)
    return None if found is None else Asked("in", found[1], found[0])


def read_code(words: str) -> str:
    """The digits that are in `words`, where they were asked for; "" for none."""
    plain = unicodedata.normalize("NFKC", words[:_MOST_READ])
    return _take_code(plain)[0]


def read_few_digits(words: str, texts: Mapping[str, str]) -> str:
    """One to five digits, where `words` are nothing else (签到613, 是613); "" for none."""
    plain = unicodedata.normalize("NFKC", words[:_MOST_READ]).casefold()
    bare = _MARKS.sub("", plain)
    names = [word for _, key in _WORDS[1:3] for word in texts[f"checkin.{key}"].split()]
    for name in sorted(names, key=len, reverse=True):
        bare = bare.removeprefix(name)
    rest = _AROUND.sub("", bare)
    return rest.translate(_SPOKEN) if _FEW.fullmatch(rest) else ""


def _take_code(plain: str) -> tuple[str, str]:
    """The digits, and the words without them. Of two numbers neither is taken."""
    plain = write_out_codes(plain)
    runs = list(_RUN.finditer(plain))
    if len(runs) != 1:
        return "", plain
    (run,) = runs
    digits = re.sub(r"[^0-9]", "", run[0].translate(_SPOKEN))
    return digits, f"{plain[: run.start()]} {plain[run.end() :]}"
