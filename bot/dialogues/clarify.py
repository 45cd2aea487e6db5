"""Two or three questions are near: which one did the person mean?"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from domain.faq.routing.result import Routing

NAME = "clarify"

_DIGITS = {"一": 1, "二": 2, "两": 2, "三": 3}
#: "2", "２", "②", "第二个", "选2", "2。"; a longer text is a new question.
_CHOICE = re.compile(r"(?:我?选|要|第)?\s*([1-9一二两三])\s*(?:个|条|项|号|吧|[。.、!！,，])*")


def start(routing: Routing) -> dict[str, Any]:
    """The state after the options of `routing` were offered."""
    return {
        "dialogue": NAME,
        "options": [
            f"entry:{option.entry}" if option.entry else f"intent:{option.intent}"
            for option in routing.options
        ],
        "titles": [option.title for option in routing.options],
    }


def resume(state: Mapping[str, Any], said: str) -> str | None:
    """The option that `said` picks by number or by its title, as "entry:ID" or "intent:NAME"."""
    options: list[str] = state["options"]
    said = unicodedata.normalize("NFKC", said).strip()
    titles = [unicodedata.normalize("NFKC", title) for title in state["titles"]]
    if said in titles:
        return options[titles.index(said)]
    choice = _CHOICE.fullmatch(said)
    if choice is None:
        return None
    number = _DIGITS.get(choice[1]) or int(choice[1])
    return options[number - 1] if number <= len(options) else None
