"""Words out of content/texts, filled with facts."""

from collections.abc import Mapping

import structlog

log = structlog.get_logger("web.words")


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


def fill(text: str, facts: Mapping[str, object]) -> str:
    """`text` with its {placeholders} filled from `facts`."""
    return text.format_map(_Facts(facts))
