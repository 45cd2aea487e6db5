"""Changed content takes the old one's place: all of it, or nothing."""

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from content.fingerprint import stamp_folder
from content.loader import load_content
from domain.faq.live import LiveRouter
from domain.faq.reloading import ContentWatcher
from domain.faq.routing import Router
from tests.unit.faq.conftest import ENTRIES, write_harbour

TODAY = date(2026, 11, 22)
CAP = "要不要戴泳帽"


class Scene:
    """A folder of content, a router that is live, and a watcher that is moved by hand."""

    def __init__(self, folder: Path) -> None:
        self.folder = write_harbour(folder)
        self.live = LiveRouter(self.build())
        self.examined = 0
        self.verdict: tuple[int, list[str]] = (0, [])
        self.counted: list[str] = []
        self.during_build: Callable[[], None] = lambda: None
        self.watcher = self.watch()

    def watch(self) -> ContentWatcher:
        """A watcher over what is live, as a process that starts now has one."""
        return ContentWatcher(
            self.folder,
            self.live,
            examine=self.examine,
            build=self.build_slowly,
            count=self.counted.append,
        )

    def build(self) -> Router:
        return Router(load_content(self.folder))

    def build_slowly(self) -> Router:
        self.during_build()
        return self.build()

    async def examine(self) -> tuple[int, list[str]]:
        self.examined += 1
        return self.verdict

    def edit(self, old: str, new: str) -> None:
        path = self.folder / "faq" / "swim.yaml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    @property
    def said(self) -> str:
        return self.live.current.route(CAP, TODAY).answer


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path / "harbour")


async def test_nothing_changed_nothing_examined(scene: Scene) -> None:
    for _ in range(3):
        assert not await scene.watcher.look()
    assert scene.examined == 0


async def test_change_is_taken_up_once_it_has_settled(scene: Scene) -> None:
    scene.edit("要戴，自己带。", "现在发。")
    assert not await scene.watcher.look(), "may be half done"
    assert "要戴，自己带。" in scene.said
    assert await scene.watcher.look()
    assert "现在发。" in scene.said
    assert scene.counted == ["replaced"]
    assert not await scene.watcher.look()
    assert scene.examined == 1


async def test_editor_who_goes_on_saving_is_waited_for(scene: Scene) -> None:
    for word in "甲乙丙":
        scene.edit("要戴，自己带。" if word == "甲" else "改", "改" + word)
        assert not await scene.watcher.look()
    assert scene.examined == 0
    assert await scene.watcher.look()


async def test_process_that_starts_with_old_content_catches_up(scene: Scene) -> None:
    """gunicorn starts a worker anew with what was loaded before the first one was started."""
    scene.edit("要戴，自己带。", "现在发。")
    late = scene.watch()
    assert not await late.look(), "may be half done"
    assert await late.look()
    assert "现在发。" in scene.said
    assert not await late.look()
    assert scene.examined == 1


async def test_broken_change_is_refused_and_the_old_one_kept(scene: Scene) -> None:
    scene.edit("要戴，自己带。", "现在发。")
    scene.verdict = (1, ["swim.yaml:3: 写错了"])
    await scene.watcher.look()
    assert not await scene.watcher.look()
    assert not await scene.watcher.look()
    assert scene.examined == 1, "the same folder is not examined again"
    assert "要戴，自己带。" in scene.said
    assert scene.counted == ["refused"]
    scene.edit("现在发。", "现在发！")
    scene.verdict = (0, [])
    await scene.watcher.look()
    assert await scene.watcher.look()
    assert "现在发！" in scene.said


async def test_change_that_does_not_load_is_refused(scene: Scene) -> None:
    scene.edit("id: swim-cap", "id: 泳帽")
    await scene.watcher.look()
    assert not await scene.watcher.look()
    assert scene.counted == ["refused"]
    assert "要戴，自己带。" in scene.said


async def test_what_changes_while_it_is_read_is_not_taken_up(scene: Scene) -> None:
    scene.edit("要戴，自己带。", "现在发。")
    scene.during_build = lambda: scene.edit("现在发。", "又改了。")
    await scene.watcher.look()
    assert not await scene.watcher.look()
    assert "要戴，自己带。" in scene.said
    scene.during_build = lambda: None
    await scene.watcher.look()
    assert await scene.watcher.look()
    assert "又改了。" in scene.said


async def test_texts_are_those_of_the_moment(scene: Scene) -> None:
    texts = scene.live.texts
    assert texts["faq.none"] == "答不了。"
    path = scene.folder / "texts" / "faq.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("答不了。", "不会。"), encoding="utf-8"
    )
    await scene.watcher.look()
    assert await scene.watcher.look()
    assert texts["faq.none"] == "不会。"
    assert "faq.none" in set(texts)
    assert len(texts) == len(scene.live.content.texts)


def test_stamp_of_content_is_older_than_what_was_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is saved while the folder is read has to be seen as a change afterwards."""
    folder = write_harbour(tmp_path)
    before = stamp_folder(folder)
    read_text = Path.read_text

    def save_meanwhile(path: Path, encoding: str) -> str:
        os.utime(folder / "faq" / "swim.yaml", ns=(2, 2))
        return read_text(path, encoding)

    monkeypatch.setattr(Path, "read_text", save_meanwhile)
    assert load_content(folder).stamp == before
    assert stamp_folder(folder) != before


def test_stamp_sees_names_sizes_and_times(tmp_path: Path) -> None:
    folder = write_harbour(tmp_path)
    first = stamp_folder(folder)
    assert stamp_folder(folder) == first
    path = folder / "faq" / "swim.yaml"
    os.utime(path, ns=(1, 1))
    touched = stamp_folder(folder)
    assert touched != first
    path.write_text(ENTRIES + "\n", encoding="utf-8")
    os.utime(path, ns=(1, 1))
    assert stamp_folder(folder) != touched
    path.rename(folder / "faq" / "other.yaml")
    assert stamp_folder(folder) != touched
    (folder / "notes.txt").write_text("x", encoding="utf-8")
    assert stamp_folder(folder) == stamp_folder(folder)
