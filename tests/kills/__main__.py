"""`make drill`: the kills by hand, with the figures that docs/outages.md has.

`python -m tests.kills [--per-second N] [NAME …]`, see tests/kills/plans.py for the names.
"""

import argparse
import asyncio
from pathlib import Path

from tests.kills.drill import PER_SECOND, run_drill
from tests.kills.estate import open_estate
from tests.kills.plans import PLANS


async def main(names: list[str], per_second: float) -> None:
    """Run the named drills, one after the other on one house, and print what came of each."""
    models = Path("var/models")
    models.mkdir(parents=True, exist_ok=True)
    with open_estate(models) as estate:
        print(f"started in {estate.start_seconds:.1f} s", flush=True)
        for name in names:
            report = await run_drill(estate, name, PLANS[name](estate), per_second)
            print(report.line(), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.kills")
    parser.add_argument("names", nargs="*", default=list(PLANS))
    parser.add_argument("--per-second", type=float, default=PER_SECOND)
    asked = parser.parse_args()
    asyncio.run(main(asked.names, asked.per_second))
