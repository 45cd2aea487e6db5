"""Why somebody looks at a person's data unmasked: chosen, or written where no choice fits."""

from collections.abc import Mapping

from aiohttp import web

from api.console.fields import Choice, Text
from api.console.form import Form

OTHER = "other"
REASONS: Mapping[str, str] = {
    "identity": "核对本人身份",
    "contact": "打电话联系本人",
    "request": "办理本人的申请",
    "complaint": "办理投诉举报",
    OTHER: "别的原因，写在下面",
}
#: What is kept of somebody who was erased serves nothing else.
AUDIT_REASONS: Mapping[str, str] = {"audit": "查账"}
#: Why an institution's contact is looked at.
CONTACT_REASONS: Mapping[str, str] = {
    "contact": "打电话联系机构",
    "complaint": REASONS["complaint"],
    OTHER: REASONS[OTHER],
}
#: Why a whole roster leaves the house, with names and numbers.
ROSTER_REASONS: Mapping[str, str] = {"filing": "交备案、补贴的材料", **REASONS}


async def read_reason(request: web.Request, reasons: Mapping[str, str] = REASONS) -> str:
    """The reason in words, from the form of macros.html.j2 (reveal); "" where none was given."""
    fields = (
        Choice(name="reason", label="为什么要看", options=reasons),
        Text(name="note", label="写明原因", required=False, most=150),
    )
    form = await Form.read(request, fields)
    chosen, note = form.text("reason"), form.text("note")
    if chosen == OTHER:
        return note
    words = reasons.get(chosen, "")
    return f"{words}：{note}" if words and note else words
