"""One message, two questions: where the one ends and the other begins."""

import re
from typing import NamedTuple

#: A message longer than this tells a story: its sentences are no questions of their own.
MOST_CHARACTERS = 80
_LEAST_CHARACTERS = 4
#: Where a question ends for certain, and a comma, behind which it may only go on.
_ENDS = re.compile(
    "[?？!！。；;\\n]+"
    "|[，,、 ](?=(?:还有|另外|再问|再就是|顺便|顺带|以及|还想问|同时|对了|那么?|第二))"
    "|(?P<comma>[，,、])"
)
_ASKS = re.compile(
    "[吗么呢不没吧啊呀]$|[?？]|多少|几|啥|什么|谁|哪|咋|怎|能不能|可不可以|是不是|要不要|用不用|行不行"
    "|有没有|多久|何时|如何|为何|是否|能否|可否"
)


class Part(NamedTuple):
    """A part of a message that asks. `loose`: a mere comma separates it from what is before or
    behind it, so that it may be half of one question."""

    text: str
    loose: bool


def split_questions(message: str) -> list[Part]:
    """The questions of `message` in order: none or one for what is a single one, or a story."""
    if len(message) > MOST_CHARACTERS:
        return []
    parts: list[Part] = []
    begun, start, loose_before = "", 0, False
    for end in _ENDS.finditer(message + "。"):
        piece = message[start : end.start()].strip()
        start, at_comma = end.end(), end["comma"] is not None
        begun = f"{begun}，{piece}" if begun and piece else begun or piece
        asks = len(piece) >= _LEAST_CHARACTERS and _ASKS.search(piece)
        if asks:
            parts.append(Part(begun, loose_before or at_comma))
        if asks or not at_comma:
            # What is said before a comma belongs to the question behind it.
            begun, loose_before = "", at_comma
    return parts
