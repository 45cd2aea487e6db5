"""The laws of the phone's page: tokens only, no markup from strings, nothing inline."""

import re
from pathlib import Path

import pytest

from sandbox.phone.page import show_page
from web.pages import STATIC_FOLDER

STATIC = Path(show_page.__code__.co_filename).parent / "static"
PAGE = STATIC / "phone.html"
SCRIPTS = sorted((STATIC / "phone").glob("*.js"))
SHEETS = sorted((STATIC / "phone").glob("*.css"))
MOST_LINES = 400
#: 1 px and 2 px lines, the ring of the focus, and shares of what is there are no sizes.
RAW = re.compile(
    r"#[0-9a-f]{3,8}\b|\brgb|\bhsl|(?<![\w.-])(?!0px|1px|2px|3px)\d+px|font-family: [^v]"
)


@pytest.mark.parametrize("file", [PAGE, *SCRIPTS, *SHEETS], ids=lambda file: file.name)
def test_no_file_is_too_long_or_asks_elsewhere(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count("\n") <= MOST_LINES
    own = text.replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"[\"'(](https?:)?//[\w.]", own)


@pytest.mark.parametrize("file", SCRIPTS, ids=lambda file: file.name)
def test_nothing_is_read_as_markup_or_run(file: Path) -> None:
    """Everything a message holds becomes text nodes (the page's policy forbids the rest, too)."""
    text = file.read_text(encoding="utf-8")
    found = re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|srcdoc", text
    )
    assert not found, found
    for name in re.findall(r'^import .* from "([^"]+)"', text, re.MULTILINE):
        assert (file.parent / name).is_file(), name


@pytest.mark.parametrize("file", SHEETS, ids=lambda file: file.name)
def test_sheets_use_tokens_and_only_those_that_exist(file: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not RAW.search(text), RAW.search(text)
    tokens = (STATIC_FOLDER / "tokens.css").read_text(encoding="utf-8")
    known = set(re.findall(r"^\s*(--[\w-]+):", tokens, re.MULTILINE))
    # Where a sheet stands is set by the script that opens it.
    placed = {"--sheet-left", "--sheet-width", "--sheet-below", "--sheet-height"}
    assert set(re.findall(r"var\((--[\w-]+)", text)) <= known | placed


def test_the_page_has_nothing_inline_and_all_it_names() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script>", text)
    named = re.findall(r'"/sandbox/static/([^"]+)"', text)
    assert "phone/main.js" in named
    for name in named:
        assert name == "tokens.css" or (STATIC / name).is_file(), name
    assert {f"phone/{sheet.name}" for sheet in SHEETS} <= set(named)
