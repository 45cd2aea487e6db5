"""`python -m tests.kills [NAME …]`: the drills by hand, with the figures that docs/outages.md has."""

import asyncio
import sys
from pathlib import Path

from tests.kills.estate import open_estate
from tests.kills.plans import PLANS


async def main(names: list[str]) -> None:
    """Run the named drills, or all, one after the other on one house."""
    with open_estate(Path("var/models")) as estate:
        for name in names or PLANS:
            print((await PLANS[name](estate)).line(), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
