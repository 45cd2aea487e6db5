"""A small city of our own: the engine has to work on words it was not made for."""

from pathlib import Path

import pytest

from content.loader import load_content
from content.schema import Content
from domain.faq.routing import Router

POLICY = """
id: harbour-2021
number: null
name: 海港通知
title: 关于游泳补贴的通知
issuers: [海港市体育局]
issued_on: 2021-03-01
clauses:
  - id: H01
    label: 第1条
    heading: 游泳
    summary: 学会游泳补200元。
    valid_from: 2021-01-01
    valid_until: 2021-12-31
  - {id: H02, label: 第2条, heading: 泳帽, summary: 下水戴泳帽。}
  - {id: H03, label: 第3条, heading: 证件, summary: 带身份证。}
"""

ENTRIES = """
- id: swim-amount
  title: 学游泳补多少钱
  phrasings: [学游泳补多少钱, 游泳补贴的标准, 学会了能领几个钱]
  keywords: {all: [[游泳], [多少钱, 标准]], any: [两百], none: [救生员]}
  answer: 学会游泳补200元。
  sources: [H01]
  valid_from: 2021-01-01
  valid_until: 2021-12-31
- id: swim-where
  title: 在哪里学游泳
  phrasings: [游泳课在哪里上, 哪个泳池开课, 学游泳去什么地方]
  keywords: {all: [[游泳, 泳池], [哪里, 地方]]}
  answer: 在第一泳池。
  sources: [H02]
- id: swim-cap
  title: 下水要戴泳帽吗
  phrasings: [要不要戴泳帽, 长头发必须戴帽子下水吗, 泳帽自己带吗]
  answer: 要戴，自己带。
  sources: [H02, H03]
- id: lifeguard-fee
  title: 救生员培训收费吗
  phrasings: [救生员培训收多少钱, 当救生员要交费吗, 救生员班多少学费]
  answer: 通知没有写。
  unstated: true
  sources: [H03]
"""

SERVICES = """
- intent: enrol
  title: 报名上课
  phrasings: [我要报名, 帮我报个班, 怎么报名]
  answer: 请到窗口报名。
- intent: human
  title: 找人
  phrasings: [找个人跟我说, 转人工]
  answer: 请打热线。
"""

SMALL_TALK = """
- {id: greeting, phrasings: [你好, 在吗], answer: 您好。}
- id: distress
  phrasings: [不想活了]
  keywords: {all: [[不想活]]}
  answer: 请打热线，有人陪您。
  service: human
- {id: emoji, phrasings: ["😀", 哈哈哈], answer: 看到您笑了。}
"""

TEXTS = """
unissued_head: "{notice}{issued}才有："
replaced_head: "从{from}起由{notice}代替："
ended_head: "已于{until}结束："
not_yet_head: "从{from}起："
dated_note: 这是当年的规定。
contact_line: "问{consult}，投诉{complaint}"
both_head: 两件事：
sources_line: "依据：{sources}"
clarify_head: 您问哪一个？
clarify_foot: 都不是就换个说法。
none: 答不了。
none_blank: 没看到字。
"""


def write_folder(folder: Path, **files: str) -> Path:
    """A content folder; the keys are paths with __ for /."""
    for name, text in files.items():
        path = folder / (name.replace("__", "/") + ".yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def write_harbour(folder: Path, **changes: str) -> Path:
    files = {
        "policies__harbour": POLICY,
        "faq__swim": ENTRIES,
        "services": SERVICES,
        "smalltalk": SMALL_TALK,
        "texts__faq": TEXTS,
        "lexicon__words": "[救生员, 泳帽]",
        "lexicon__synonyms": "[[多少钱, 几块钱], [游泳, 凫水], [身份证, 证件]]",
        "lexicon__typos": "{由泳: 游泳, 永帽: 泳帽}",
    }
    return write_folder(folder, **{**files, **changes})


@pytest.fixture(scope="session")
def harbour_content(tmp_path_factory: pytest.TempPathFactory) -> Content:
    return load_content(write_harbour(tmp_path_factory.mktemp("harbour")))


@pytest.fixture(scope="session")
def router(harbour_content: Content) -> Router:
    return Router(harbour_content)
