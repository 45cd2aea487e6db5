"""`make fuzz`: all targets for a while, by coverage where atheris is there, by grammars, and the
API by its own document.

    python -m tests.fuzz --seconds 600

What is found stays under var/fuzz (inputs in found/, hypothesis's in examples/, the grown corpus
in corpus/) and makes the exit code 1.
"""

import argparse
import importlib.util
import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.budget import FOUND, ROUND

TARGETS = ("xml", "envelope", "reply")
_HERE = Path(__file__).parent
_DOCUMENT = _HERE.parent / "integration" / "schema"
#: The part of the time for coverage; the rest is for grammars and for the whole door.
_GUIDED_PART = 0.5
_EXAMPLES_A_ROUND = 400
_RUNS = re.compile(r"stat::number_of_executed_units:\s+(\d+)")
_COVERAGE = re.compile(r"cov: (\d+)")


@dataclass(frozen=True)
class Result:
    """What one target, or one round of tests, has come to."""

    name: str
    runs: int
    failed: bool
    note: str = ""


def fuzz_by_coverage(target: str, seconds: int) -> Result:
    """One target under libFuzzer."""
    corpus = FOUND / "corpus" / target
    corpus.mkdir(parents=True, exist_ok=True)
    (FOUND / "found").mkdir(exist_ok=True)
    finished = subprocess.run(
        [
            *(sys.executable, "-m", "tests.fuzz.guided", target),
            *(str(corpus), str(_HERE / "corpus" / target)),
            f"-max_total_time={max(1, seconds)}",
            f"-artifact_prefix={FOUND / 'found'}/{target}-",
            f"-dict={_HERE / 'xml.dict'}",
            *("-max_len=8192", "-timeout=10", "-rss_limit_mb=1024", "-print_final_stats=1"),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    said = finished.stdout.decode("utf-8", "replace")
    if finished.returncode:
        print(said[-6000:])
    runs = _RUNS.search(said)
    covered = _COVERAGE.findall(said)
    note = f"coverage {covered[0]} -> {covered[-1]}" if covered else ""
    return Result(
        f"{target} (coverage)", int(runs[1]) if runs else 0, bool(finished.returncode), note
    )


def fuzz_by_grammar(seconds: float) -> list[Result]:
    """Rounds of the tests of this folder, each with other examples, until the time is up."""
    until = time.monotonic() + seconds
    runs: Counter[str] = Counter()
    rounds = failed = 0
    # A last round is not begun that would end far beyond.
    longest = 0.0
    while not rounds or time.monotonic() + longest / 2 < until:
        began = time.monotonic()
        rounds += 1
        examples = _EXAMPLES_A_ROUND if seconds >= 60 else 100
        finished = subprocess.run(
            [sys.executable, "-m", "pytest", str(_HERE), "-q", "--timeout=1800"],
            env={**os.environ, ROUND: str(examples)},
            check=False,
        )
        runs.update(json.loads((FOUND / "round.json").read_text()))
        longest = max(longest, time.monotonic() - began)
        if finished.returncode:
            failed = 1
            break
    results = [Result(f"{name} (grammar)", number, False) for name, number in sorted(runs.items())]
    return [*results, Result("rounds", rounds, bool(failed))]


def fuzz_document(seconds: int) -> Result:
    """Each operation of the API, by its own document (tests/integration/schema)."""
    examples = max(24, seconds // 8)
    finished = subprocess.run(
        [sys.executable, "-m", "pytest", str(_DOCUMENT), "-q", "--timeout=1800"],
        env={**os.environ, ROUND: str(examples)},
        check=False,
    )
    note = f"{examples} examples of each operation"
    return Result("API (document)", examples, bool(finished.returncode), note)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make fuzz")
    parser.add_argument("--seconds", type=int, default=600)
    seconds = parser.parse_args().seconds
    FOUND.mkdir(parents=True, exist_ok=True)
    results: list[Result] = []
    if importlib.util.find_spec("atheris") is not None:
        each = int(seconds * _GUIDED_PART / len(TARGETS))
        results += [fuzz_by_coverage(target, each) for target in TARGETS]
        seconds -= each * len(TARGETS)
    else:
        print("没有 atheris，只按语法试。")
    began = time.monotonic()
    results.append(fuzz_document(seconds))
    results += fuzz_by_grammar(max(1.0, seconds - (time.monotonic() - began)))
    for result in results:
        verdict = "有问题" if result.failed else "没有问题"
        print(f"{result.name:32} {result.runs:>12,}  {verdict}  {result.note}")
    if any(result.failed for result in results):
        print(f"找到的输入在 {FOUND}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
