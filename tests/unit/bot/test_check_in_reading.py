"""What is read out of the words that people check in with."""

import pytest

from bot.talks.check_in_reading import Asked, read_asked, read_code, read_few_digits
from tests.support import package_content

SESSION = "0199c0de-0000-7000-8000-000000000001"


@pytest.mark.parametrize(
    "said",
    [
        "签到 482913",
        "签到482913",
        "签到，482913。",
        "482913签到",
        "签到 48 29 13",
        "签到 482-913",
        "签到４８２９１３",
        "签到四八二九一三",
        "签到，四八二，九一三。",
        "签到 四 八 二 九 幺 三",
        "签到码是482913",
        "签到码：482913",
        "我要签到，签到码是482913",
        "签到【482913】",
        "签道482913",
        "QIANDAO 482913",
        "打卡 482913",
        "我到教室了 482913",
        "我到教室了，大屏上的数字是482913",
        "大屏上的数字是482913",
        "老师，我签到482913",
        "签到+482913",
        "老师您好，签到482913，谢谢",
        "签到，四十八万两千九百一十三",
        "签到48万2913",
        "大屏上的数字是四十八万二千九百一十三。",
    ],
)
def test_coming_with_a_code(said: str) -> None:
    assert read(said) == Asked("in", "482913")


@pytest.mark.parametrize(
    "said",
    [
        "签到",
        "签到。",
        "我要签到",
        "签道",
        "qiandao",
        "我到教室了",
        "到了",
        "我来签到了",
        "打卡",
        "签到码",
        "簽到",
        "我要簽到",
        "老师让俺签到",
        "老师叫我们都签到",
        "班长催大家赶紧打卡",
        "俺来教室咧",
        "我到了教室",
        "我到教室啦",
        "我来到教室了",
        "我來到教室了",
        "俺都到学校嘞",
        "人到咧",
        "老师我到实训室了",
        "我已经进教室了呀",
        "到培训班喽",
    ],
)
def test_coming_without_one(said: str) -> None:
    assert read(said) == Asked("in")


@pytest.mark.parametrize(
    "said", ["签退 482913", "下课签退482913", "签退码四八二九一三", "签退了，482913"]
)
def test_leaving(said: str) -> None:
    assert read(said) == Asked("out", "482913")


@pytest.mark.parametrize(
    "said",
    [
        *("482913", " 482913 ", "48 29 13", "４８２９１３", "四八二九一三", "四八二九幺三。"),
        *("四十八万两千九百一十三", "四十八万二千九百一十三。", "48万2913", "48万2千9百13"),
    ],
)
def test_a_code_alone(said: str) -> None:
    asked = read(said)
    assert asked == Asked(None, "482913") and asked.is_whole


@pytest.mark.parametrize(
    "said",
    [
        *("我的签到", "签到记录", "我签了几次到", "我的课时", "我签到了吗", "签上没有"),
        *(
            "我学了多少课时",
            "我上了几节课",
            "俺上了几节课了",
            "我一共学了多少个课时了",
            "我的出勤率",
        ),
        *(
            "我现在上了多少课啊",
            "查查我来了几天",
            "我缺了几节课？",
            "我出勤够不够",
            "我这个月到了几次",
        ),
    ],
)
def test_ones_own_record(said: str) -> None:
    assert read(said) == Asked("mine")


@pytest.mark.parametrize(("said", "digits"), [("签到 48291", "48291"), ("签到4829133", "4829133")])
def test_a_code_that_is_too_short_or_too_long(said: str, digits: str) -> None:
    asked = read(said)
    assert asked == Asked("in", digits) and not asked.is_whole


@pytest.mark.parametrize(
    "said", ["王秀兰 签到 482913", "我是王秀兰，签到482913", "替我，签到 482913"]
)
def test_more_than_a_check_in(said: str) -> None:
    assert read(said) == Asked("in", "482913", more=True)


@pytest.mark.parametrize(
    "said",
    [
        "怎么签到",
        "签到码扫不出来",
        "没签上",
        "补签",
        "我没签到",
        "签到表在哪下载",
        "13800001234",
        "4829",
        "48291",
        "2026",
        "签到 482913 签退",
        "一年能领几次",
        "培训要多少课时",
        "多少课时",
        "这个班有多少课时",
        "一共有几节课",
        "一共上了多少课时",
        "学多少课时",
        "我要上多少课时",
        "我得上几节课",
        "我学了多少课时能拿证",
        "我缺了几节课还能领补贴吗",
        "出勤率要多少",
        "出勤够多少能领补贴",
        "能补四十八万两千九百一十三吗",
        "四十八万",
        "四万八千二百九十一",
        "四百八十万两千九百",
        "到了？",
        "四十八万两千九百一十三和四十八万两千九百一十四",
        "三四个人一起报",
        "371521197803169021",
        "钱到了",
        "补贴到了没有",
        "到了下个月还能报吗",
        "到教室了吗",
        "到了教室没有人",
        "老师到教室了",
        "孩子到学校了",
        "钱到啦",
        "补贴到咧",
        "我快到教室了",
        "我没到教室",
        "我要来教室",
        "来学校学啥",
        "到教室",
        "我到教室了没有网咋办",
        "我到学校了还要带啥",
        "俺来教室咧没人开门",
        "老师让我签到怎么签",
        "老师没让我签到",
        "老师让别人签到",
        "学校要签到表",
        "老师让签到表按手印",
        "簽到表在哪下載",
        "補貼到了沒有",
        "替别人签到违法吗",
        "能替俺媳妇签到吗",
        "给没来的人签到怎么罚",
        "帮学员代签的机构怎么处理",
        "老师给学员发证吗",
        "验证码 482913 是啥",
        "482913 482914 哪个对",
        "",
        "。",
        "签到" * 80,
    ],
)
def test_anything_else_is_not_for_it(said: str) -> None:
    assert read(said) is None


@pytest.mark.parametrize(
    "said",
    [
        *("替俺媳妇签到", "帮我老婆签个到", "我替同桌签到", "俺想给俺嫂子签上", "给没来的同学签到"),
        *("帮他打卡", "替我们班的人签退", "替俺媳妇签到 482913", "代别人签到吧", "幫同學簽到"),
    ],
)
def test_for_somebody_else(said: str) -> None:
    assert read(said) == Asked("in", for_another=True)


@pytest.mark.parametrize("said", ["帮我签到", "给我签到", "帮俺签一下"])
def test_whoever_is_to_do_it_for_oneself_comes(said: str) -> None:
    assert read(said) == Asked("in")


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        *(("613", "613"), ("6 1 3", "613"), ("1", "1"), ("六一三。", "613"), ("是48291", "48291")),
        *(("签到613", "613"), ("签退 613", "613"), ("482913", ""), ("第一个", ""), ("", "")),
        *(("三个人", ""), ("补贴500", ""), ("6月13", ""), ("看不见", "")),
    ],
)
def test_a_part_of_a_code(said: str, digits: str) -> None:
    assert read_few_digits(said, package_content().texts) == digits


def test_what_was_scanned() -> None:
    asked = read(f"zpt:{SESSION}:482913")
    assert asked is not None
    assert (asked.what, asked.code, str(asked.session)) == ("in", "482913", SESSION)
    assert read(f"ZPT:{SESSION.upper()}:482913") == asked, "as a keyboard may have changed it"
    assert read("zpt:1:482913") is None
    assert read("https://example.com/482913") is None


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ("482913", "482913"),
        ("是482 913", "482913"),
        ("屏幕上写的四八二九一三", "482913"),
        ("四十八万二千九百一十三", "482913"),
        ("四十八万零二百零三", "480203"),
        ("四十八万零二十", "480020"),
        ("四十八万两千九", "482900"),
        ("四十八万两千零九", "482009"),
        ("四十八万两千九百十三", "482913"),
        ("十二万三千四百五十六", "123456"),
        ("九十万零七", "900007"),
        ("48万0913", "480913"),
        ("四十八万九百两千", ""),
        ("补贴三万五千", ""),
        ("4829", "4829"),
        ("看不见", ""),
        ("第一个", ""),
    ],
)
def test_digits_where_they_were_asked_for(said: str, digits: str) -> None:
    assert read_code(said) == digits


def read(said: str) -> Asked | None:
    return read_asked(said, package_content().texts)
