"""Words out of content/texts, filled with facts."""

from collections.abc import Mapping

import structlog

log = structlog.get_logger("web.words")

#: Who reads a refusal: the files of content/texts where their words stand, the first that has some.
Audience = tuple[str, ...]
#: The person whom it is about.
EVERYBODY: Audience = ("errors",)
#: Who acts for other people: a firm that names its own.
FOR_OTHERS: Audience = ("others", *EVERYBODY)
#: Who works at the console.
STAFF: Audience = ("staff", *FOR_OTHERS)


class _Facts(dict[str, object]):
    """A placeholder without its fact stays empty: a gap reads better than no answer at all."""

    def __missing__(self, name: str) -> str:
        log.warning("text_without_fact", placeholder=name)
        return ""


def word(texts: Mapping[str, str], key: str) -> str:
    """The text under `key`; "" where the editors have none yet (tests see to it that they do)."""
    text = texts.get(key)
    if text is None:
        log.error("text_missing", text_key=key)
        return ""
    return text


def find_refusal(texts: Mapping[str, str], audience: Audience, code: str, part: str) -> str | None:
    """What `audience` is told of a refusal, not filled. part: "title", "detail", "reading",
    "about.NAME", "fields.NAME"; None where nobody has words for it."""
    for file in audience:
        words = texts.get(f"{file}.{code}.{part}")
        if words is not None:
            return words
    return None


def word_refusal(texts: Mapping[str, str], audience: Audience, code: str, part: str) -> str:
    """The same; "" where there are none yet (tests see to it that there are)."""
    return find_refusal(texts, audience, code, part) or word(texts, f"errors.{code}.{part}")


def fill(text: str, facts: Mapping[str, object]) -> str:
    """`text` with its {placeholders} filled from `facts`."""
    return text.format_map(_Facts(facts))
