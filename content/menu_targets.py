"""Where the custom menu's buttons lead, for the editors' check."""

from dataclasses import dataclass
from pathlib import Path

import yaml

from content.loader import ContentFolder, read_files


@dataclass(frozen=True, slots=True)
class MenuTarget:
    """What a button of the custom menu leads to, and where that is written. scans: by way of the
    camera (`scan`), not by the tap alone (`key`)."""

    target: str
    scans: bool
    file: Path
    line: int


def read_menu_targets(result: ContentFolder) -> list[MenuTarget]:
    """Every `key` and `scan` of the custom menu; none where the folder has no menu."""
    targets: list[MenuTarget] = []
    for file in read_files(result, result.folder / "menus" / "official_account.yaml"):
        waiting = [] if file.tree is None else [file.tree]
        while waiting:
            node = waiting.pop()
            if isinstance(node, yaml.SequenceNode):
                waiting.extend(reversed(node.value))
            elif isinstance(node, yaml.MappingNode):
                for key, value in node.value:
                    if key.value in ("key", "scan") and isinstance(value, yaml.ScalarNode):
                        line = value.start_mark.line + 1
                        scans = key.value == "scan"
                        targets.append(MenuTarget(value.value, scans, file.path, line))
                    else:
                        waiting.append(value)
    return targets
