"""The fixtures of the running door, and how many examples a round of `make fuzz` has run."""

import json
import os

from tests.fuzz.budget import EXAMPLES, FOUND, ROUND
from tests.integration.bot.conftest import router as router
from tests.integration.bot.conftest import session as session
from tests.integration.bot.conftest import start as start


def pytest_sessionfinish() -> None:
    if ROUND in os.environ:
        (FOUND / "round.json").write_text(json.dumps(EXAMPLES))
