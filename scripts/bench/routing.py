"""How long a question takes to be routed, and how that grows with the number of entries."""

import json
import random
import time
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from statistics import quantiles
from typing import NamedTuple

from content.schema import Content, Keywords
from domain.faq.routing import Router

#: Questions that were written without sight of the content.
QUESTIONS = Path(__file__).parents[2] / "tests" / "data" / "faq" / "outside-tuning.jsonl"
#: Entries of the contents whose growth is measured; each has as many phrasings as the check asks.
GROWTH = (200, 1_000, 3_000, 10_000)
_PHRASINGS = 8
_ROUNDS = 5
_SEED = 20261122


class Times(NamedTuple):
    """Of one question, in milliseconds."""

    p50: float
    p99: float


def read_questions() -> list[str]:
    """The questions of QUESTIONS."""
    lines = QUESTIONS.read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["q"] for line in lines]


def measure_routing(router: Router, questions: Sequence[str], as_of: date) -> Times:
    """Each question several times over, after a first round that does not count."""
    times: list[float] = []
    for number in range(_ROUNDS + 1):
        for question in questions:
            began = time.perf_counter()
            router.route(question, as_of)
            if number:
                times.append((time.perf_counter() - began) * 1e3)
    cuts = quantiles(times, n=100)
    return Times(cuts[49], cuts[98])


def measure_growth(content: Content, as_of: date) -> Iterator[tuple[int, str, float, Times]]:
    """(entries, what judges, seconds to build, times) for contents of GROWTH entries.

    The entries are made of the content's own phrasings, drawn at random: what they mean does not
    matter here, what they are made of does.
    """
    questions = read_questions()
    for count in GROWTH:
        grown = _grow(content, count)
        began = time.perf_counter()
        router = Router(grown)
        seconds = time.perf_counter() - began
        judge = type(router.race.signals[0]).__name__.removesuffix("Signal").lower()
        yield count, judge, seconds, measure_routing(router, questions, as_of)


def _grow(content: Content, count: int) -> Content:
    chance = random.Random(_SEED)  # noqa: S311 - the same contents in every run
    phrasings = [phrasing for entry in content.entries for phrasing in entry.phrasings]
    entries = []
    for number in range(count):
        like = content.entries[number % len(content.entries)]
        entries.append(
            like.model_copy(
                update={
                    "id": f"grown-{number}",
                    "title": f"{like.title}{number}",
                    "phrasings": tuple(chance.sample(phrasings, _PHRASINGS)),
                    "keywords": Keywords(),
                }
            )
        )
    update = {"entries": tuple(entries), "services": (), "smalltalk": (), "topics": ()}
    return content.model_copy(update=update)
