"""Every command starts without what only some need."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_no_command_loads_the_demo_before_it_is_to_be_seeded() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import scripts.zpt, sys; print(*sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(told.stdout.split())
    assert "demo.names" in loaded
    assert loaded & {"demo.areas", "content.loader", "tortoise"} == set()
