"""This door's table from the code of a refusal to words (law 2)."""

from collections.abc import Mapping

from domain.errors import DomainError
from web.words import fill

#: Stands in the shared table for what no table knows; a rule has no business raising it.
_UNEXPECTED = "unexpected"


def word_refusal(texts: Mapping[str, str], refusal: DomainError) -> str | None:
    """What the person reads: "bot.errors.CODE" where a talk needs words of its own, else the
    shared "errors.CODE.about.NAME" where the refusal names one case, else "errors.CODE.detail".
    None for a code that neither table has."""
    if refusal.code == _UNEXPECTED:
        return None
    keys = [f"bot.errors.{refusal.code}", f"errors.{refusal.code}.detail"]
    if "about" in refusal.facts:
        keys.insert(1, f"errors.{refusal.code}.about.{refusal.facts['about']}")
    text = next((texts[key] for key in keys if texts.get(key)), None)
    return None if text is None else fill(text, refusal.facts)
