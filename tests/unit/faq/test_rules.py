"""Pure decisions: what becomes of a race."""

import pytest

from domain.faq.rules import (
    CLEAR,
    FAMILIAR,
    MAX_OPTIONS,
    OPTION_CHANCE,
    STRANGE,
    SURE,
    TALK_CHANCE,
    Decision,
    Ranking,
    Standing,
    decide_outcome,
    is_clear,
)


def rank(
    *chances: float, confidence: float | None = None, familiarity: float = 0.0, talk: str = ""
) -> Ranking:
    """A race with these chances; `talk` holds the places that are small talk."""
    standings = [
        Standing(number, 0.0, chance, str(number) in talk) for number, chance in enumerate(chances)
    ]
    first = chances[0] if chances else 0.0
    return Ranking(standings, first if confidence is None else confidence, familiarity)


def decide(ranking: Ranking) -> tuple[Decision, list[int]]:
    decision, meant = decide_outcome(ranking)
    return decision, [item.number for item in meant]


def test_nobody_in_the_race_is_no_answer() -> None:
    assert decide(rank()) == (Decision.DECLINE, [])


def test_confidence_answers_and_short_of_it_we_ask_back() -> None:
    assert decide(rank(SURE, 0.3)) == (Decision.ANSWER, [0])
    assert decide(rank(SURE - 0.01, 0.3)) == (Decision.ASK_BACK, [0, 1])


def test_kin_of_the_best_count_for_it() -> None:
    """Two entries on one clause share what they are given: either names the right source."""
    assert decide(rank(0.25, 0.25, confidence=SURE)) == (Decision.ANSWER, [0])


def test_options_are_the_nearest_few() -> None:
    decision, meant = decide(rank(0.2, 0.15, 0.12, 0.1, 0.1))
    assert (decision, meant) == (Decision.ASK_BACK, list(range(MAX_OPTIONS)))
    assert decide(rank(0.3, OPTION_CHANCE, OPTION_CHANCE / 2)) == (Decision.ASK_BACK, [0, 1])


def test_one_option_is_no_choice() -> None:
    assert decide(rank(0.3, OPTION_CHANCE / 2)) == (Decision.DECLINE, [])


def test_what_the_content_is_not_about_is_declined_however_sure() -> None:
    assert decide(rank(0.99, familiarity=STRANGE - 0.01)) == (Decision.DECLINE, [])


def test_what_is_hardly_familiar_is_asked_back() -> None:
    assert decide(rank(0.8, 0.1, familiarity=FAMILIAR - 0.01)) == (Decision.ASK_BACK, [0, 1])
    assert decide(rank(0.8, 0.1, familiarity=FAMILIAR)) == (Decision.ANSWER, [0])


def test_all_small_talk_counts_together_and_is_never_an_option() -> None:
    half = TALK_CHANCE / 2
    assert decide(rank(half, half, 0.1, talk="01")) == (Decision.ANSWER, [0])
    assert decide(rank(0.3, 0.25, 0.2, talk="0")) == (Decision.ASK_BACK, [1, 2])
    assert decide(rank(0.3, 0.25, 0.2, talk="1")) == (Decision.ASK_BACK, [0, 2])


@pytest.mark.parametrize(
    ("ranking", "clear"),
    [
        (rank(), False),
        (rank(CLEAR), True),
        (rank(CLEAR - 0.01), False),
        (rank(CLEAR, talk="0"), False),
        (Ranking([Standing(0, -0.9, 0.9)], 0.9, 0.0), False),
    ],
)
def test_half_a_message_has_to_be_clear_by_itself(ranking: Ranking, clear: bool) -> None:
    assert is_clear(ranking) is clear
