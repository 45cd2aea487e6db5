"""What makes a message one message."""

from typing import Any

import pytest

from bot.dispatch import REPLY_TO_MESSAGE
from bot.wire.inbound import KINDS, MESSAGE_TYPES, Inbound
from bot.wire.xml import read_xml
from domain.messaging.records import FORGETTING_KINDS
from models.messages import KIND_LENGTH
from sandbox.callback.messages import build_event, build_example, build_message, render_xml
from tests.unit.bot.conftest import OPENID, ORIGINAL_ID

OTHER = "oTESTS-someone-else-00000002"


def identity(message: dict[str, Any]) -> str:
    return Inbound(read_xml(render_xml(message).encode())).identity()


def example(name: str, **fields: object) -> dict[str, Any]:
    return build_example(name, OPENID, ORIGINAL_ID, **{"CreateTime": 1763800000, **fields})


def test_wxjava_333_same_msgid_of_two_people() -> None:
    one = build_message("text", OPENID, ORIGINAL_ID, Content="一", MsgId=7)
    assert identity(one) == identity(dict(one))
    assert identity(one) != identity(one | {"FromUserName": OTHER})
    assert identity(one) != identity(one | {"ToUserName": "gh_other"})
    assert identity(one) != identity(one | {"MsgId": 8})


def test_a_retry_is_the_same_whatever_else_has_changed() -> None:
    one = build_message("text", OPENID, ORIGINAL_ID, Content="一", MsgId="mini-program-string-id")
    assert identity(one) == identity(one | {"CreateTime": 1, "Content": "二"})


def test_wxjava_2231_two_media_checks_of_one_second() -> None:
    one = example("wxa_media_check")
    assert identity(one) == identity(example("wxa_media_check"))
    assert identity(one) != identity(example("wxa_media_check", trace_id="another"))


def test_wxjava_3445_two_events_of_one_second() -> None:
    """wechatpy's msg.id is 0 for every event: that cannot be the key."""
    one = example("CLICK")
    for other in (
        example("CLICK", EventKey="intent:bind"),
        example("CLICK", CreateTime=1763800001),
        example("CLICK", FromUserName=OTHER),
        example("VIEW"),
        example("SCAN", EventKey="intent:human"),
    ):
        assert identity(one) != identity(other)


def test_what_tells_events_apart_inside_their_wrappers() -> None:
    def sent(template: str) -> dict[str, Any]:
        items = [{"TemplateId": template, "MsgID": "1"}, {"TemplateId": "b", "MsgID": "2"}]
        wrapper = {"SubscribeMsgSentEvent": {"List": items}}
        return build_event("subscribe_msg_sent_event", OPENID, ORIGINAL_ID, **wrapper) | {
            "CreateTime": 1763800000
        }

    assert identity(sent("a")) == identity(sent("a"))
    assert identity(sent("a")) != identity(sent("c"))
    one = example("TEMPLATESENDJOBFINISH")
    assert identity(one) != identity(example("TEMPLATESENDJOBFINISH", MsgID=5))


def test_wxjava_pr_2477_one_item_or_many_in_a_list() -> None:
    """XML repeats the element: one is a dictionary, several are a list; both are read."""
    one = {"SubscribeMsgPopupEvent": {"List": {"TemplateId": "a"}}}
    many = {"SubscribeMsgPopupEvent": {"List": [{"TemplateId": "a"}, {"TemplateId": "b"}]}}
    identities = {
        identity(build_event("subscribe_msg_popup_event", OPENID, ORIGINAL_ID, **fields))
        for fields in (one, many)
    }
    assert len(identities) == 2


def test_no_part_can_stand_for_its_neighbour() -> None:
    one = build_event("CLICK", "a", "b", EventKey="c") | {"CreateTime": "1"}
    other = build_event("CLICK", "ab", "", EventKey="c") | {"CreateTime": "1"}
    assert identity(one) != identity(other)


@pytest.mark.parametrize(
    "event", ["user_info_modified", "user_authorization_revoke", "user_authorization_cancellation"]
)
def test_the_person_of_an_authorisation_is_openid(event: str) -> None:
    fields = {"OpenID": OTHER, "RevokeInfo": "1"}
    inbound = Inbound(build_event(event, "platform", ORIGINAL_ID, **fields))
    assert inbound.sender == OTHER
    assert Inbound(build_event("CLICK", "me", ORIGINAL_ID, **fields)).sender == "me"


def test_kinds_are_of_a_closed_set() -> None:
    assert Inbound(build_event("SCAN", OPENID, ORIGINAL_ID)).kind == "event.scan"
    assert Inbound({"MsgType": "TEXT", "FromUserName": OPENID}).kind == "text"
    unknown: list[dict[str, str]] = [
        build_event("İ" * 90, OPENID, ORIGINAL_ID),
        build_event("future_event", OPENID, ORIGINAL_ID),
        {"MsgType": "event"},
        {"MsgType": "event.scan"},
        {"MsgType": "x" * 90},
        {"MsgType": ""},
        {"MsgType": "text"},
        {"MsgType": "text", "FromUserName": " "},
        build_event("subscribe", "", ORIGINAL_ID),
        build_event("王秀兰", OPENID, ORIGINAL_ID),
        {},
    ]
    for fields in unknown:
        assert Inbound(fields).kind == "unknown", fields
        assert len(Inbound(fields).name) <= 64
        assert Inbound(fields).name.isascii()


def test_every_message_type_is_spoken_to() -> None:
    assert {"text", "voice", *REPLY_TO_MESSAGE} == MESSAGE_TYPES
    assert KINDS >= FORGETTING_KINDS
    assert max(map(len, KINDS)) <= KIND_LENGTH
