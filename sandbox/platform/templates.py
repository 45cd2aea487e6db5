"""Template and subscribe messages: ids, fields and consents, as the platform checks them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.platform.answers import RefusalError

#: The shape of a template's id; whatever has it exists in the sandbox.
TEMPLATE_ID = re.compile(r"[A-Za-z0-9_-]{43}")
_HAN = "\u4e00-\u9fff"
#: What a subscribe message's field may hold, by the first part of its name.
FIELDS = {
    "thing": re.compile(r"[^\x00-\x1f]{1,20}"),
    "character_string": re.compile(r"[\x20-\x7e]{1,32}"),
    "number": re.compile(r"-?\d{1,32}(\.\d+)?"),
    "letter": re.compile(r"[A-Za-z]{1,32}"),
    "symbol": re.compile(r"[^\w\s]{1,5}"),
    "phrase": re.compile(f"[{_HAN}]{{1,5}}"),
    "name": re.compile(f"(?=.{{1,20}}$)[{_HAN}]{{1,10}}|[A-Za-z .]{{1,20}}"),
    "phone_number": re.compile(r"[\d+()-]{1,17}"),
    "amount": re.compile(r"[¥$]?\d{1,10}(\.\d{1,2})?元?"),
    "time": re.compile(
        r"(\d{4}年\d{1,2}月\d{1,2}日 ?)?\d{1,2}:\d{2}(:\d{2})?|\d{4}年\d{1,2}月\d{1,2}日"
    ),
    "date": re.compile(r"\d{4}(年\d{1,2}月\d{1,2}日|-\d{1,2}-\d{1,2})( ?\d{1,2}:\d{2}(:\d{2})?)?"),
    "car_number": re.compile(r".{1,8}"),
    "const": re.compile(r".{1,20}"),
}


def check_template(template_id: object) -> str:
    """Raises 40037 for what cannot be a template's id."""
    if not isinstance(template_id, str) or not TEMPLATE_ID.fullmatch(template_id):
        raise RefusalError(40037)
    return template_id


def check_fields(data: object) -> None:
    """Raises 47003, naming the field as the platform does."""
    if not isinstance(data, Mapping) or not data:
        raise RefusalError(47003)
    for name, holder in data.items():
        value = holder.get("value") if isinstance(holder, Mapping) else None
        rule = FIELDS.get(re.sub(r"\d+$", "", str(name)))
        if rule is None or not isinstance(value, str) or not rule.fullmatch(value):
            raise RefusalError(47003, f"argument invalid! data.{name}.value invalid")


@dataclass(slots=True)
class Consents:
    """One consent (一次性订阅) is good for one message."""

    _left: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def give(self, app_id: str, openid: str, template_id: str, count: int) -> None:
        key = (app_id, openid, template_id)
        self._left[key] = max(self._left.get(key, 0) + count, 0)

    def spend(self, app_id: str, openid: str, template_id: str) -> None:
        """Raises 43101 where none is left, 40037 where it was given to the other account."""
        key = (app_id, openid, template_id)
        if self._left.get(key, 0) < 1:
            if any(known[2] == template_id and known[0] != app_id for known in self._left):
                raise RefusalError(40037)
            raise RefusalError(43101)
        self._left[key] -= 1

    def forget(self) -> None:
        self._left.clear()
