"""Inputs with some sense in them: XML by its grammar, mutated; messages as the platform's."""

import random
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from sandbox.callback.messages import EXAMPLES, build_example, render_xml
from tests.support import APP_ID

NAMES = ["xml", "Encrypt", "MsgType", "Event", "Content", "FromUserName", "MsgId", "a", "项", "a:b"]
#: Pieces that readers stumble over.
PIECES = [
    b"<![CDATA[", b"]]>", b"]]", b"<!--", b"-->", b"<?x", b"?>", b"<?xml version='1.0'?>",
    b"<!DOCTYPE x>", b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"&a;", b"&#0;", b"&#x1;", b"&#xD800;",
    b"&#x110000;", b"&amp;", b"&lt;", b"&", b"<", b">", b"/>", b"</", b"\x00", b"\x01", b"\x1d",
    b"\xff", b"\xc0\xbc", b"\xed\xa0\x80", b"\xef\xbf\xbf", b"\xef\xbb\xbf", b"\xff\xfe", b"\r\n",
    b" a='1'", b" a='1' a='2'", b" xmlns:a='urn:x'", b"encoding='gbk'", b"encoding='utf-16'",
]  # fmt: skip


def _leaf() -> st.SearchStrategy[str]:
    text = st.text(max_size=30)
    escaped = text.map(lambda t: t.replace("&", "&amp;").replace("<", "&lt;"))
    sections = text.map(lambda t: f"<![CDATA[{t.replace(']]>', '')}]]>")
    references = st.integers(0, 0x11FFFF).map(lambda n: f"&#{n};")
    comments = text.map(lambda t: f"<!--{t.replace('-', '')}-->")
    return st.one_of(escaped, sections, references, comments)


def _element(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def build(name: str, attribute: str, parts: list[str]) -> str:
        return f"<{name}{attribute}>{''.join(parts)}</{name}>"

    attributes = st.sampled_from(["", "", " a='1'", ' b="&lt;"', " xmlns:a='urn:x'"])
    return st.builds(build, st.sampled_from(NAMES), attributes, st.lists(inner, max_size=5))


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def xml_documents() -> st.SearchStrategy[bytes]:
    """Mostly well-formed documents."""
    heads = st.sampled_from(
        ["", "", "<?xml version='1.0'?>", "<?xml version='1.0' encoding='gbk'?>"]
    )
    trees = _element(st.recursive(_leaf(), _element, max_leaves=25))
    return st.builds(lambda head, tree: _encode(head + tree), heads, trees)


def platform_messages() -> st.SearchStrategy[bytes]:
    """One of each type of the platform's, some of its fields replaced, doubled or lost."""

    def build(name: str, changes: list[tuple[str, str, str]]) -> bytes:
        fields: dict[str, Any] = build_example(name, "oFUZZ-somebody", "gh_tests")
        for how, field, value in changes:
            if how == "lose":
                fields.pop(field, None)
            elif how == "double":
                fields[field] = [fields.get(field, value), value]
            elif how == "nest":
                fields[field] = {"x": value}
            else:
                fields[field] = value
        return _encode(render_xml(fields))

    fields = [*NAMES[2:7], "CreateTime", "EventKey", "bizmsgmenuid", "ToUserName", "Recognition"]
    changes = st.tuples(
        st.sampled_from(["lose", "double", "nest", "replace"]),
        st.sampled_from(fields),
        st.one_of(
            st.text(max_size=40), st.sampled_from(["text", "event", "subscribe", "1", "entry:x"])
        ),
    )
    return st.builds(build, st.sampled_from(list(EXAMPLES)), st.lists(changes, max_size=4))


def mutated(documents: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """Documents with pieces put in, cut out, doubled, or bytes changed."""

    def mutate(document: bytes, seed: int, rounds: int) -> bytes:
        choose = random.Random(seed)
        for _ in range(rounds):
            document = choose.choice(_MUTATIONS)(document, choose)
        return document

    return st.builds(mutate, documents, st.integers(0, 2**32), st.integers(0, 6))


def _insert(document: bytes, choose: random.Random) -> bytes:
    at = choose.randint(0, len(document))
    return document[:at] + choose.choice(PIECES) + document[at:]


def _cut(document: bytes, choose: random.Random) -> bytes:
    start = choose.randint(0, len(document))
    return document[:start] + document[start + choose.randint(1, 20) :]


def _truncate(document: bytes, choose: random.Random) -> bytes:
    return document[: choose.randint(0, len(document))]


def _double(document: bytes, choose: random.Random) -> bytes:
    start = choose.randint(0, len(document))
    piece = document[start : start + choose.randint(1, 60)]
    return document[:start] + piece * choose.randint(2, 12) + document[start + len(piece) :]


def _change(document: bytes, choose: random.Random) -> bytes:
    if not document:
        return document
    at = choose.randrange(len(document))
    return document[:at] + bytes([choose.randrange(256)]) + document[at + 1 :]


_MUTATIONS: list[Callable[[bytes, random.Random], bytes]] = [
    _insert, _insert, _cut, _truncate, _double, _change,
]  # fmt: skip


def any_xml() -> st.SearchStrategy[bytes]:
    """All of it, and bytes of no sense at all."""
    return st.one_of(
        xml_documents(),
        platform_messages(),
        mutated(xml_documents()),
        mutated(platform_messages()),
        st.binary(max_size=300),
    )


def any_envelope() -> st.SearchStrategy[bytes]:
    """For check_envelope: a way, and what comes by it."""
    return st.one_of(
        st.binary(max_size=300),
        any_xml().map(lambda body: b"b" + body),
        any_xml().map(lambda message: b"m" + message),
        st.binary(max_size=200).map(lambda plain: b"p" + plain),
        almost_plaintexts(),
        st.binary(min_size=2, max_size=20).map(lambda changes: b"c" + changes),
    )


FAULTS = (
    *("none", "none", "longer", "shorter", "any length", "rest"),
    *("padding number", "padding byte", "padding byte", "more padding"),
)


def almost_plaintexts() -> st.SearchStrategy[bytes]:
    """For check_envelope: plaintexts that are right, or but for one thing."""
    numbers = st.integers(0, 2**32 - 1)
    return st.builds(_almost_plain, st.binary(max_size=60), st.sampled_from(FAULTS), numbers)


def _almost_plain(message: bytes, fault: str, number: int) -> bytes:
    message = b"<a>" + message + b"</a>"
    length = len(message) + {"longer": 1, "shorter": -1}.get(fault, 0)
    stated = (number if fault == "any length" else length).to_bytes(4, "big")
    rest = bytes([number % 256]) if fault == "rest" else b""
    plain = b"r" * 16 + stated + message + APP_ID.encode() + rest
    size = 32 - len(plain) % 32
    if fault == "more padding":
        size += 32 * (1 + number % 6)
    padding = bytearray([size]) * size
    if fault == "padding number":
        padding[-1] = number % 256
    if fault == "padding byte":
        padding[number % size] ^= 1 + number % 255
    return b"p" + plain + bytes(padding)


def any_text() -> st.SearchStrategy[bytes]:
    """For check_reply: texts short and around the limit, with all that upsets XML and UTF-8."""
    pieces = st.one_of(
        st.text(max_size=30),
        st.sampled_from(
            ["]]>", "<![CDATA[", "&amp;", "\r\n", "\x00", "😀", "\ud800", "\ufffe", "</Content>"]
        ),
    )
    short = st.lists(pieces, max_size=12).map("".join)
    long = st.builds(lambda text, times: text * times, short, st.integers(1, 200))
    return st.one_of(short, long).map(_encode)
