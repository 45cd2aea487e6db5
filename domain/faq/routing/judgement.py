"""How the signals are weighed against one another, and what chance each candidate then has."""

from math import log

import numpy as np

from domain.faq.routing.signals import Scores

# Chosen on questions that were written without sight of the content (docs/faq.md).
#: The main signal counts in full, a whole rule beside it: more of it made answers worse.
RULE_WEIGHT = 0.2
#: A candidate of so many phrasings has taught the classifier what its rule knows, and better: the
#: rule counts only below. With it raised, raise training.VERSION too.
TAUGHT = 64
#: How sharply a lead in evidence becomes a lead in chance.
SHARPNESS = 8.0
#: What is said in many words is spread over many candidates, and the one that it is about leads
#: by less: the lead counts for more, by this much for each e-fold of SHORT characters.
SHARPNESS_OF_LENGTH = 0.2
SHORT = 15
#: How much of the evidence one has to have that a question is about the content at all: beside
#: the evidence itself, words that the content has, and length, for long questions earn less of it.
#: The same for contents of 80 and of 20,000 phrasings.
COVERAGE_WEIGHT = 1.0
LENGTH_WEIGHT = 0.37
USUAL_LENGTH = 10


def weigh_evidence(main: Scores, rules: Scores | None) -> Scores:
    """One number for each candidate: what the main signal (margins, or likeness less 1) and the
    rules say together. Changes `main`."""
    if rules is not None:
        main += RULE_WEIGHT * rules
    return main


def find_chances(evidence: Scores, length: int) -> Scores:
    """The chance of each candidate, if one of them is meant by a question of `length` characters:
    they add up to 1."""
    sharpness = SHARPNESS
    if length > SHORT:
        sharpness *= 1.0 + SHARPNESS_OF_LENGTH * log(length / SHORT)
    powers: Scores = np.exp(sharpness * (evidence - evidence.max()))
    powers /= powers.sum()
    return powers


def find_familiarity(evidence: float, coverage: float, length: int) -> float:
    """How much a question is like those that the content is about: about 0 for one that is, -1
    for one that is not. `coverage`: by how much more, or less, of its words are the content's
    than of a phrasing; `length` in characters."""
    return evidence + COVERAGE_WEIGHT * coverage + LENGTH_WEIGHT * log(length / USUAL_LENGTH)
