"""The loader: a folder in, one Content out, and every problem at once with file and line."""

import re
from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from content.loader import PACKAGE_CONTENT, ContentError, load_content, read_content_folder
from tests.unit.faq.conftest import write_folder, write_harbour

ENTRY = """
- id: one
  title: 一
  phrasings: [怎么办]
  answer: 这么办。
"""


def problems_of(folder: Path) -> list[str]:
    with pytest.raises(ContentError) as caught:
        load_content(folder)
    return [str(problem).removeprefix(f"{folder}/") for problem in caught.value.problems]


def test_whole_folder_is_read(tmp_path: Path) -> None:
    content = load_content(write_harbour(tmp_path))
    assert [entry.id for entry in content.entries] == [
        "swim-amount",
        "swim-where",
        "swim-cap",
        "lifeguard-fee",
    ]
    assert content.policies[0].clauses[0].valid_until == date(2021, 12, 31)
    assert content.entries[0].keywords.all == (("游泳",), ("多少钱", "标准"))
    assert content.lexicon.typos == {"由泳": "游泳", "永帽": "泳帽"}
    assert content.texts["faq.none"] == "答不了。"


def test_only_faq_is_required(tmp_path: Path) -> None:
    content = load_content(write_folder(tmp_path, faq__a=ENTRY))
    assert (content.services, content.smalltalk, content.lexicon.words) == ((), (), ())
    assert content.topics == ()
    assert content.policies == ()
    assert content.texts.keys() == load_content(PACKAGE_CONTENT).texts.keys()


def test_missing_text_is_said_without_this_city(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, faq__a=ENTRY, texts__faq="none_blank: 没有字。")
    texts, ours = load_content(folder).texts, load_content(PACKAGE_CONTENT).texts
    assert texts["faq.none_blank"] == "没有字。"
    assert texts["faq.ended_head"] == ours["faq.ended_head"]
    assert texts["faq.none"] != ours["faq.none"]
    this_city = re.compile(r"聊城|职培通|培训|补贴|人社|户口|发票|学校|老师|L\d\d|\d{5}")
    assert this_city.search(ours["faq.none"])
    # What answers and the door of messages say. The areas of the service say the rest, and none
    # of them is there without the service.
    said = {key: text for key, text in texts.items() if key.split(".")[0] in ("bot", "faq", "home")}
    assert [key for key, text in said.items() if this_city.search(text)] == []


def test_nested_texts_are_joined_by_dots(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, faq__a=ENTRY, texts__errors="a: {title: 甲, detail: 乙}")
    texts = load_content(folder).texts
    assert (texts["errors.a.title"], texts["errors.a.detail"]) == ("甲", "乙")


def test_unquoted_number_is_a_word(tmp_path: Path) -> None:
    entry = ENTRY + "  keywords: {any: [500], all: [[12333]]}\n"
    content = load_content(write_folder(tmp_path, faq__a=entry))
    assert content.entries[0].keywords.any == ("500",)
    assert content.entries[0].keywords.all == (("12333",),)


def test_all_problems_come_at_once_with_their_lines(tmp_path: Path) -> None:
    folder = write_folder(
        tmp_path,
        faq__a="- id: one\n  title: 一\n  phrasing: [x]\n  phrasings: [怎么办]\n  answer: 好\n"
        "- id: Two\n  title: 二\n  phrasings: []\n  answer: 好\n  valid_from: 明天\n",
        faq__b="- id: three\n  title: [\n",
        services="- intent: fly\n  title: 飞\n  phrasings: [飞]\n  answer: 飞\n",
        smalltalk="id: x\n",
        lexicon__synonyms="- [一个]\n",
        texts__faq="none:\n  - 一\n",
    )
    problems = problems_of(folder)
    assert [problem.partition(": ")[0] for problem in problems] == [
        "faq/a.yaml:3",
        "faq/a.yaml:6",
        "faq/a.yaml:8",
        "faq/a.yaml:10",
        "faq/b.yaml:3",
        "lexicon/synonyms.yaml:1",
        "services.yaml:1",
        "smalltalk.yaml:1",
        "texts/faq.yaml:1",
    ]
    assert "phrasing：不认识这一项" in problems[0]
    assert "id：只能用小写字母" in problems[1]


@pytest.mark.parametrize(
    ("files", "line", "said"),
    [
        ({"faq__a": ENTRY, "faq__b": ENTRY}, "faq/b.yaml:2", "one 写了两次"),
        ({"faq__a": ENTRY + "  answer: 那么办。\n"}, "faq/a.yaml:6", "answer 写了两次"),
        ({"services": "[]"}, "faq:1", "要有问答文件"),
        (
            {"faq__a": ENTRY + "  valid_from: 2022-01-01\n  valid_until: 2021-01-01\n"},
            "faq/a.yaml:2",
            "早于",
        ),
        ({"faq__a": "- id: x\n  title: 好\n  phrasings: [好]\n"}, "faq/a.yaml:1", "answer：缺少"),
    ],
)
def test_problem_names_its_place(
    tmp_path: Path, files: dict[str, str], line: str, said: str
) -> None:
    (problem,) = problems_of(write_folder(tmp_path, **files))
    assert problem.startswith(f"{line}: ")
    assert said in problem


def test_file_that_is_not_utf8(tmp_path: Path) -> None:
    write_folder(tmp_path, faq__a=ENTRY)
    (tmp_path / "faq" / "b.yaml").write_bytes("- id: 好".encode("gbk"))
    assert problems_of(tmp_path) == ["faq/b.yaml:1: 文件读不出来，要存成 UTF-8"]


@pytest.mark.parametrize("text", ["!!python/object:os.system {}", "[" * 20_000, "&a [*a, *a]\x00"])
def test_hostile_yaml_is_a_problem_not_a_crash(tmp_path: Path, text: str) -> None:
    assert problems_of(write_folder(tmp_path, faq__a=text))


def test_content_is_frozen(tmp_path: Path) -> None:
    content = load_content(write_harbour(tmp_path))
    with pytest.raises(ValidationError):
        content.entries[0].answer = "改了"


def test_place_leads_back_to_the_line(tmp_path: Path) -> None:
    folder = read_content_folder(write_folder(tmp_path, faq__a=ENTRY))
    assert folder.place("entry", "one", "phrasings", 0) == (tmp_path / "faq" / "a.yaml", 4)
