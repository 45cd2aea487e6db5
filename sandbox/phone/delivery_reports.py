"""What WeChat reports to the service of a card that it has brought, through the callback.

For a message template TEMPLATESENDJOBFINISH, for a subscribe message subscribe_msg_sent_event. The
report is an item of side "system", which the page shows to whoever looks into the deliveries.
"""

from collections.abc import Mapping
from typing import Any

from sandbox.callback.messages import build_event, render_xml
from sandbox.phone.conversations import Conversations
from sandbox.phone.deliveries import Deliverer, Parcel, Trip

_TEXTS = {
    "template": "平台告诉公众号：模板消息送到了",
    "subscribe": "平台告诉公众号：订阅消息送到了",
}


def report_delivery(
    deliverer: Deliverer,
    conversations: Conversations,
    channel: str,
    message: Mapping[str, Any],
    number: object,
) -> None:
    """Post the report on `message`, to which the platform has given `number`.

    Where very much is under way none is posted: acts of people go first.
    """
    try:
        original_id = deliverer.account.original_id
    except LookupError:
        return
    if deliverer.is_busy:
        return
    openid = str(message["touser"])
    if channel == "template":
        fields = build_event(
            "TEMPLATESENDJOBFINISH", openid, original_id, MsgID=number, Status="success"
        )
    else:
        sent = {
            "TemplateId": str(message.get("template_id")),
            "MsgID": str(number),
            "ErrorCode": "0",
            "ErrorStatus": "success",
        }
        fields = build_event(
            "subscribe_msg_sent_event",
            openid,
            original_id,
            SubscribeMsgSentEvent={"List": [sent]},
        )
    xml = render_xml(fields)
    item = conversations.add(
        openid,
        "system",
        kind="event",
        text=_TEXTS[channel],
        title=str(fields["Event"]),
        message_xml=xml,
        deliveries=[],
        state="on_the_way",
    )
    deliverer.send([Parcel(item, xml)], Trip())
