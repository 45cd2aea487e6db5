"""The one interface of all that speaks for or against a candidate."""

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from domain.faq.routing.question import Question

#: One number for each candidate, by its number.
Scores = NDArray[np.float32]


class Heard(NamedTuple):
    """What the signal that judges first makes of a question, all at one go.

    scores: as `Signal.score`; None where not one feature of the question is known.
    coverage: the share of the question's pairs and words that some phrasing has too; None where
        it has none.
    """

    scores: Scores | None
    coverage: float | None


class Signal(Protocol):
    """One kind of evidence. To add one: write it, and weigh it in `judgement`."""

    def score(self, question: Question) -> Scores:
        """Evidence for each candidate; what the numbers mean is the signal's own matter.

        The array is new at each call: it is the caller's to change.
        """
        ...

    def explain(self, question: Question, candidate: int) -> list[str]:
        """Plain words, in Chinese, on what this signal saw in the question for the candidate."""
        ...
