"""The laws of the screen's page: tokens only, nothing inline, and browsers of 2018 can read it."""

import re

from api.screen.application import TEMPLATES
from web.pages import STATIC_FOLDER

PAGE = (TEMPLATES / "screen.html.j2").read_text(encoding="utf-8")
SHEET = re.sub(
    r"/\*.*?\*/",
    "",
    (STATIC_FOLDER / "screen.css").read_text(encoding="utf-8"),
    flags=re.DOTALL,
)
SCRIPT = re.sub(
    r"^\s*//.*$",
    "",
    (STATIC_FOLDER / "screen.js").read_text(encoding="utf-8"),
    flags=re.MULTILINE,
)


def test_nothing_is_inline_and_nothing_is_read_as_markup() -> None:
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script>", PAGE)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", SCRIPT)
    assert not re.search(r"[\"'(](https?:)?//[\w.]", PAGE + SHEET + SCRIPT)


def test_the_sheet_uses_tokens_and_only_those_that_exist() -> None:
    raw = r"#[0-9a-f]{3,8}\b|\brgb|\bhsl|(?<![\w.-])(?!1px|2px|3px)\d+px|font-family: [^v]"
    assert not re.search(raw, SHEET), re.search(raw, SHEET)
    tokens = (STATIC_FOLDER / "tokens.css").read_text(encoding="utf-8")
    known = set(re.findall(r"^\s*(--[\w-]+):", tokens, re.MULTILINE))
    assert set(re.findall(r"var\((--[\w-]+)", SHEET)) <= known


def test_old_browsers_of_classrooms_can_read_it() -> None:
    """Chrome 69 is what Windows 7 machines are often left with."""
    script = r"\?\.\w|\?\?|replaceChildren|replaceAll|\.at\(|structuredClone|^import |\bclass \w"
    assert not re.search(script, SCRIPT, re.MULTILINE), re.search(script, SCRIPT, re.MULTILINE)
    sheet = (
        r"[^-\w]gap:|:is\(|:where\(|:has\(|inset:|[^-\w](?:min|max|clamp)\("
        r"|aspect-ratio:\s*\d+\s*;|dvh|text-wrap|:focus-visible"
    )
    assert not re.search(sheet, SHEET), re.search(sheet, SHEET)


def test_the_script_finds_what_it_looks_for() -> None:
    wanted = set(re.findall(r"(?:find|show|say)\(\"([\w-]+)\"", SCRIPT))
    assert len(wanted) > 15
    assert wanted <= set(re.findall(r"\bid=\"([\w-]+)\"", PAGE))
