"""Traditional characters made simplified."""

import unicodedata
from functools import cache

from opencc import OpenCC


def simplify_phrases(text: str) -> str:
    """`text` in simplified characters, as its phrases have them."""
    # Simplified text stays as it is: the converter knows phrases, and would mend what is right.
    return text if _traditional_characters().isdisjoint(text) else _converter().convert(text)


def simplify_characters(text: str) -> str:
    """`text` in simplified characters and usual width, each in the place where it stood."""
    return "".join(map(_simplify_character, text))


@cache
def _simplify_character(character: str) -> str:
    usual = unicodedata.normalize("NFKC", character)
    if len(usual) != 1:
        return character
    return _converter().convert(usual) if usual in _traditional_characters() else usual


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


@cache
def _traditional_characters() -> frozenset[str]:
    """The characters that the converter's own table changes when they stand alone."""
    blocks = (range(0x3400, 0x4DC0), range(0x4E00, 0xA000))
    characters = [chr(code) for block in blocks for code in block]
    converted = _converter().convert("\n".join(characters)).split("\n")
    return frozenset(
        character
        for character, simple in zip(characters, converted, strict=True)
        if character != simple
    )
