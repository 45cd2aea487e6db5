"""Two or three questions are near: which one did the person mean?"""

import re
import unicodedata
from datetime import timedelta
from enum import Enum

from bot.replies import Text
from bot.talks.contract import Context, NotMine, Opens, Said, State, Step
from bot.taps import word_options, word_routing
from domain.faq.routing.result import Routing

_LASTS = timedelta(minutes=30)
_DIGITS = dict(zip("一二两三四五六七八九十", (1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10), strict=True))
#: What may stand around a choice: "我选2吧", "回复2", "就第二个", "2。".
_BEFORE = r"(?:那|就|我|想|选|要|问|回复|回|第)*\s*"
_AFTER = r"\s*(?:个|条|项|号|吧|呢|啊|的|[。.、!！,，~～])*"
#: A longer text is a new question.
_CHOICE = re.compile(rf"{_BEFORE}(\d{{1,2}}|[一二两三四五六七八九十]){_AFTER}")
_LAST = re.compile(rf"{_BEFORE}(?:最后|末尾|末)(?:的|那|这)?一?{_AFTER}")
_NONE = re.compile(
    r"(?:这些?|哪个|一个)?(?:都|全)?(?:不是|不对|没有)(?:我(?:要|想)问?的|一个是|这些)?"
    r"[了啊呢的。.!！,，~～]*"
)
#: What makes a digit an emoji.
_KEYCAP = {ord("\ufe0f"): None, ord("\u20e3"): None}


class Picked(Enum):
    """Said about the options, and none of them."""

    BEYOND = "a number that is not there"
    NOTHING = "none of them is meant"


class Clarify:
    """Offers the options of a question that is unclear, and opens the one that is picked."""

    name = "clarify"
    version = 1
    active_for = _LASTS
    kept_for = _LASTS
    private = False
    offline = True
    urgent = False

    async def begin(self, said: Said, context: Context) -> Step | Opens:
        """Offer the options of what was said."""
        routing = context.route(said.words or "")
        return Step(offer(routing), Text(word_routing(routing, context.texts)))

    async def step(self, state: State, said: Said, context: Context) -> Step | Opens | NotMine:
        """Open what was picked; anything else is a new question."""
        if said.words is None:
            return NotMine.STAYS
        texts = context.texts
        if said.command is not None:
            # There is no step before this one, and nothing else to go on with.
            return Step(state, Text(_list_options(state, texts["faq.clarify_head"])))
        picked = pick(state, said.words)
        if picked is Picked.NOTHING:
            return Step(None, Text(texts["bot.choice_none"]))
        if picked is Picked.BEYOND:
            head = texts["bot.choice_beyond"].format(most=len(state.answers["options"]))
            return Step(state, Text(_list_options(state, head)))
        return NotMine.ENDS if picked is None else Opens(picked)

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


def pick(state: State, said: str) -> str | Picked | None:
    """The option that `said` picks by number or by its title, as "entry:ID" or "intent:NAME";
    None where the words are about something else."""
    options: list[str] = state.answers["options"]
    said = _read_digits(said)
    titles = [_read_digits(title) for title in state.answers["titles"]]
    if said in titles:
        return options[titles.index(said)]
    if _LAST.fullmatch(said):
        return options[-1]
    if _NONE.fullmatch(said):
        return Picked.NOTHING
    number = read_number(said)
    if number is None:
        return None
    return options[number - 1] if 0 < number <= len(options) else Picked.BEYOND


def read_number(said: str) -> int | None:
    """The number that the words pick ("2", "我选第二个"); None where they are anything else."""
    choice = _CHOICE.fullmatch(_read_digits(said))
    return None if choice is None else _DIGITS.get(choice[1]) or int(choice[1])


def _read_digits(text: str) -> str:
    """With digits of any form (２, ②, ❷, 2️⃣) as plain ones."""
    plain = unicodedata.normalize("NFKC", text).translate(_KEYCAP).strip()
    digits = (unicodedata.digit(char, None) for char in plain)
    return "".join(
        char if digit is None else str(digit) for char, digit in zip(plain, digits, strict=True)
    )


def _list_options(state: State, head: str) -> str:
    titles, targets = state.answers["titles"], state.answers["options"]
    return "\n".join([head.strip(), *word_options(zip(titles, targets, strict=True))])
