"""What many people choose is refused; what nobody would guess is not."""

import pytest

from domain.staff.common_passwords import is_common

#: One a line: spaces belong to some of them.
COMMON = """
password1234
Password2026!
p@ssw0rd1234
P@$$w0rd!!!!
123456789012
111111111111
qwertyuiop123
1qaz2wsx3edc
1q2w3e4r5t6y
qazwsxedc123
zxcvbnm,./123
asdfghjkl;123
woaini1314520
5201314520520
WoAiNi-520-1314
iloveyou1314
woaini20200520
liaocheng2026
Liaocheng@12345
shandong371500
zhipeitong123
zhipeitong.2026
admin123456789
Admin@12345678
adminadminadmin
root123456789
administrator1
abcabcabcabc
aabbccaabbcc
abcdefghijkl
1234abcd1234
a1234567890
12345678910a
zhangwei19880704
wangwei880704
13800138000wang
wodemima123456
138001380001
201801012018
19880704198807
0704070407040704
beijing2008beijing
888888886666
Qwer1234!@#$
!@#$%^&*()!@#$
renshe@2026
rensheju12333
huawei10086huawei
correct horse battery staple
""".strip().splitlines()
GOOD = """
雨后南山有一只白鹭
kuai-xian-dou-jiang-you-tiao
穿过运河的第三座桥洞
teal wagon hums quietly
vmT4-qz8r-kk2n-p7
hs8fjw03kdlq
东阿阿胶不如一碗豆浆
zebra$lantern$quartz$7
xkq9-wvbt-h3ms-2pzr
""".strip().splitlines()


@pytest.mark.parametrize("password", COMMON)
def test_what_is_tried_first_is_common(password: str) -> None:
    assert is_common(password)


@pytest.mark.parametrize("password", GOOD)
def test_what_nobody_guesses_is_not(password: str) -> None:
    assert not is_common(password)


def test_what_says_whose_it_is_is_common() -> None:
    assert not is_common("rongcheng9-2026")
    assert is_common("rongcheng9-2026", about=["rongcheng9"])
    assert is_common("王素梅王素梅2026", about=["王素梅"])
    assert is_common("wang.sumei-2026", about=["wang.sumei"])


def test_a_long_text_takes_no_time() -> None:
    assert is_common("ab" * 5000)
    assert not is_common("雨后南山有一只白鹭" + "k3q9z" * 25 + "。")
