"""What a message says that it is not about: "not the refund, I ask about the exam"."""

import re

#: The person waves something away: says what they do not ask, or what they do not want to hear.
#: "公司不用发票" and "不要押金" state facts and are no such thing: the verb has to be one of
#: talking to us.
_WAVED_AWAY = re.compile(
    "^(?:你|您|我|俺|咱|们|先|可|也|真|都|就|再|请|这次|今天|现在|并)*"
    "(?:不是(?:要|想|问|来|找|为了)"
    "|(?:别|甭|不用|不要|不想|不需要|用不着)再?(?:给我|跟我|和我|对我|帮我|你|您)*"
    "(?:告诉|转|讲|说|念|介绍|解释|发|推荐|推|扯|问|听|投诉|举报|报名|签到|查|看|打听|咨询)"
    ")[^,，。;；!！?？\\s]{0,16}"
    "[,，。;；!！\\s]+"
)
#: What is wanted instead, right behind it.
_WANTED = re.compile(
    "(?:但是?|而是|只是|不过)?(?:你|您|我|俺|咱)?(?:们)?"
    "(?:就|是|只|光|直接|要|想|问|打听|给我|帮我|找|先|说的|来)"
)
#: Less than this behind it is no question of its own: "不想报名，想退".
_LEAST_CHARACTERS = 4


def drop_dismissed(message: str) -> str:
    """`message` from where it says what is wanted; unchanged where nothing is waved away."""
    waved = _WAVED_AWAY.match(message)
    if waved is None:
        return message
    rest = message[waved.end() :].strip()
    if len(rest) < _LEAST_CHARACTERS or not _WANTED.match(rest):
        return message
    return rest
