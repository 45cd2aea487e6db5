"""Six digits that somebody has said as a number: 四十八万两千九百一十三, or as a phone writes down
what it has heard, 48万2913. Pure."""

import re

_DIGITS = {
    ord(char): digit
    for char, digit in zip("零〇一幺两二三四五六七八九", "0011223456789", strict=True)
}
_SAID = "0-9零〇一幺两二三四五六七八九十"
#: With something behind its 万, as a code has: a round sum is money.
_NUMBER = re.compile(rf"(?<![{_SAID}百千])[{_SAID}]+万[{_SAID}百千]+")
#: Up to 9,999, its digits Arabic by now. What stands last may have no unit.
_SECTION = re.compile(r"0?(?:([1-9])千)?0?(?:([1-9])百)?(0?)(?:([1-9]?)十)?([0-9]{0,4})")
_THOUSAND, _HUNDRED, _TEN = 1000, 100, 10
_MYRIAD = 10_000


def write_out_codes(words: str) -> str:
    """`words` with each number of six digits written in digits; other numbers stay as they are."""
    return _NUMBER.sub(lambda found: _read_code(found[0]) or found[0], words)


def _read_code(said: str) -> str:
    """Six digits; "" where the number has more or fewer, or is none."""
    high, _, low = said.translate(_DIGITS).partition("万")
    left, right = _read_section(high), _read_section(low)
    if left is None or right is None or not _TEN <= left < _HUNDRED:
        return ""
    return f"{left}{right:04}"


def _read_section(said: str) -> int | None:
    """The number before or behind 万; None where it is no number."""
    found = _SECTION.fullmatch(said)
    if found is None:
        return None
    thousands, hundreds, _zero, tens, rest = found.groups()
    value, unit = 0, _MYRIAD
    for digit, worth in ((thousands, _THOUSAND), (hundreds, _HUNDRED), (tens, _TEN)):
        if digit is not None:
            # 十三 is 一十三.
            value, unit = value + int(digit or 1) * worth, worth
    if len(rest) == 1 and "0" not in said:
        # 两千九 is 2,900: the last digit is of the unit below, where no 零 says otherwise.
        return value + int(rest) * (unit // 10)
    return value + int(rest or 0) if int(rest or 0) < unit else None
