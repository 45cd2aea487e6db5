"""The templates that exist in the sandbox, and what their fields are called on a card."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CardTemplate:
    """`kind`: template (模板消息) or subscribe (订阅通知). `account`: official or mini."""

    template_id: str
    title: str
    kind: str
    fields: dict[str, str]
    account: str = "official"

    def to_json(self) -> dict[str, object]:
        return {
            "id": self.template_id,
            "title": self.title,
            "kind": self.kind,
            "account": self.account,
            "fields": self.fields,
        }


_ALL = (
    CardTemplate(
        "sandbox-class-begins-0000000000000000000001",
        "开班提醒",
        "subscribe",
        {"thing1": "班级", "time2": "上课时间", "thing3": "地点", "thing4": "备注"},
    ),
    CardTemplate(
        "sandbox-claim-progress-00000000000000000002",
        "补贴进度通知",
        "subscribe",
        {"thing1": "补贴项目", "phrase2": "进度", "amount3": "金额", "date4": "时间"},
    ),
    CardTemplate(
        "sandbox-complaint-progress-0000000000000003",
        "投诉处理进度",
        "subscribe",
        {"character_string1": "受理编号", "phrase2": "进度", "date3": "时间"},
    ),
    CardTemplate(
        "sandbox-account-notice-00000000000000000004",
        "业务办理通知",
        "template",
        {"keyword1": "事项", "keyword2": "结果"},
    ),
    CardTemplate(
        "sandbox-check-in-reminder-00000000000000005",
        "签到提醒",
        "subscribe",
        {"thing1": "班级", "time2": "上课时间"},
        "mini",
    ),
)
TEMPLATES = {template.template_id: template for template in _ALL}

#: What a field is called where the template is not one of these.
_GENERAL = {
    "thing": "事项",
    "character_string": "编号",
    "number": "数量",
    "letter": "代码",
    "symbol": "符号",
    "phrase": "状态",
    "name": "姓名",
    "phone_number": "电话",
    "amount": "金额",
    "time": "时间",
    "date": "日期",
    "car_number": "车牌",
    "const": "内容",
    "keyword": "内容",
}


def name_field(name: str) -> str:
    """thing1 → 事项; a name that says nothing stays as it is."""
    return _GENERAL.get(re.sub(r"\d+$", "", name), name)
