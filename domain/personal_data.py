"""Takes out of a text what leads to a person, before anyone reads it who need not know.

Numbers are found by their form. Names have none: what stands where people give a name, and what
the dictionary knows as one behind a surname, is taken out; a rare name in the midst of a sentence
can stay. So masked texts are shown to editors, and to nobody else.
"""

import re
from collections.abc import Collection

#: Of citizen IDs of 18 and of the old 15 digits; parted by blanks or hyphens as people type them.
CITIZEN_ID = re.compile(
    r"(?<![0-9A-Za-z])(?:\d[ -]?){17}[\dXx](?![0-9A-Za-z])|(?<![0-9A-Za-z])\d{15}(?![0-9A-Za-z])"
)
#: Mobile phones, also with the country code or parted by blanks or hyphens.
MOBILE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)")
#: Landlines with the area code.
LANDLINE = re.compile(r"(?<!\d)0\d{2,3}[- ]?\d{7,8}(?!\d)")
_BANK_CARD = re.compile(r"(?<!\d)(?:\d[ -]?){15,18}\d(?!\d)")

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林郑谢罗梁宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕"
    "丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃"
    "武戴莫孔向汤"
)
_TITLES = (
    "老师|校长|经理|主任|师傅|会计|主管|局长|科长|处长|所长|书记|医生|律师"
    "|女士|先生|同志|大姐|大哥|大爷|大妈|阿姨|总"
)
#: 小王, 老李, 张某, 刘老师, 赵总: a surname with what goes before or after one.
_CALLED = re.compile(
    f"[小老](?P<short>[{_SURNAMES}])(?![一-鿿]?(?:板|师|人|家|乡))"
    f"|(?<![一-鿿])[{_SURNAMES}](?=(?:某|{_TITLES}))"
    f"|(?<=[找问叫是跟和给让])[{_SURNAMES}](?=(?:某|{_TITLES}))"
)
#: What follows where people say their name.
_INTRODUCED = re.compile(
    f"(?:(?<=我叫)|(?<=名叫)|(?<=字叫)|(?<=姓名)|(?<=字是)|(?<=本人))"
    f"[：: ]?[{_SURNAMES}][一-鿿]{{1,2}}"
)
_FULL_NAME = re.compile(f"[{_SURNAMES}][一-鿿]{{1,2}}")


def mask_person(text: str, names: Collection[str] = ()) -> str:
    """`text` with IDs, phones, bank cards and names replaced by 〔…〕.

    `names` are those that a dictionary knows, each with its surname.
    """
    text = CITIZEN_ID.sub("〔身份证号〕", text)
    text = MOBILE.sub("〔电话〕", text)
    text = LANDLINE.sub("〔电话〕", text)
    text = _BANK_CARD.sub("〔卡号〕", text)
    text = _INTRODUCED.sub("〔姓名〕", text)
    text = _CALLED.sub("〔姓名〕", text)
    if names:
        text = _FULL_NAME.sub(lambda found: _mask_known(found[0], names), text)
    return text


def _mask_known(found: str, names: Collection[str]) -> str:
    for length in (3, 2):
        if found[:length] in names and len(found) >= length:
            return "〔姓名〕" + found[length:]
    return found
