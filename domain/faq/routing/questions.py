"""One message, two questions: where the one ends and the other begins."""

import re

#: A message longer than this tells a story: its sentences are no questions of their own.
MOST_CHARACTERS = 80
_LEAST_CHARACTERS = 4
_ENDS = re.compile(
    "[?？!！。；;\\n]+"
    "|[，,、 ](?=(?:还有|另外|再问|再就是|顺便|顺带|以及|还想问|同时|对了|那么?|第二))"
)
_ASKS = re.compile(
    "[吗么呢不没吧啊呀]$|[?？]|多少|几|啥|什么|谁|哪|咋|怎|能不能|可不可以|是不是|要不要|用不用|行不行"
    "|有没有|多久|何时|如何|为何|是否|能否|可否"
)


def split_questions(message: str) -> list[str]:
    """The questions of `message` in order: none or one for what is a single one, or a story."""
    if len(message) > MOST_CHARACTERS:
        return []
    return [
        part
        for part in (part.strip() for part in _ENDS.split(message))
        if len(part) >= _LEAST_CHARACTERS and _ASKS.search(part)
    ]
