"""What people asked and got no answer to, grouped so that an editor can do something about it."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import NamedTuple

from domain.faq.routing import Ranked, Router
from domain.faq.routing.question import Question

#: Two questions are one where they share this much of what they are made of (Jaccard).
ALIKE = 0.4
#: Ways of asking that are shown of one group.
SHOWN = 8
NEAREST = 3


class Group(NamedTuple):
    """Questions that are alike.

    asked: how often, by all people together. questions: the ways they put it, the most frequent
    first, masked. declined: how many of them got no answer, the others a question back.
    nearest: the entries that came nearest.
    """

    asked: int
    declined: int
    questions: tuple[str, ...]
    nearest: tuple[Ranked, ...]


def group_unanswered(
    router: Router, said: Iterable[str], mask: Callable[[str], str], as_of: date
) -> list[Group]:
    """The groups among what people `said`, the most frequent first; shown is what `mask` leaves.

    Each is routed as it would be today: what is answered by now, and small talk, is left out.
    """
    #: What is shown, to how often it was said and one way it was really said: the mask's own
    #: words must not route.
    counts: dict[str, int] = {}
    really: dict[str, str] = {}
    for text in said:
        shown = " ".join(mask(text).split())
        counts[shown] = counts.get(shown, 0) + 1
        really.setdefault(shown, text)
    leaders: list[tuple[Question, list[str]]] = []
    declined: set[str] = set()
    for shown in sorted(counts, key=lambda text: (-counts[text], text)):
        routing = router.route(really[shown], as_of)
        question = router.reader.read(really[shown])
        if not question.text or not router.is_unanswered(routing):
            continue
        if routing.kind == "none":
            declined.add(shown)
        for leader, members in leaders:
            if _is_alike(leader, question):
                members.append(shown)
                break
        else:
            leaders.append((question, [shown]))
    groups = [
        Group(
            sum(counts[shown] for shown in members),
            sum(counts[shown] for shown in members if shown in declined),
            tuple(members[:SHOWN]),
            router.route(really[members[0]], as_of).ranked[:NEAREST],
        )
        for _, members in leaders
    ]
    return sorted(groups, key=lambda group: (-group.asked, group.questions))


def _is_alike(one: Question, other: Question) -> bool:
    shared = len(set(one.features).intersection(other.features))
    return shared >= ALIKE * (len(one.features) + len(other.features) - shared)
