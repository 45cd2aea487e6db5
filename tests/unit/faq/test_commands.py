"""`zpt ask` and `zpt content check`, as the operator types them."""

import json
import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from content.loader import read_content_folder
from domain.faq.content_check import check_content
from scripts.commands import ask, content
from tests.unit.faq.conftest import ENTRIES, POLICY, write_folder, write_harbour

cli = typer.Typer()
ask.register(cli)
content.register(cli)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_harbour(tmp_path / "harbour")


def run(*arguments: object, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments], input=stdin)


def test_ask_prints_exactly_the_answer(folder: Path) -> None:
    result = run("ask", "学游泳补多少钱", "--as-of", "2021-06-01", "--content", folder)
    assert result.exit_code == 0
    assert result.stdout == "学会游泳补200元。\n依据：海港通知第1条\n"
    later = run("ask", "学游泳补多少钱", "--as-of", "2026-11-22", "--content", folder)
    assert later.stdout == "已于2021年12月31日结束：\n" + result.stdout


LINES = {"ZPT_CONSULT_LINE": "0898-12333", "ZPT_COMPLAINT_LINE": "0898-12345"}
CALL = "问0898-12333，投诉0898-12345"


@pytest.mark.parametrize(
    ("environment", "line"),
    [
        ({}, None),
        ({"ZPT_CONSULT_LINE": "0898-12333"}, None),  # the other would be this city's
        (LINES, CALL),
        ({"ZPT_CONTENT": "."}, "问12333，投诉12345"),
        ({"ZPT_CONTENT": ".", **LINES}, CALL),
    ],
)
def test_lines_to_call_stand_under_the_services_own_answers(
    folder: Path, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], line: str | None
) -> None:
    monkeypatch.chdir(folder)
    for name in ("ZPT_CONTENT", *LINES):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    said = run("ask", "要不要戴泳帽", "--content", folder, "--as-of", "2021-06-01").stdout
    lines = ["要戴，自己带。", *([line] if line else []), "依据：海港通知第2条、第3条"]
    assert said.splitlines() == lines


@pytest.mark.parametrize("question", ["要不要戴泳帽", "明天股市会涨吗", "", "泳池领"])
def test_folder_without_texts_speaks_of_nobody(tmp_path: Path, question: str) -> None:
    folder = write_folder(tmp_path, faq__swim=ENTRIES)
    item = json.loads(run("ask", question, "--json", "--content", folder).stdout)
    assert item["answer"]
    assert not re.search(r"聊城|培训|补贴|人社|职培通|\d{5}", item["answer"])


def test_check_holds_a_folder_to_its_own_notices_only(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, faq__swim=GOOD["faq__swim"])
    result = run("content", "check", "--content", folder)
    assert (result.exit_code, result.stdout.count("\n")) == (0, 2), result.stdout
    assert "0 条条款" in result.stdout


def test_ask_today_is_after_the_end(folder: Path) -> None:
    assert run("ask", "学游泳补多少钱", "--content", folder).stdout.startswith("已于")


def test_ask_json_and_explain(folder: Path) -> None:
    result = run("ask", "学游泳补多少钱", "--json", "--explain", "--content", folder)
    item = json.loads(result.stdout)
    assert (item["kind"], item["entry"]) == ("policy", "swim-amount")
    assert any("关键词" in line for line in item["explain"])
    assert "第一名：swim-amount" in run("ask", "游泳补贴", "--explain", "--content", folder).stdout


def test_batch_keeps_order_and_places_bad_lines(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    lines = [
        '\ufeff{"q": "学游泳补多少钱"}'.encode(),
        b"not json",
        '{"q": "要不要戴泳帽", "id": 7}'.encode(),
        b'{"q": 5}',
        b"[1]",
        b"",
        b'{"q": "\\ud800"}',
        '{"q": "坏'.encode("gbk"),
        b"[" * 200_000,
        '{"q": "你好\u2028"}'.encode(),
    ]
    file.write_bytes(b"\r\n".join(lines))
    result = run("ask", "--batch", file, "--as-of", "2021-06-01", "--content", folder)
    assert result.exit_code == 1
    items = [json.loads(line) for line in result.stdout.split("\n")[:-1]]
    assert ["error" in item for item in items] == [
        False,
        True,
        False,
        True,
        True,
        False,
        True,
        True,
        False,
    ]
    assert [item.get("entry") for item in items[:3]] == ["swim-amount", None, "swim-cap"]
    assert items[5]["q"] == "\ud800"
    assert "第 2 行" in items[1]["error"]
    bad = [(item["line"], item["q"]) for item in items if "error" in item]
    assert bad == [(2, None), (4, 5), (5, None), (8, None), (9, None)]
    assert '"要不要戴泳帽"' in result.stdout  # not escaped


@pytest.mark.parametrize("unsayable", ["NaN", "-1e999", "[1]", '{"q": "里面"}'])
def test_bad_line_repeats_only_what_json_can_say(folder: Path, unsayable: str) -> None:
    stdin = f'{{"q": {unsayable}}}\n'.encode()
    result = run("ask", "--batch", "-", "--content", folder, stdin=stdin)
    assert result.exit_code == 1
    item = json.loads(result.stdout, parse_constant=pytest.fail)
    assert (item["line"], item["q"]) == (1, None)


def test_batch_from_standard_input_ends_well(folder: Path) -> None:
    stdin = '{"q": "你好"}\n'.encode()
    result = run("ask", "--batch", "-", "--content", folder, stdin=stdin)
    assert result.exit_code == 0
    assert json.loads(result.stdout)["answer"] == "您好。"


@pytest.mark.parametrize(
    "arguments",
    [
        ["问", "--as-of", "2021-13-01"],
        ["问", "--as-of", "昨天"],
        ["问", "--as-of", "2021-06-01 12:00"],
        [],
        ["问", "--batch", "x.jsonl"],
        ["--batch", "missing.jsonl"],
        ["问", "--content", "missing-folder"],
    ],
)
def test_wrong_use_is_refused_in_one_line(arguments: list[str]) -> None:
    result = run("ask", *arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1


def test_ask_over_a_broken_folder_names_the_line(folder: Path) -> None:
    write_harbour(folder, faq__swim="- id: x\n")
    result = run("ask", "问", "--content", folder)
    assert result.exit_code == 1
    assert "faq/swim.yaml:1" in result.stderr


def long_enough(entries: str) -> str:
    """The fixture's entries with phrasings enough for the linter, each one its own."""
    many = entries
    for name in ("学游泳补多少钱", "游泳课在哪里上", "要不要戴泳帽", "救生员培训收多少钱"):
        more = "，".join(f"{name} 第{mark}问" for mark in "甲乙丙丁戊")
        many = many.replace(f"[{name}", f"[{more.replace('，', ', ')}, {name}")
    return many


SERVICES = """
- intent: enrol
  title: 报名上课
  phrasings: [我要报名, 帮我报个班, 怎么报名, 想报名, 报上名, 给我报一个, 报名入口, 报名找谁]
  answer: 请到窗口报名。
- intent: human
  title: 找人
  phrasings: [找个人跟我说, 转人工, 人工, 客服, 接线员, 真人在吗, 跟人聊, 打电话给谁]
  answer: 请打热线。
"""

TOPIC = """
- id: water
  words: [水]
  offers: [entry:swim-where, entry:swim-cap]
"""

GOOD = {"faq__swim": long_enough(ENTRIES), "services": SERVICES}


def test_good_folder_passes_the_check(tmp_path: Path) -> None:
    result = run("content", "check", "--content", write_harbour(tmp_path, **GOOD))
    assert result.exit_code == 0, result.stdout
    assert "4 条问答" in result.stdout
    assert "没有发现问题" in result.stdout


@pytest.mark.parametrize(
    ("name", "old", "new", "at", "said"),
    [
        ("faq__swim", "sources: [H02, H03]", "sources: [H02, H9]", "sources", "没有 H9"),
        ("faq__swim", "学会了能领几个钱", "下水要带啥", "", ""),
        ("faq__swim", "title: 下水要戴泳帽吗", "title: 下水" + "要" * 20, "title", "标题 22 个字"),
        ("faq__swim", "answer: 要戴，", "answer: " + "要戴，" * 100, "answer", "最多 300 个"),
        ("faq__swim", "answer: 要戴，", "answer: " + "𠮷" * 250 + "。" * 400, "answer", "字节"),
        ("faq__swim", "泳帽自己带吗", "怎么办", "", ""),
        ("faq__swim", ", 泳帽自己带吗", "", "phrasings", "只有 7 个问法"),
        ("faq__swim", "泳帽自己带吗", "学游泳，补多少钱？", "phrasings", "写了两次"),
        ("faq__swim", "  valid_until: 2021-12-31\n", "", "- id: swim-amount", "要写 valid_until"),
        (
            "faq__swim",
            "  valid_until: 2021-12-31\n",
            "  valid_until: null\n",
            "  valid_until: null",
            "2021年12月31日 为止，valid_until 写了 null",
        ),
        (
            "faq__swim",
            "  valid_until: 2021-12-31\n",
            "  valid_until: null\n  unstated: true\n",
            "",
            "",
        ),
        (
            "faq__swim",
            "  valid_until: 2021-12-31\n",
            "  valid_until: null\n  outlasts: true\n",
            "",
            "",
        ),
        (
            "faq__swim",
            "[H01]\n  valid_from: 2021-01-01\n  valid_until: 2021-12-31\n",
            "[H01, H02]\n  valid_until: null\n",
            "",
            "",
        ),
        (
            "faq__swim",
            "  valid_until: 2021-12-31\n",
            "  valid_until: 2022-06-30\n",
            "  valid_until: 2022-06-30",
            "比依据的条款晚",
        ),
        (
            "faq__swim",
            "  valid_until: 2021-12-31\n",
            "  valid_until: 2021-06-30\n",
            "",
            "",
        ),
        ("faq__swim", "unstated: true", "related: [nowhere]", "related", "nowhere"),
        ("faq__swim", "unstated: true", "service: jobs", "service", "没有 jobs"),
        ("services", ", 报名找谁", "", "phrasings", "只有 7 个问法"),
        ("services", "请打热线。", "等3个月。", "answer", "“3个月”是政策里的数"),
        ("services", "请打热线。", "补 ５００ 元。", "answer", "“500 元”是政策里的数"),
        ("services", "请打热线。", "两千元起。", "answer", "“两千元”是政策里的数"),
        ("services", "请打热线。", "占30％。", "answer", "“30%”是政策里的数"),
        ("services", "请打热线。", "请打12333。", "", ""),
        ("services", "请打热线。", "一天 30 元\n  policy: swim-amount", "", ""),
        ("services", "请打热线。", "好\n  policy: nowhere", "policy", "没有 nowhere"),
        ("services", "请打热线。", "好" * 660 + "\n  policy: swim-amount", "answer", "字节"),
        ("topics", "", TOPIC, "", ""),
        ("topics", "", TOPIC.replace("swim-cap", "nope"), "offers", "entry:nope 不存在"),
        ("topics", "", TOPIC.replace("swim-cap", "swim-where"), "offers", "写了两次"),
        ("topics", "", TOPIC.replace("水]", "水, 水]"), "words", "“水”写了两次"),
        ("topics", "", TOPIC.replace(", entry:swim-cap", ""), "offers", "至少要 2 个"),
        ("lexicon__synonyms", "[游泳, 凫水]", "[游泳, 几块钱]", "几块钱", "几块钱"),
        ("lexicon__typos", "由泳", "由", "由", "至少写两个字"),
        ("texts__faq", "{until}", "{untill}", "", "untill"),
        ("menus__official_account", "", "- {key: 'entry:nope'}", "entry:nope", "nope"),
        ("menus__official_account", "", "- {key: 'intent:jobs'}", "intent:jobs", "不存在"),
        ("menus__official_account", "", "- {key: 'page:x'}", "page:x", "key 要写"),
        ("menus__official_account", "", "- {scan: 'intent:jobs'}", "intent:jobs", "不存在"),
        ("menus__official_account", "", "- {scan: 'entry:swim-cap'}", "swim-cap", "扫码的按钮"),
    ],
)
def test_check_finds_it(tmp_path: Path, name: str, old: str, new: str, at: str, said: str) -> None:
    write_harbour(tmp_path, **GOOD)
    path = tmp_path / (name.replace("__", "/") + ".yaml")
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    assert old in before
    path.parent.mkdir(exist_ok=True)
    path.write_text(before.replace(old, new, 1) if old else new, encoding="utf-8")
    result = run("content", "check", "--content", tmp_path)
    if not said:  # A change that is no fault: the table itself is checked.
        assert result.exit_code == 0, result.stdout
        return
    assert result.exit_code == 1
    lines = path.read_text(encoding="utf-8").splitlines()
    told = [line.removeprefix(f"{path}:") for line in result.stdout.splitlines() if said in line]
    assert told, result.stdout
    assert at in lines[int(told[0].partition(":")[0]) - 1]


def test_check_names_a_phrasing_that_is_answered_elsewhere(tmp_path: Path) -> None:
    stolen = GOOD["faq__swim"].replace("泳帽自己带吗", "救生员培训收多少钱问")
    result = run(
        "content", "check", "--content", write_harbour(tmp_path, **{**GOOD, "faq__swim": stolen})
    )
    assert result.exit_code == 1
    assert "“救生员培训收多少钱问”会答到 lifeguard-fee 去" in result.stdout


@pytest.mark.timeout(900)  # A minute of its own where nothing else runs.
def test_package_content_passes_the_check() -> None:
    result = run("content", "check")
    assert result.exit_code == 0, result.stdout


@pytest.mark.parametrize(
    ("addition", "line", "said"),
    [
        (
            "  - {id: H04, label: 第4条, heading: 其他, summary: 其他。}\n",
            17,
            "H04：还没有一条问答",
        ),
        ("supersedes: [H02, Z9]\n", 17, "没有 Z9 这份通知或这一条"),
        ("supersedes: [harbour-2021]\n", 17, "没有 harbour-2021"),
        ("supersedes: [H02]\n", 0, ""),
    ],
)
def test_check_of_the_notices(tmp_path: Path, addition: str, line: int, said: str) -> None:
    folder = write_harbour(tmp_path, **GOOD, policies__harbour=POLICY + addition)
    result = run("content", "check", "--content", folder)
    assert result.exit_code == (1 if said else 0), result.stdout
    if said:
        assert f"policies/harbour.yaml:{line}: " in result.stdout
        assert said in result.stdout


def test_check_misses_no_text_that_the_doors_say(tmp_path: Path) -> None:
    asked_for = content.list_texts_asked_for()
    assert {"bot.welcome", "bot.useless", "bot.useful_line", "errors.not_found.detail"} <= set(
        asked_for
    )
    loaded = read_content_folder(write_harbour(tmp_path, **GOOD))
    assert not check_content(loaded, asked_for=asked_for).problems
    (problem,) = check_content(loaded, asked_for=["bot.never_written"]).problems
    assert "bot.yaml:1: 缺少文字 bot.never_written" in str(problem)
