"""Versions of the privacy notice stay as they were: people have agreed to their words.

content/privacy/SHA256SUMS, as `sha256sum` writes it, names each version with its digest;
`zpt content check` holds the files to it.
"""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from content.loader import Problem

SUMS = "SHA256SUMS"
_LINE = re.compile(r"([0-9a-f]{64}) [ *](\S+)")


def check_versions(folder: Path) -> Iterator[Problem]:
    """What is wrong with the versions in `folder`; nothing where it has none."""
    sums = folder / SUMS
    lines = sums.read_text(encoding="utf-8").splitlines() if sums.is_file() else []
    known: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line or line.startswith("#"):
            continue
        found = _LINE.fullmatch(line)
        if found is None:
            yield Problem(sums, number, "要写成“校验码、两个空格、文件名”的样子")
        elif found[2] in known:
            yield Problem(sums, number, f"{found[2]} 写了两次")
        else:
            known[found[2]] = found[1]
            if not (folder / found[2]).is_file():
                yield Problem(sums, number, f"{found[2]} 不见了，登记过的每一版都要留着")
    for file in sorted(folder.glob("*.yaml")):
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        if file.name not in known:
            words = f"这一版还没有登记，定稿以后在 {SUMS} 里加一行：{digest}  {file.name}"
            yield Problem(file, 1, words)
        elif known[file.name] != digest:
            words = "这一版已经登记，有人同意过它的每一个字，不能再改；要改，请另写新的一版"
            yield Problem(file, 1, words)
