"""How the directory is spoken of on pages."""

from collections.abc import Mapping
from datetime import date

from api.console.shown import Happening, State, say_day
from domain.institutions.entries import DirectoryRecord
from domain.institutions.rules import Standing

STATUSES: Mapping[str, State] = {
    "listed": State("在目录", "good"),
    "suspended": State("暂停", "warn"),
    "removed": State("移出", "bad"),
}
_NOT_YET = State("还没列入")
_EXPIRED = State("到期移出", "bad")
_RECORDS: Mapping[str, State] = {
    "listed": State("列入目录", "good"),
    "suspended": State("暂停", "warn"),
    "restored": State("恢复", "good"),
    "removed": State("移出目录", "bad"),
    "changed": State("改资料"),
}
FIELDS: Mapping[str, str] = {
    "name": "名称",
    "uscc": "统一社会信用代码",
    "county": "县区",
    "address": "地址",
    "may_teach": "能教的工种",
    "phone": "电话",
    "contact": "联系人",
}


def show_standing(standing: Standing | None) -> State:
    """The word for how an institution stands."""
    if standing is None:
        return _NOT_YET
    return _EXPIRED if standing.expired else STATUSES[standing.status]


def tell_standing(standing: Standing | None, today: date) -> tuple[str, str, str] | None:
    """(tone, title, detail) of what is to be minded before anything else; None for nothing."""
    if standing is None:
        return "plain", "还没到列入目录的日子", "到了那一天才能报名、开班。"
    until = "" if standing.until is None else f"，到{say_day(standing.until, today)}为止"
    why = "。".join(filter(None, (standing.reason.rstrip("。"), standing.document)))
    if standing.status == "suspended":
        since = say_day(standing.since, today)
        return "warn", f"{since}起暂停{until}", f"不能报名，也不能开新班。{why}"
    if standing.status == "removed":
        since = say_day(standing.since, today)
        title = f"{since}起不在目录里" + ("，列入的期限到了" if standing.expired else "")
        return "bad", title, f"不能报名，也不能开班。{why}"
    return None


def tell_record(
    record: DirectoryRecord, counties: Mapping[str, str], names: Mapping[str, str], today: date
) -> Happening:
    """One entry of the history; `names` as in acting.name_actors."""
    told = [f"到{say_day(record.valid_until, today)}为止"] if record.valid_until else []
    for field, change in record.changes.items():
        before, after = [*change, "", ""][:2]
        if field == "county":
            before, after = counties.get(before, before), counties.get(after, after)
        name = FIELDS.get(field, field)
        told.append(f"{name}从“{before}”改成“{after}”" if change else f"{name}改了")
    told += filter(None, (record.reason.rstrip("。"), record.document))
    by = names.get(record.made_by, "")
    return Happening(record.valid_from, _RECORDS[record.kind], "；".join(told), by)
