"""Words that can be tapped inside a text message.

WeChat sends the words of a tapped link back as a text message that carries the link's id
(bizmsgmenuid). The link is widely used and documented for menu messages alone (docs/wechat.md):
whatever it opens can also be typed.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from domain.faq.routing.result import Routing

#: What the id of a tap on "useful" and on "not useful" begins with; the entry's id follows.
_USEFUL, _USELESS = "useful:", "useless:"


class Opinion(NamedTuple):
    """What a person thinks of an answer. `outcome` is how the message is recorded."""

    outcome: str
    entry: str


def word_routing(routing: Routing, texts: Mapping[str, str]) -> str:
    """What the official account says for `routing`: its answer, with what can be tapped."""
    if routing.kind == "policy" and routing.entry is not None:
        line = texts["bot.useful_line"].format(
            yes=_link(texts["bot.useful_yes"], _USEFUL + routing.entry),
            no=_link(texts["bot.useful_no"], _USELESS + routing.entry),
        )
        return f"{routing.answer}\n{line}"
    said = routing.answer
    options = [
        (option.title, f"entry:{option.entry}" if option.entry else f"intent:{option.intent}")
        for option in routing.options
    ]
    lines = zip(options, word_options(options), strict=True)
    for number, ((title, _), line) in enumerate(lines, 1):
        said = said.replace(f"\n{number}. {title}", f"\n{line}", 1)
    return said


def word_options(options: Iterable[tuple[str, str]]) -> list[str]:
    """A numbered line for each (title, what a tap on it opens)."""
    return [
        f"{number}. {_link(title, target)}" for number, (title, target) in enumerate(options, 1)
    ]


def read_opinion(menu_id: str) -> Opinion | None:
    """The opinion that a tap stands for; None for any other tap."""
    for beginning, outcome in ((_USEFUL, "useful"), (_USELESS, "useless")):
        if menu_id.startswith(beginning):
            return Opinion(outcome, menu_id.removeprefix(beginning))
    return None


def _link(words: str, target: str) -> str:
    # Nothing here comes from outside: titles are the editors', ids are checked on loading. The
    # phone takes the words as they stand; the four characters below would end them.
    safe = words.translate({ord(mark): None for mark in '<>&"'})
    return f'<a href="weixin://bizmsgmenu?msgmenucontent={safe}&msgmenuid={target}">{safe}</a>'
