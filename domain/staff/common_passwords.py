"""Passwords that many people choose, and that are tried first.

No list of whole passwords could hold what people make of the same few pieces, so we list the
pieces: a password that is nothing but two or three of them is refused, whatever the capitals, the
signs between them and the digits behind. Written by ourselves, for people who write Chinese and
for this city and trade. Long passwords of words that are in no such list are welcome.
"""

import re
import unicodedata
from collections.abc import Collection

#: Words, names and sayings that passwords are made of.
_WORDS = """
password passwort passwd pass word passcode admin administrator root user guest test tester
login signin welcome hello hallo letmein open opensesame secret master super superman superuser
supervisor system sys manager default changeme change please temp temporary demo sample example
access server database oracle mysql postgres windows linux ubuntu apple google microsoft huawei
xiaomi oppo vivo tencent alibaba taobao baidu weixin wechat qq douyin weibo zhifubao alipay
iloveyou loveyou love lovely baby angel princess prince dragon tiger monkey lion eagle panda horse
football basketball soccer baseball hockey michael jordan kobe james daniel jessica charlie
sunshine moonlight summer winter spring autumn flower shadow freedom whatever trustno trust
starwars pokemon batman spiderman matrix hunter killer ranger soldier pepper cookie banana orange
computer internet network office security private staff work worker company school teacher student
qwerty qwertyuiop qwert asdf asdfgh asdfghjkl zxcv zxcvb zxcvbn zxcvbnm qazwsx qaz wsx edc rfv
tgb yhn ujm qazxsw wsxedc qweasd asdzxc qweasdzxc qwe asd zxc poiuytrewq lkjhgfdsa mnbvcxz
woaini woaiwojia woaiwo woaizhongguo woaini1314 aini iloveu wodemima mima wangji nihao nihaoma
ninhao xiexie zaijian haha hehe heihei hahaha laopo laogong baobao baobei qinai qinaide
xingfu kuaile jiankang pingan facai gongxifacai facaila shunli haoyun jixiang ruyi dajidali
caonima nima wocao shabi wangba meimei gege jiejie didi baba mama yeye nainai erzi nver jia
zhongguo zhonghua china beijing shanghai guangzhou shenzhen shandong jinan qingdao liaocheng
linqing guanxian shenxian yanggu donge chiping gaotang dongchangfu dongchang luxi shuicheng
zhipei zhipeitong peixun zhiye zhiyepeixun zhiyejineng jineng butie renshe rensheju renliziyuan
shehuibaozhang laodong jiuye chuangye jigong xuexiao jigou qiye zhongxin keshi bangong bangongshi
guanli guanliyuan yonghu zhanghao denglu xitong houtai ceshi moren chushi
wang zhang chen yang zhao huang zhou liu sun zhu lin guo gao luo zheng liang xie song tang deng
feng han cao zeng peng xiao cai pan tian dong yuan jiang wei lei fang qian wu li hu he ma xu
wangwei zhangwei lixiao zhangsan lisi wangwu zhaoliu xiaoming xiaohong xiaoli xiaowang
january february march april may june july august september october november december
monday tuesday wednesday thursday friday saturday sunday today tomorrow
one two three four five six seven eight nine zero yi er san si wu liu qi ba jiu shi
abc abcd abcde abcdef abcdefg abcdefgh xyz aaa bbb ccc abcabc aabbcc
newyear happynewyear correct battery staple chunjie guoqing dangyuan gongchandang
correcthorsebatterystaple mao zedong jinping mianmi
"""

#: Numbers with a meaning: 一生一世, 我爱你, 一路发, emergency and service lines, and the like.
_NUMBERS = """
1314 520 521 5201314 1314520 5211314 1314521 168 518 888 666 999 668 688 886 678 789 987 147 258
369 159 357 963 852 741 147258 258369 147258369 159357 159753 123321 112233 123123 121212 131313
110 119 120 114 12315 12333 12345 10086 10010 10000 95588 007 911 404 000 111 222 333 444 555 777
10 0635 252000 371500 3715 2000 2008 2020 2021
"""

_PIECES = frozenset(_WORDS.split()) | frozenset(_NUMBERS.split())
_LONGEST = max(map(len, _PIECES))
#: Neighbours on a keyboard, and in the alphabet; read in both directions, and round the end.
_ROWS = (
    *("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz"),
    *("1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0"),
    *("!@#$%^&*()", "qawsedrftgyhujikolp", "azsxdcfvgbhnjmk"),
)
_WALKS = tuple(row + row for row in _ROWS) + tuple((row + row)[::-1] for row in _ROWS)
_SHORTEST_WALK = 3
#: What stands for a letter: p@ssw0rd.
_SIGNS = str.maketrans("@$0134578!|", "asoieastbil")
#: What people put between pieces and at the end.
_BETWEEN = re.compile(r"[\s!@#$%^&*()_\-+=.,。，！？?~`'\"/\\:;：；|<>《》{}\[\]【】]+")
#: Years, and days with and without the year: 1988, 19880704, 880704, 0704.
_DAY = re.compile(
    r"(?:(?:19|20)\d{2}(?:(?:0?[1-9]|1[0-2])(?:0?[1-9]|[12]\d|3[01]))?"
    r"|(?:\d{2})?(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))"
)
_PHONE = re.compile(r"1[3-9]\d{9}")
#: Pieces of which a password may not wholly be made, however they are put together.
_MOST_PIECES = 3
#: A lone letter or two, and a digit or two, hide nothing either: a1, Aa, 1.
_CRUMB = 2


def is_common(password: str, about: Collection[str] = ()) -> bool:
    """Whether `password` is made of what is tried first; `about` are words of the account itself
    (its user name, its owner's name)."""
    plain = unicodedata.normalize("NFKC", password).lower()
    own = frozenset(word for text in about for word in _words_of(text))
    forms = {plain, plain.translate(_SIGNS)}
    without_digits = plain.rstrip("0123456789")
    if without_digits:
        forms.add(without_digits.translate(_SIGNS))
    return any(_is_made_of_pieces(_BETWEEN.sub("", form), own) for form in forms)


def _words_of(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", text).lower()
    return [word for word in (plain, *re.split(r"[^0-9a-z㐀-鿿]+", plain)) if len(word) >= 2]


def _is_made_of_pieces(text: str, own: frozenset[str]) -> bool:
    """Whether `text` is nothing, one thing again and again, or at most so many pieces and
    crumbs."""
    if len(set(text)) <= 2 or _repeats(text):
        return True
    #: The fewest pieces that end at each place, crumbs counted apart.
    fewest: list[int | None] = [0, *([None] * len(text))]
    for start in range(len(text)):
        before = fewest[start]
        if before is None or before > _MOST_PIECES:
            continue
        for end in _ends_of_pieces(text, start, own):
            count = before + 1
            known = fewest[end]
            if known is None or count < known:
                fewest[end] = count
    best = fewest[len(text)]
    if best is not None and best <= _MOST_PIECES:
        return True
    # One crumb at the end of it all: woaini1314a.
    return any(
        (left := fewest[len(text) - size]) is not None and left < _MOST_PIECES
        for size in range(1, min(_CRUMB, len(text) - 1) + 1)
    )


def _repeats(text: str) -> bool:
    """abcabcabc, 123123123123: something of at most half of it, again and again."""
    return text in (text + text)[1:-1]


def _ends_of_pieces(text: str, start: int, own: frozenset[str]) -> set[int]:
    """Where pieces that begin at `start` end."""
    longest = max(_LONGEST, *(len(word) for word in own), 0)
    ends = {
        end
        for end in range(start + 2, min(len(text), start + longest) + 1)
        if text[start:end] in _PIECES or text[start:end] in own
    }
    for pattern in (_DAY, _PHONE):
        found = pattern.match(text, start)
        if found is not None:
            ends.add(found.end())
    end = start + _SHORTEST_WALK
    while end <= len(text) and any(text[start:end] in walk for walk in _WALKS):
        ends.add(end)
        end += 1
    end = start + 1
    while end < len(text) and text[end] == text[start]:
        end += 1
    if end - start >= _SHORTEST_WALK:
        ends.update(range(start + _SHORTEST_WALK, end + 1))
    return ends
