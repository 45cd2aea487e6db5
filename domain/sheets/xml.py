"""Parts of a workbook, read as a stream of elements: no tree, no entities, no depth.

expat itself is safe from what its user does not ask for; here a document type (DTD), and with it
every entity, is refused outright.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import NoReturn
from xml.parsers import expat

from domain.errors import DomainError

Attributes = Mapping[str, str]
#: (name without its namespace, attributes); told by Elements of what begins.
Begin = Callable[[str, Attributes], None]
End = Callable[[str], None]
Text = Callable[[str], None]

_DEEPEST = 40
#: Of one part: some seconds of work. A sheet of 500,000 cells has 1.5 million.
_MOST_ELEMENTS = 2_500_000
_MOST_ATTRIBUTES = 100


def ignore(_: str) -> None:
    """Of no interest."""


def read_xml(chunks: Iterable[bytes], begin: Begin, end: End = ignore, text: Text = ignore) -> None:
    """Tell of every element in `chunks`, in order. What the handlers raise comes out.

    Names come without their namespaces: the two editions of the format differ in them alone.
    Raises DomainError sheet_unsafe for a document type, sheet_damaged for what is no XML.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    depth = count = 0

    def on_begin(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, count
        depth, count = depth + 1, count + 1
        if count > _MOST_ELEMENTS:
            raise DomainError("sheet_unsafe", about="bomb")
        if depth > _DEEPEST or len(attributes) > _MOST_ATTRIBUTES:
            raise DomainError("sheet_damaged")
        begin(name.rpartition(" ")[2], attributes)

    def on_end(name: str) -> None:
        nonlocal depth
        depth -= 1
        end(name.rpartition(" ")[2])

    def refuse(*_: object) -> NoReturn:
        raise DomainError("sheet_unsafe", about="entities")

    parser.StartElementHandler = on_begin
    parser.EndElementHandler = on_end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.buffer_text = True
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError, LookupError):
        # LookupError: an encoding that nobody knows.
        raise DomainError("sheet_damaged") from None


def own(attributes: Attributes, name: str) -> str:
    """The attribute `name`, whatever its namespace; "" where there is none."""
    found = attributes.get(name)
    if found is None:
        ending = f" {name}"
        found = next((value for key, value in attributes.items() if key.endswith(ending)), "")
    return found
