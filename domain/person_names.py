"""Finds the names of people in what Chinese people write, by what names are made of.

A name is a surname, of which two hundred serve nearly everybody, and one or two characters that
parents choose: seldom those that sentences are made of. Where a person is about to be named (我叫),
nearly anything behind a surname is a name. Elsewhere the characters have to be such as names have,
and no word of the dictionary may stand there: 高中, 金额 and 方案 begin as names do and are none.
"""

import re
from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple


def _split(words: str) -> frozenset[str]:
    return frozenset(words.split())


#: The most frequent surnames, in simplified characters.
SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余"
    "于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫雷龙"
    "史陶黎贺毛段郝顾龚邵覃武钱戴严莫孔向常赖康洪施牛万温芦安章倪葛俞翟殷季梅纪庞童柳"
    "鲁樊齐左尚庄岳邢涂游祝耿柴裴詹阳包焦宁苗凌尤翁舒管关鲍项成路盛穆单柯甘解时辛娄车"
    "曲伍霍骆古申房阮聂符兰商喻卓宫屈党吉窦戚庹谌蔺闵卞刁佟蒲裘邬巩庾邝敖仝滕栾鞠冼冉"
    "仇瞿"
)
LONG_SURNAMES = _split(
    "欧阳 上官 司马 诸葛 皇甫 令狐 司徒 慕容 夏侯 尉迟 公孙 轩辕 端木 宇文 长孙 南宫 东方"
)
#: What parents choose: of these a name may be made alone.
_CHOSEN = frozenset(
    "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂文辉玲红健梅兰斌波宁燕萍鹏飞海鑫龙"
    "云浩宇轩梓涵欣怡诗雨佳琪思雅婷雪莹慧晶倩颖洁丹萌璐瑶媛琳莉玉珍凤芝淑芬香荣贵福德"
    "志忠义仁礼智毅坚森柏松菊莲荷曦阳亮晓旭永航江泉溪源泽润沛洪帆峰岭岩崇嵩岳宝珠珊琴"
    "瑜瑾璇玮琛珂琼瑞祥庆康泰鸿俊豪雄威武帅卫民邦华振耀煌炜烨灿炎焱烁熙炳雁鹰鹤凰虎彪"
    "豹麒麟骏驰翔翼羽蕾蓉芙蓓苗茜茵茹莎菲萱蔓薇蕊蕙嫣妍婧娅娇婉娥娴婵媚妮姗婕忆恩惠慈"
    "悦恒恺诚谦谊谨彦昊昱昕晗晖晟晴暄曙辰宸尧舜禹依伊伦佑佐傲儒凯凡剑勋勤卓博卿嘉圣坤"
    "奇奕奎妙孝宏宗宪宾弘彤彬恬慕懿扬捷敬斐昂昆昌昭晋晏晔暖曼朋朗枫柔柳桃桐梦棋楠楚榕"
    "槐樱汉沁沐泓洛津涓淇淳渊渝湘滔滢漪澄澜瀚灵焕然煊熠爽玟珺琦琰瑛瑄瑗璋璞甜皓盈盼睿"
    "硕祎祖祺禄秉竣筠紫绍绮维翠翰耘胜胤腾臻舒艺芊芃芷苑茂荃荔莘菁萧虹裕贝贞贤轶迪逸遥"
    "郁铁铃铎铮铭锋锐锦雯霄靖韬韵颂颢飒馥骁骥魁鸣鹃黛聪霖蓝冰冬春秋夏岚翊珑栋芹羡裴佩"
    "侠俏倪勃厉吟咏妞媖娓嫒宛尉岱峻崔嵘恕惟戎撷攀敦旻旸昀昇晁曜朔杭栩桦梵棣楷楸榆榛槿"
    "歆殊毓沅沂泊泱浠淞渤渟渺湛溢溥潇澍濡炅炯烽焘煦熹爵珈珉珩珮琬琮璟璨畴皎硼砚祯禧稷"
    "窈竑笙筱箐籁粤绒绢缦翀聿舸芮芯苒苓茉荀荞荻莞莱菀葳蒂蕴蘅虔蛟衡襄觅诠豫贇赟跃轲邺"
    "酉锟镕霏霆钊诺怀逵恪恂悌愫憬懋隽皇娘靓靳颍飏馨骞鸢麾黎鼎"
)
#: What parents choose too, and sentences are made of: one of two characters, or both behind a
#: surname that is nothing else.
_CHOSEN_BESIDE = frozenset(
    "国建子家新成生学金光东南西北大小中元少长先开立天正兴良利力林世万一双向友喜树根山"
    "水石田方有来发达道清银花爱巧心月星书青如可若之其才士君传全克进连化运守显桥堂延乃"
    "占希钦善富广增顺风和美真素好乐凌程丰均培廷启仲伯季升同战远益茗童彩俐俪丫妹姐娣焰"
    "洲圆夫川信章宽令优群"
)
#: Words that are also names, and that people mean when they write them without more.
_WORDS_TOO = _split(
    "阳光 高峰 安静 安宁 安康 安然 许诺 温馨 黎明 宁静 向阳 吉祥 白雪 梅花 康健 "
    "石英 高雅 高明 高超 汪洋 丁香 兰花 金山 金莲 金石 金龙 金凤 金玉 林木 森林 "
    "石林 武威 常德 万宁 江宁 江东 江北 江南 江西 安庆 安阳 安平 安福 高平 高阳 "
    "平阴 梁山 龙山 龙江 黄海 华山 泰山 江海 江山 江湖 黄河 黄山 黄金 金秋 金华 "
    "温泉 清泉 龙泉 庄严 成龙 方正 万福 万民 常平 单双 商超 齐鲁 周全 古雅 时光 "
    "车辉 关爱 包容 童心 游艺"
)
#: A name is told by where it begins and ends among words: start to end.
_Words = dict[int, int]
_HAN = "㐀-鿿"
_ONE_OR_TWO = re.compile(f"[{_HAN}]{{1,2}}")
_IS_HAN = re.compile(f"[{_HAN}]+")
#: Where a person is about to be named.
_INTRODUCTION = re.compile(
    "(?:我叫|他叫|她叫|人叫|名叫|叫做|[子儿女闺爸妈哥姐弟妹叔婶爷奶公婆友工员长板师傅生学事人]叫"
    "|姓名|名字|联系人|负责人|经办人|收款人|申请人|报名人|户名|本人)"
    '(?:是|为|叫)?[:( “"]*$'
)
_LONGEST_INTRODUCTION = 12
_TITLES = (
    "老师|校长|厂长|院长|园长|村长|镇长|班长|组长|队长|局长|科长|处长|所长|部长|站长|店长|会长|股长|董事长"
    "|经理|主任|师傅|会计|主管|书记|医生|大夫|律师|教练|老板|同学|同志|女士|先生|小姐|大姐|大哥|大爷|大妈"
    "|大娘|大叔|阿姨|总监|总"
)
_TITLE = re.compile(_TITLES)
#: 小李庄, 老王家: a place and a house.
_NO_NICKNAME = re.compile("[庄村家乡店寨集楼屯营]")
#: What stands behind a name and belongs to it no more.
_BEHIND_NAME = re.compile(
    "[的了是在想要能会也都和跟与就来去说问吗呢吧啊这那他她我你今有没把被给让从到、,.:;!?) 0-9]|$"
)
#: Before and behind a name in the midst of a sentence.
_NAME_IS_DUE = re.compile(
    "(?:^|[是叫帮替找问跟和给让由下:,.!?;]|学员|员工|同事|家属|老师|师傅|厂长|校长|主任)$"
)
_NAME_IS_OVER = re.compile(f"[的,.:;!?(0-9]|$|身份证|手机|电话|银行|证书|{_TITLES}")
#: These stand before titles as words: 向老师问, 全校长.
_SPEAKS_BEFORE_TITLE = frozenset("向于成安常关时单全方万路车管解付左尚项包高金")
#: Surnames that are words, and often the beginning of a longer one.
_SURNAME_THAT_SPEAKS = frozenset(
    "向于成安常关时单全方万路车游施管解付左尚武曲商党项包宁严康温高金白古钱马叶房鲁申"
    "许何曾谢阳庄尤边"
)
#: One sheet (一张), one week (两周): these count.
_MEASURES = frozenset("张周项段")
_SURNAMES_ALONE = SURNAMES - _SURNAME_THAT_SPEAKS
_NUMERAL = re.compile("[0-9一二三四五六七八九十两几这那每半多整]$")
#: 查一下张伟: here a word ends, though 下张 might be one.
_LOOK = re.compile("(?<=[一问查看找说])下(?=.)")


class Name(NamedTuple):
    """A name at text[start:end]."""

    start: int
    end: int


class NameFinder:
    """Finds names with the help of a dictionary.

    `cut` parts a text into its words. `people`: those of the dictionary that are names.
    `own_words`: what this service speaks of is no name, unless somebody is introduced.
    """

    def __init__(
        self,
        cut: Callable[[str], list[str]],
        people: Collection[str] = frozenset(),
        own_words: Collection[str] = frozenset(),
    ) -> None:
        self._cut = cut
        self._people = people
        self._own_words = own_words

    def find(self, text: str) -> Iterator[Name]:
        """The names in `text`, which is in simplified characters; in order, none over another.

        Of 刘老师 the name is 刘, of 小王 both: they tell a person as one name does.
        """
        words = self._find_words(text)
        place = 0
        while place < len(text):
            end = self._end_nickname(text, place, words) or self._end_name(text, place, words)
            if end is not None:
                yield Name(place, end)
            place = end or place + 1

    def _find_words(self, text: str) -> _Words:
        """Where each word of `text` begins, to where it ends."""
        words: _Words = {}
        place = 0
        for word in self._cut(_LOOK.sub("下 ", text)):
            place = text.index(word, place)
            words[place] = place + len(word)
            place += len(word)
        return words

    def _end_nickname(self, text: str, start: int, words: _Words) -> int | None:
        """小王, 老李: with a surname that is no word of its own, and where a word ends."""
        end = start + 2
        if text[start] not in "小老" or text[start + 1 : end] not in _SURNAMES_ALONE:
            return None
        parts = words.get(start), words.get(start + 1)
        return end if end in parts and not _NO_NICKNAME.match(text, end) else None

    def _end_name(self, text: str, start: int, words: _Words) -> int | None:
        given = start + _measure_surname(text, start)
        if given == start:
            return None
        before = text[max(0, start - _LONGEST_INTRODUCTION) : start]
        if _INTRODUCTION.search(before):
            return self._end_introduced(text, start, given, words)
        if start not in words or (text[start] in _MEASURES and _NUMERAL.search(before)):
            return None
        if _TITLE.match(text, given) or text.startswith("某", given):
            # 刘老师, 赵总, 张某.
            stop = words[start]
            is_word = stop > given and text[start:stop] not in self._people
            return None if is_word or text[start] in _SPEAKS_BEFORE_TITLE else given
        for end in (given + 2, given + 1):
            if (
                _IS_HAN.fullmatch(text[given:end].ljust(end - given))
                and not self._is_word(text, start, given, end, words)
                and _is_name(text, start, given, end, words)
            ):
                return end
        return None

    def _end_introduced(self, text: str, start: int, given: int, words: _Words) -> int | None:
        """我叫张伟: whatever stands behind the surname, as far as it can belong to a name."""
        follows = _ONE_OR_TWO.match(text, given)
        if follows is None:
            return None
        if _TITLE.match(text, given):
            return given
        speaks = text[start] in _SURNAME_THAT_SPEAKS
        stop = words.get(start, given)
        if speaks and stop > given and text[start:stop] not in self._people:
            return None
        two = follows[0]
        if len(two) == 1:
            return None if speaks and not _is_chosen(two) else given + 1
        if _is_chosen(two):
            return given + 2
        if speaks:
            return given + 1 if _is_chosen(two[0]) else None
        if _BEHIND_NAME.match(two[1]) or words.get(given + 1, 0) > given + 2:
            # 我叫张伟想学, 我叫张伟报名: the second belongs to what comes next.
            return given + 1
        return given + 2

    def _is_word(self, text: str, start: int, given: int, end: int, words: _Words) -> bool:
        """Whether a word stands at text[start:end], or is cut in two there."""
        name = text[start:end]
        if name in _WORDS_TOO or name[:2] in _WORDS_TOO or name in self._own_words:
            return True
        speaks = text[start:given] in _SURNAME_THAT_SPEAKS
        place = start
        while place < end:
            stop = words.get(place, len(text) + 1)
            if stop > end:
                return True
            # 秀英 and 建国 are words too, and what parents choose; but 钱明明 is money, surely.
            goes_on = place < given < stop or (speaks and stop > place + 1)
            if goes_on and text[place:stop] not in self._people:
                return True
            place = stop
        return False


def _is_name(text: str, start: int, given: int, end: int, words: _Words) -> bool:
    """Whether what stands behind the surname is such as parents choose."""
    chosen = text[given:end]
    usual = sum(character in _CHOSEN for character in chosen)
    is_chosen = _is_chosen(chosen)
    if text[start:given] in _SURNAME_THAT_SPEAKS:
        return is_chosen and usual > 0
    if is_chosen and (usual > 0 or len(chosen) > 1):
        return True
    # Something rare, where no word stands: beside what is usual, or where a name is due.
    if any(words.get(place) != place + 1 for place in range(given, end)):
        return False
    if any(map(_BEHIND_NAME.match, chosen)):
        return False
    if usual > 0:
        return True
    return bool(_NAME_IS_DUE.search(text[:start]) and _NAME_IS_OVER.match(text, end))


def _is_chosen(given: str) -> bool:
    return all(character in _CHOSEN or character in _CHOSEN_BESIDE for character in given)


def _measure_surname(text: str, start: int) -> int:
    """The length of the surname that `text` has at `start`, 0 where there is none."""
    if text[start : start + 2] in LONG_SURNAMES:
        return 2
    return 1 if text[start] in SURNAMES else 0
