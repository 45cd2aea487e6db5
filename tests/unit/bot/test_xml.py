"""Our reader against wechatpy's over all that wechatpy knows, and where wechatpy gives up."""

import contextlib
import time
from typing import Any
from xml.parsers import expat

import pytest
import xmltodict
from hypothesis import given, settings
from hypothesis import strategies as st
from wechatpy import parse_message
from wechatpy.events import EVENT_TYPES
from wechatpy.messages import MESSAGE_TYPES

from bot.wire.inbound import Inbound
from bot.wire.xml import XmlError, cdata, read_xml, scalar
from sandbox.callback.messages import EXAMPLES, build_example, render_xml
from tests.unit.bot.conftest import OPENID, ORIGINAL_ID

#: What XML 1.0 allows, but for the white space that both readers trim.
XML_TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp"))
    .filter(lambda c: c not in "\ufffe\uffff")
    .filter(lambda c: not 0xFDD0 <= ord(c) <= 0xFDEF),
    max_size=40,
)


def normalise(node: Any) -> Any:
    """wechatpy says None where an element is empty; white space around a text is trimmed."""
    if isinstance(node, dict):
        return {name: normalise(value) for name, value in node.items()}
    if isinstance(node, list):
        return [normalise(value) for value in node]
    return (node or "").strip()


def build_for(kind: Any, name: str, event: bool, values: list[str]) -> dict[str, Any]:
    """A message with every field that wechatpy's class declares."""
    fields: dict[str, Any] = {"ToUserName": ORIGINAL_ID, "FromUserName": OPENID}
    fields |= {"CreateTime": 1763800000, "MsgType": "event" if event else name}
    if event:
        fields["Event"] = name
    for number, field in enumerate(sorted({field.name for field in kind._fields.values()})):
        fields.setdefault(field, values[number % len(values)])
    return fields


KINDS = [(name, kind, False) for name, kind in MESSAGE_TYPES.items()]
KINDS += [(name, kind, True) for name, kind in EVENT_TYPES.items()]


def test_wechatpy_knows_as_much_as_when_this_was_written() -> None:
    assert (len(MESSAGE_TYPES), len(EVENT_TYPES)) == (8, 57)


@pytest.mark.parametrize(("name", "kind", "event"), KINDS, ids=[name for name, _, _ in KINDS])
def test_as_wechatpy_reads_it(name: str, kind: type, event: bool) -> None:
    @given(st.lists(XML_TEXT, min_size=1, max_size=6))
    @settings(max_examples=8, deadline=None)
    def compare(values: list[str]) -> None:
        xml = render_xml(build_for(kind, name, event, values))
        theirs = parse_message(xml)
        ours = Inbound(read_xml(xml.encode()))
        expected = normalise(theirs._data)
        if name in ("subscribe", "subscribe_scan"):
            expected["Event"], expected["EventKey"] = name, ours.text("EventKey")
        assert normalise(dict(ours.fields)) == expected
        assert (ours.sender, ours.account) == (theirs.source, theirs.target)
        assert ours.type == theirs.type or event
        assert ours.created == int(theirs._data["CreateTime"])

    compare()


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_as_xmltodict_reads_it(name: str) -> None:
    xml = render_xml(build_example(name, OPENID, ORIGINAL_ID))
    assert normalise(read_xml(xml.encode())) == normalise(xmltodict.parse(xml)["xml"])


@given(XML_TEXT)
def test_a_text_comes_back_out_of_its_cdata(text: str) -> None:
    assert read_xml(f"<xml><C>{cdata(text)}</C></xml>".encode())["C"] == text


@pytest.mark.parametrize(
    "text", ["]]>", "]]]]>>", "a]]>b]]>c", "]]", "]]&gt;", "]]><MsgType>x</MsgType><![CDATA["]
)
def test_wechatpy_cdata_end_adds_no_elements(text: str) -> None:
    fields = read_xml(f"<xml><C>{cdata(text)}</C></xml>".encode())
    assert fields == {"C": text}


@given(st.text(max_size=60))
def test_any_text_becomes_xml(text: str) -> None:
    """Lone surrogates and control characters included: a reply is never broken."""
    body = f"<xml><C>{cdata(text)}</C></xml>".encode()
    expat.ParserCreate().Parse(body, True)


@pytest.mark.parametrize("character", [chr(c) for c in range(32) if c not in (9, 10, 13)])
def test_werobot_420_control_characters_in_content(character: str) -> None:
    body = f"<xml><Content><![CDATA[补贴{character}多少钱]]></Content></xml>".encode()
    assert read_xml(body)["Content"] == "补贴多少钱"
    with pytest.raises(expat.ExpatError):
        parse_message(body)


@pytest.mark.parametrize(
    ("body", "content"),
    [
        (b"<xml><C>a&#8;b</C></xml>", "ab"),
        (b"<xml><C>a&#x1D;b&#x4f60;</C></xml>", "ab你"),
        (b"<xml><C>a&#xFFFE;&#xD800;&#x110000;&#99999999;b</C></xml>", "ab"),
        ("<xml><C>a\ufffe\uffffb</C></xml>".encode(), "ab"),
        (b"<xml><C>a\xffb</C></xml>", "a\ufffdb"),
        (b"<xml><C>\xe8\xa1</C></xml>", "\ufffd"),
        ("<xml><C>\ud83d</C></xml>".encode("utf-8", "surrogatepass"), "\ufffd\ufffd\ufffd"),
        (b"\xef\xbb\xbf<xml><C>a\x00b</C></xml>", "ab"),
        (b'<?xml version="1.0" encoding="gbk"?><xml><C>\xe4\xbd\xa0</C></xml>', "你"),
        ("<xml><C>😀&amp;&lt;&#128512;</C></xml>".encode(), "😀&<😀"),
    ],
)
def test_bytes_that_xml_forbids(body: bytes, content: str) -> None:
    assert read_xml(body)["C"] == content


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE x [<!ENTITY a "b">]><xml><C>&a;</C></xml>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><xml><C/></xml>',
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "http://127.0.0.1/">]><xml><C>&a;\x01</C></xml>',
        b"<!DOCTYPE xml><xml/>",
        b"<xml><C>&nbsp;</C></xml>",
        b"<xml>" + b"<a>" * 40 + b"</a>" * 40 + b"</xml>",
        b"<xml>" + b"<a/>" * 3000 + b"</xml>",
        b"",
        b" ",
        b"<xml>",
        b"<xml></xm>",
        b"\x00\x01",
        b'{"a": 1}',
        "<xml><C>补贴</C></xml>".encode("utf-16"),
        "<xml><C>补贴</C></xml>".encode("utf-16-be"),
        "<xml><C>补贴</C></xml>".encode("utf-16-le"),
        "<xml><C>补贴</C></xml>".encode("utf-32"),
    ],
)
def test_what_is_not_read(body: bytes) -> None:
    with pytest.raises(XmlError):
        read_xml(body)


def test_a_billion_laughs_cost_nothing() -> None:
    levels = "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' if n else '<!ENTITY l0 "ha">' for n in range(10)
    )
    began = time.perf_counter()
    with pytest.raises(XmlError):
        read_xml(f"<!DOCTYPE x [{levels}]><xml>&l9;</xml>".encode())
    assert time.perf_counter() - began < 0.5


@given(st.binary(max_size=400))
def test_any_bytes_end_as_fields_or_as_an_xml_error(body: bytes) -> None:
    with contextlib.suppress(XmlError):
        assert isinstance(read_xml(body), dict)


@given(st.text(max_size=200))
def test_any_content_is_read(text: str) -> None:
    body = f"<xml><C><![CDATA[{text.replace(']]>', '')}]]></C><D>1</D></xml>"
    assert read_xml(body.encode("utf-8", "surrogatepass"))["D"] == "1"


def test_an_element_without_children_has_no_fields() -> None:
    assert read_xml(b"<xml>text</xml>") == {}
    assert read_xml(b"<xml/>") == {}


def test_of_an_element_that_comes_twice_the_first_counts() -> None:
    fields = read_xml(b"<xml><MsgType>text</MsgType><MsgType>event</MsgType></xml>")
    assert scalar(fields, "MsgType") == "text"
    assert scalar({"a": [{"b": "c"}, "d"]}, "a") == ""
    assert scalar({"a": {"b": "c"}}, "a") == ""
    assert scalar({}, "a") == ""


def test_wechatpy_630_a_body_without_msgtype_is_a_message_of_no_type() -> None:
    body = b"<xml><FromUserName>a</FromUserName><ComponentVerifyTicket>t</ComponentVerifyTicket>"
    body += b"</xml>"
    inbound = Inbound(read_xml(body))
    assert (inbound.type, inbound.event, inbound.kind) == ("", "", "unknown")
    with pytest.raises(KeyError):
        parse_message(body)
