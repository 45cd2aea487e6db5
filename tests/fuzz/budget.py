"""How much is tried: short in the suite, long under `make fuzz` (tests/fuzz/__main__.py)."""

import os
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis.database import DirectoryBasedExampleDatabase

#: Set by `make fuzz`: examples of each test in one round.
ROUND = "ZPT_FUZZ_ROUND"
#: Where `make fuzz` keeps what it finds, and what led there.
FOUND = Path(os.environ.get("ZPT_VAR", "var")) / "fuzz"

#: How many examples each test has run.
EXAMPLES: Counter[str] = Counter()

_CALM = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
#: The decorator of each test here.
fuzzed = (
    settings(
        _CALM,
        max_examples=int(os.environ[ROUND]),
        database=DirectoryBasedExampleDatabase(FOUND / "examples"),
        print_blob=True,
    )
    if ROUND in os.environ
    else settings(_CALM, max_examples=100)
)
