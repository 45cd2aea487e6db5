"""WeChat's XML as dictionaries, and text that is safe to put back into XML.

wechatpy parses with xmltodict, which raises on a control character (protocol thread 24) and on a
body without MsgType (25), and knows 57 of the events. This reader takes every message: its tests
hold it against wechatpy over all the types that wechatpy knows. docs/decisions says what it saves.
"""

import re
from collections.abc import Mapping
from typing import Any
from xml.parsers import expat

#: One element: its text, or its children by name; a list where a name comes more than once.
Node = str | dict[str, Any] | list[Any]

#: Deeper or longer than anything that the platform sends.
_MOST_DEPTH = 16
_MOST_ELEMENTS = 2000
#: expat turns to UTF-16 by itself at one of these, whatever encoding it is told.
_MARKS_OF_UTF16 = (b"\xff\xfe", b"\xfe\xff")
#: What XML 1.0 does not allow, as characters and as references to them.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCE = re.compile(r"&#(?:x([0-9A-Fa-f]{1,8})|([0-9]{1,8}));")


class XmlError(ValueError):
    """Not XML, or not XML that we are willing to read."""


class _TreeBuilder:
    """Collects expat's events into nested dictionaries."""

    def __init__(self) -> None:
        self.root: dict[str, Any] = {}
        self._stack: list[dict[str, Any]] = [self.root]
        self._texts: list[list[str]] = [[]]
        self._elements = 0

    def start(self, _name: str, _attributes: Any) -> None:
        self._elements += 1
        if len(self._stack) > _MOST_DEPTH or self._elements > _MOST_ELEMENTS:
            raise XmlError("nested too deep, or too many elements")
        self._stack.append({})
        self._texts.append([])

    def text(self, data: str) -> None:
        self._texts[-1].append(data)

    def end(self, name: str) -> None:
        children = self._stack.pop()
        text = "".join(self._texts.pop())
        node: Node = children or text
        parent = self._stack[-1]
        if name not in parent:
            parent[name] = node
        elif isinstance(parent[name], list):
            parent[name].append(node)
        else:
            parent[name] = [parent[name], node]

    def refuse_doctype(self, *_: Any) -> None:
        # No message has one; entities and outside files come in by nothing else.
        raise XmlError("a document type is not allowed")


def read_xml(body: bytes) -> dict[str, Any]:
    """The children of the outermost element. Raises XmlError.

    A body with characters that XML forbids is read without them: people do send them, and
    turning the message away shows them "该公众号暂时无法提供服务".
    """
    if body.startswith(_MARKS_OF_UTF16) or b"\0" in body[:4]:
        # The platform writes UTF-8 alone, and nobody in between shall read another message.
        raise XmlError("not UTF-8")
    try:
        return _read(body)
    except expat.ExpatError:
        return _read_mended(body)


def _read_mended(body: bytes) -> dict[str, Any]:
    mended = _FORBIDDEN.sub("", body.decode("utf-8", "replace"))
    try:
        return _read(_REFERENCE.sub(_without_forbidden, mended).encode())
    except expat.ExpatError as error:
        raise XmlError(str(error)) from None


def _without_forbidden(reference: re.Match[str]) -> str:
    number = int(reference[1], 16) if reference[1] else int(reference[2])
    allowed = number <= 0x10FFFF and not _FORBIDDEN.match(chr(number))
    return reference[0] if allowed else ""


def _read(body: bytes) -> dict[str, Any]:
    builder = _TreeBuilder()
    # The platform writes UTF-8; a declaration that says otherwise is not believed.
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.CharacterDataHandler = builder.text
    parser.EndElementHandler = builder.end
    parser.StartDoctypeDeclHandler = builder.refuse_doctype
    parser.Parse(body, True)
    root: Node = next(iter(builder.root.values()))
    return root if isinstance(root, dict) else {}


def scalar(fields: Mapping[str, Any], name: str) -> str:
    """The text of one element without white space around it; "" where there is none.

    Of an element that comes twice the first counts.
    """
    value = fields.get(name)
    if isinstance(value, list):
        value = value[0]
    return value.strip() if isinstance(value, str) else ""


def cdata(text: str) -> str:
    """`text` as a CDATA section: what XML forbids is left out, "]]>" is cut in two.

    wechatpy writes "]]>" as it stands, which lets a text add elements of its own.
    """
    if not text.isprintable():
        text = _FORBIDDEN.sub("", text)
    if "]]>" in text:
        text = text.replace("]]>", "]]]]><![CDATA[>")
    return f"<![CDATA[{text}]]>"
