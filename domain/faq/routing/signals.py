"""The one interface of all that speaks for or against a candidate."""

from typing import Protocol

from domain.faq.routing.question import Question

#: A signal that gives this rules the candidate out, whatever the others say.
RULED_OUT = -1.0


class Signal(Protocol):
    """One kind of evidence. To add one: write it, and list it in `router.build_signals`."""

    def score(self, question: Question) -> dict[int, float]:
        """Evidence for each candidate by number, 0 to 1 or RULED_OUT; silence is 0.

        The dict is new at each call: it is the caller's to change.
        """
        ...

    def explain(self, question: Question, candidate: int) -> list[str]:
        """Plain words, in Chinese, on what this signal saw in the question for the candidate."""
        ...


def join_evidence(scores: list[dict[int, float]]) -> dict[int, float]:
    """What all signals say together: the chance that not all of them are wrong (noisy or).

    The first of `scores` takes it all up.
    """
    joined = scores[0]
    for score in scores[1:]:
        for number, value in score.items():
            known = joined.get(number)
            if known is None or value == RULED_OUT:
                joined[number] = value
            elif known != RULED_OUT:
                joined[number] = known + value - known * value
    return joined
