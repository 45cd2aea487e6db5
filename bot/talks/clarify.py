"""Two or three questions are near: which one did the person mean?"""

import re
import unicodedata
from datetime import timedelta

from bot.replies import Text
from bot.talks.contract import Context, NotMine, Opens, Said, State, Step
from bot.taps import word_routing
from domain.faq.routing.result import Routing

_LASTS = timedelta(minutes=30)
_DIGITS = {"一": 1, "二": 2, "两": 2, "三": 3}
#: "2", "２", "②", "第二个", "选2", "2。"; a longer text is a new question.
_CHOICE = re.compile(r"(?:我?选|要|第)?\s*([1-9一二两三])\s*(?:个|条|项|号|吧|[。.、!！,，])*")


class Clarify:
    """Offers the options of a question that is unclear, and opens the one that is picked."""

    name = "clarify"
    version = 1
    active_for = _LASTS
    kept_for = _LASTS
    private = False
    offline = True

    async def begin(self, said: Said, context: Context) -> Step | Opens:
        """Offer the options of what was said."""
        routing = context.route(said.words or "")
        return Step(offer(routing), Text(word_routing(routing, context.texts)))

    async def step(self, state: State, said: Said, context: Context) -> Step | Opens | NotMine:  # noqa: ARG002
        """Open what was picked; anything else is a new question."""
        if said.words is None:
            return NotMine.STAYS
        target = pick(state, said.words or "")
        return NotMine.ENDS if target is None else Opens(target)

    def remind(self, state: State, context: Context) -> str:  # noqa: ARG002
        """Nothing is said below other answers: whoever asks something else has moved on."""
        return ""

    def upgrade(self, state: State) -> State | None:  # noqa: ARG002
        """There has been one version."""
        return None


def offer(routing: Routing) -> State:
    """The state after the options of `routing` were offered."""
    options = [
        f"entry:{option.entry}" if option.entry else f"intent:{option.intent}"
        for option in routing.options
    ]
    titles = [option.title for option in routing.options]
    return State("choose", {"options": options, "titles": titles})


def pick(state: State, said: str) -> str | None:
    """The option that `said` picks by number or by its title, as "entry:ID" or "intent:NAME"."""
    options: list[str] = state.answers["options"]
    said = unicodedata.normalize("NFKC", said).strip()
    titles = [unicodedata.normalize("NFKC", title) for title in state.answers["titles"]]
    if said in titles:
        return options[titles.index(said)]
    choice = _CHOICE.fullmatch(said)
    if choice is None:
        return None
    number = _DIGITS.get(choice[1]) or int(choice[1])
    return options[number - 1] if number <= len(options) else None
