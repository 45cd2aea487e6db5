"""What was learned is kept under a name of all that it came from."""

from datetime import date
from pathlib import Path

import pytest

from content.schema import Content, Entry, Lexicon
from domain.faq.routing import Router
from domain.faq.routing.question import QuestionReader
from domain.faq.routing.training import MOST_KEPT, ModelStore, digest_content

TODAY = date(2026, 11, 22)
QUESTIONS = ["学游泳补多少钱", "救生员", "报名", "我长头发", "zzz", "游泳课在哪"]


def answers(router: Router) -> list[tuple[str, float, tuple[object, ...]]]:
    return [
        (routing.kind, routing.score, routing.ranked)
        for routing in (router.route(question, TODAY) for question in QUESTIONS)
    ]


def test_kept_model_answers_as_the_one_that_was_just_trained(
    harbour_content: Content, tmp_path: Path
) -> None:
    store = ModelStore(tmp_path / "models")
    assert not store.has(harbour_content)
    trained = Router(harbour_content, models=store)
    assert store.has(harbour_content)
    kept = Router(harbour_content, models=store)
    assert answers(kept) == answers(trained) == answers(Router(harbour_content))
    assert sorted(file.suffix for file in (tmp_path / "models").iterdir()) == [".json", ".npz"]


def test_what_was_counted_once_is_not_counted_again(
    harbour_content: Content, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of a start is counting: a server that was killed comes back the sooner."""
    store = ModelStore(tmp_path)
    first = Router(harbour_content, models=store)
    monkeypatch.setattr(QuestionReader, "_count_uses", lambda *_: 1 / 0)
    second = Router(harbour_content, models=store)
    for slip in ("水扑救生", "jiu sheng yuan", *QUESTIONS):
        assert second.reader.read(slip) == first.reader.read(slip)


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 no more", b"\x00" * 4096])
def test_damaged_file_is_learned_anew(
    harbour_content: Content, tmp_path: Path, damage: bytes
) -> None:
    store = ModelStore(tmp_path)
    expected = answers(Router(harbour_content, models=store))
    (file,) = tmp_path.glob("*.npz")
    file.write_bytes(damage)
    assert answers(Router(harbour_content, models=store)) == expected
    assert file.stat().st_size > len(damage)


@pytest.mark.parametrize(
    "damage",
    [
        *(b"", b"\xff", b"[[], []]", b"[[], [], []]", b"[{}]"),
        *(b'[{"a": 1}, {}]', b'[{"a": "b"}, {}, {}]', b'[{}, {}, {"a": 1}]'),
    ],
)
def test_damaged_counts_are_counted_anew(
    harbour_content: Content, tmp_path: Path, damage: bytes
) -> None:
    store = ModelStore(tmp_path)
    expected = answers(Router(harbour_content, models=store))
    (file,) = tmp_path.glob("*.json")
    whole = file.read_bytes()
    file.write_bytes(damage)
    assert answers(Router(harbour_content, models=store)) == expected
    assert file.read_bytes() == whole


def test_folder_that_cannot_be_written_only_costs_time(
    harbour_content: Content, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    store = ModelStore(tmp_path / "file" / "models")
    assert Router(harbour_content, models=store).route("学游泳补多少钱", TODAY).kind == "policy"


def test_name_changes_with_whatever_is_learned_from(harbour_content: Content) -> None:
    first = harbour_content.entries[0]

    def change(**of_entry: object) -> str:
        entry = Entry.model_validate({**first.model_dump(), **of_entry})
        return digest_content(
            harbour_content.model_copy(update={"entries": (entry, *harbour_content.entries[1:])})
        )

    same = digest_content(harbour_content)
    assert change(answer="别的") == same  # What is said teaches nothing.
    assert change(sources=["H02"]) == same
    assert change(title="别的标题") != same
    assert change(phrasings=["另一句"]) != same
    assert change(keywords={"all": [["别的"]]}) != same
    lexicon = Lexicon(concepts=(("甲乙", "丙丁"),))
    assert digest_content(harbour_content.model_copy(update={"lexicon": lexicon})) != same


def test_old_models_go(harbour_content: Content, tmp_path: Path) -> None:
    store = ModelStore(tmp_path)
    for number in range(MOST_KEPT + 2):
        entry = harbour_content.entries[0].model_copy(update={"title": f"第{number}个"})
        Router(
            harbour_content.model_copy(update={"entries": (entry, *harbour_content.entries[1:])}),
            models=store,
        )
    assert len(list(tmp_path.glob("*.npz"))) == MOST_KEPT
    assert len(list(tmp_path.glob("*.json"))) == MOST_KEPT
