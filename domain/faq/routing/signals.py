"""The one interface of all that speaks for or against a candidate."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from domain.faq.routing.question import Question

#: One number for each candidate, by its number.
Scores = NDArray[np.float32]


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
