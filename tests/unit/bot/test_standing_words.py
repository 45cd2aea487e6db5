"""How an institution stands, in words: whole, in six lines, and never more than is known."""

import re
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from bot.talks import standing_words
from bot.talks.standing_words import word_standing
from domain.institutions.queries import Listing
from domain.institutions.rules import Standing
from tests.support import package_content

CONTENT = package_content()
SINCE, UNTIL = date(2026, 3, 1), date(2026, 12, 31)


def word(standing: Standing, *, bare: bool = False) -> list[str]:
    listing = Listing(
        UUID(int=1),
        "阳谷县鸿翔职业培训学校",
        "",
        "371521",
        "" if bare else "谷山北路18号",
        () if bare else ("电工", "焊工"),
        "" if bare else "0635-1000001",
        standing,
    )
    text = word_standing(listing, CONTENT.texts, CONTENT)
    assert "{" not in text and "None" not in text
    lines = text.splitlines()
    assert 3 <= len(lines) <= 6 and all(lines)
    assert lines[0].startswith("阳谷县鸿翔职业培训学校（阳谷县）")
    return lines


@pytest.mark.parametrize("bare", [False, True])
@pytest.mark.parametrize(
    ("standing", "second"),
    [
        (Standing("listed", SINCE, None, "", "文1"), "2026年3月1日起列入，依据文1。"),
        (Standing("listed", SINCE), "2026年3月1日起列入。"),
        (Standing("suspended", SINCE, UNTIL), "2026年3月1日起，到2026年12月31日为止。"),
        (Standing("suspended", SINCE), "2026年3月1日起，什么时候恢复还没有定。"),
        (Standing("removed", SINCE, None, "材料造假。"), "2026年3月1日起移出。"),
        (Standing("removed", SINCE, expired=True), "列入的期限到了，2026年3月1日起不在目录里。"),
    ],
)
def test_each_standing(standing: Standing, second: str, bare: bool) -> None:
    lines = word(standing, bare=bare)
    assert lines[1] == second
    assert any("聊城通知第12条" in line for line in lines), "the clause is named"
    if standing.reason:
        assert lines[2] == "原因：材料造假。"


def test_every_text_of_the_talk_is_there_and_said() -> None:
    folder = Path(standing_words.__file__).parent
    code = "".join(
        (folder / name).read_text("utf-8")
        for name in ("institution_lookup.py", "standing_words.py")
    )
    said = set(re.findall(r'"(?:lookup\.)?([a-z_]+)"', code))
    texts = {key.removeprefix("lookup.") for key in CONTENT.texts if key.startswith("lookup.")}
    assert texts <= said
    asked = set(re.findall(r'"lookup\.([a-z_]+)"', code)) | set(
        re.findall(r'say\("([a-z_]+)"', code)
    )
    assert asked <= texts
