"""What the documents point to is there: links, pictures, and the paths that they name."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "content").glob("*.md")]
)
_LINK = re.compile(r'\]\(([^)#\s]+)[^)]*\)|<img src="([^"]+)"')
#: As `bot/webhook.py`: the first part is a folder of ours, the rest has no place-holder.
_PATH = re.compile(r"`((?:bot|api|assembly|clients|content|demo|docs|domain|jobs|models|observing|"
                   r"sandbox|scripts|tests|web)/[\w./-]*)`")  # fmt: skip


@pytest.mark.parametrize("document", DOCUMENTS, ids=[str(d.relative_to(ROOT)) for d in DOCUMENTS])
def test_what_a_document_names_is_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    links = [first or second for first, second in _LINK.findall(text)]
    missing = [
        link for link in links if "://" not in link and not (document.parent / link).exists()
    ]
    paths = [path for path in _PATH.findall(text) if not (ROOT / path).exists()]
    assert (missing, paths) == ([], [])
