"""The laws of what the official account says, beside those of test_architecture.py."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from bot.talks import TALKS
from content.schema import Intent
from domain.messaging.rules import CHOICE
from tests.support import package_content
from tests.test_architecture import ROOT

#: Files of content/texts that bot/ alone says.
AREAS = ("bot", "bind")
#: Keys that are put together in one place: what begins so is asked for there.
COMPUTED_TEXTS = {
    "bot.errors.": Path("bot/refusals.py"),
    "bind.ask_": Path("bot/talks/bind.py"),
    "bind.remind_": Path("bot/talks/bind.py"),
}


def text_keys_in(part: str, area: str) -> Iterator[tuple[str, str]]:
    """(file, key) of each text that `part` asks for by its whole key, such as "bot.welcome"."""
    for file in sorted((ROOT / part).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and re.fullmatch(rf"{area}\.[a-z_.]*[a-z_]", node.value)
            ):
                yield file.name, node.value


def test_texts_that_code_asks_for_exist() -> None:
    """Keys such as "bot.welcome" stand in content/texts."""
    texts = package_content().texts
    areas = (*AREAS, "faq")
    asked = [
        found
        for area in areas
        for found in text_keys_in("bot", area)
        if not found[1].startswith(tuple(COMPUTED_TEXTS))
    ]
    assert len(asked) > 30
    for file, key in asked:
        assert key in texts, f"{file} says {key}, which is not in content/texts"


def test_texts_that_exist_are_asked_for() -> None:
    """What nobody says is not translated, checked and kept in vain."""
    asked = {key for area in AREAS for _, key in text_keys_in("bot", area)}
    for beginning, file in COMPUTED_TEXTS.items():
        assert f'"{beginning}' in (ROOT / file).read_text(encoding="utf-8")
    for key in package_content().texts:
        if key.partition(".")[0] in AREAS and not key.startswith(tuple(COMPUTED_TEXTS)):
            assert key in asked, f"nothing in bot/ says {key}"


def test_every_talk_is_worded_and_known() -> None:
    """A talk stands under its own name, and a service's under its intent."""
    for name, talk in TALKS.items():
        assert name == talk.name
        assert name in (*get_args(Intent), CHOICE), f"{name} is no intent: nothing begins it"
        assert len(name) <= 32 and talk.active_for <= talk.kept_for
        assert not (talk.offline and talk.private), f"{name} would lie in Redis"
