"""The audit log: who saw and did what. For auditors and supervisors; nobody changes it."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from aiohttp import web

from api.console import filters
from api.console.guard import staff_of, tools_of
from api.console.page import ROLE_NAMES, render
from api.console.tables import Column, Empty, Listing
from domain.actor import Role
from domain.audit.queries import Shown, Wanted, list_entries
from domain.permissions import Permission
from domain.staff.queries import find_account_id, name_accounts
from domain.staff.rules import normalise_username
from web.access import Access, allow

#: What an event is called; an area adds its own. One that is not here is shown by its code.
EVENTS: Mapping[str, str] = {
    "session.begin": "登录",
    "session.end": "退出登录",
    "staff.create": "添加账号",
    "staff.change_post": "改账号的角色",
    "staff.disable": "停用账号",
    "staff.enable": "重新启用账号",
    "staff.ask_reset": "申请重设",
    "staff.confirm_reset": "确认重设",
    "staff.refuse_reset": "退回重设",
    "staff.change_password": "改密码",
    "staff.set_second_factor": "设置两步验证",
    "staff.pause_sign_in": "登录错了几次，停了一会儿",
    "class.draft": "写班期草稿",
    "class.change": "改班期内容",
    "class.sessions": "排课次",
    "class.recruit": "班期开始招生",
    "class.file": "班期交备案",
    "class.approve": "同意开班",
    "class.return": "退回班期修改",
    "class.open": "开班",
    "class.end": "班期结业",
    "class.archive": "班期归档",
    "class.cancel": "取消班期",
    "class.video": "登记培训视频",
    "class.test": "登记结业考核",
    "class.flag": "机构被暂停，标出班期",
    "roster.import": "导入名册",
    "roster.export": "导出名册",
    "roster.amend": "备案后改名册",
    "roster.confirm": "确认名册",
    "roster.complete": "名册结业",
    "enrolment.make": "代人报名",
    "enrolment.confirm": "确认报名",
    "enrolment.withdraw": "取消报名",
    "person.found": "查找人员",
    "person.revealed": "看完整的个人资料",
    "request.open": "提出申请",
    "request.approve": "同意申请",
    "request.refuse": "退回申请",
    "employer.register": "登记企业",
    "employer.change": "改企业资料",
    "contact.join": "企业添加联系人",
    "contact.leave": "企业联系人退出",
    "keeper.change": "换企业管理员",
    "institution.list": "机构进目录",
    "institution.change": "改机构资料",
    "institution.relist": "机构重新进目录",
    "institution.suspend": "暂停机构",
    "institution.restore": "恢复机构",
    "institution.remove": "机构移出目录",
    "directory.import": "导入机构目录",
    "standards.import": "导入补贴标准",
    "key.rotate": "更换密钥",
    "key.retire": "退下旧密钥",
}
_OTHER_ROLES = {
    Role.VISITOR: "微信来访者",
    Role.TRAINEE: "学员",
    Role.EMPLOYER_CONTACT: "企业联系人",
    Role.SYSTEM: "系统",
}
_ROLES = {role.value: name for role, name in {**ROLE_NAMES, **_OTHER_ROLES}.items()}
_FILTERS = (
    filters.Search(name="who", label="谁", hint="用户名"),
    filters.Choice(name="event", label="做了什么", options=EVENTS),
    filters.Search(name="about", label="对象", hint="编号，在地址栏里"),
    filters.Day(name="first", label="从"),
    filters.Day(name="last", label="到"),
)
_FACTS: Mapping[str, str] = {
    "role": "角色",
    "role_before": "原来的角色",
    "county": "县市区",
    "county_before": "原来的县市区",
    "institution": "机构",
    "institution_before": "原来的机构",
    "sessions_ended": "退出的登录",
    "what": "丢了",
    "tried": "试的是",
    "known_browser": "本人用过的浏览器",
    "reason": "理由",
}
_VALUES: Mapping[str, str] = {
    **_ROLES,
    "password": "密码",
    "second_factor": "两步验证",
    "both": "密码和两步验证",
    "code": "验证码",
}
#: Whom nobody is: a user name that no account has finds nothing, and not everything.
_NOBODY = "nobody"


@allow(Access.STAFF, Permission.READ_AUDIT)
async def show_log(request: web.Request) -> web.Response:
    """GET /console/audit."""
    found = filters.Filters.from_query(request.query, _FILTERS)
    listing = Listing(request, "audit", found, {"at": "at"}, "-at")
    page = await list_entries(
        staff_of(request),
        await _read_wanted(found),
        order=listing.order,
        position=listing.position,
        limit=listing.limit,
    )
    names = await name_accounts(tools_of(request), _accounts_in(page.rows))
    table = listing.show(page, "记录", _columns(names), empty=_EMPTY)
    return render(request, "audit/list", table=table)


def add_routes(app: web.Application) -> None:
    """The page of the log."""
    app.router.add_get("/audit", show_log)


_EMPTY = Empty(
    "还没有记录", "工作人员看了谁的完整资料、改了什么，都会记在这里，谁也改不了、删不掉。"
)


def _columns(names: Mapping[UUID, str]) -> tuple[Column[Shown], ...]:
    return (
        Column("时间", lambda row: row.at, sort="at"),
        Column("谁", lambda row: _say_actor(row.actor, names)),
        Column("角色", lambda row: _ROLES.get(row.role, row.role), minor=True),
        Column("做了什么", lambda row: EVENTS.get(row.event, row.event)),
        Column("对象", lambda row: _say_about(row, names)),
        Column("细节", lambda row: _say_facts(row.facts), minor=True),
    )


async def _read_wanted(found: filters.Filters) -> Wanted:
    who, about = found.text("who"), found.text("about")
    actor = None
    if who is not None:
        account = await find_account_id(normalise_username(who))
        actor = f"staff {account}" if account else _NOBODY
    return Wanted(
        actor=actor,
        event=found.text("event"),
        about=None if about is None else _read_id(about) or UUID(int=0),
        first=found.day("first"),
        last=found.day("last"),
    )


def _accounts_in(rows: Sequence[Shown]) -> set[UUID]:
    """Accounts that acted, or that something was done to."""
    acted = {_read_id(row.actor.removeprefix("staff ")) for row in rows}
    about = {row.about_id for row in rows if row.about_kind == "staff"}
    return {id for id in acted | about if id is not None}


def _say_actor(actor: str, names: Mapping[UUID, str]) -> str:
    kind, _, name = actor.partition(" ")
    if kind == "staff":
        id = _read_id(name)
        return names.get(id, actor) if id else actor
    return f"系统（{name}）" if kind == "system" else actor


def _say_about(row: Shown, names: Mapping[UUID, str]) -> str:
    if row.about_id is None:
        return ""
    if row.about_kind == "staff":
        return names.get(row.about_id, str(row.about_id))
    return f"{row.about_kind} {row.about_id}"


def _say_facts(facts: Mapping[str, object]) -> str:
    told = []
    for name, value in facts.items():
        if value is None or value == "":
            continue
        told.append(f"{_FACTS.get(name, name)} {_say_fact(value)}")
    return "；".join(told)


def _say_fact(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return _VALUES.get(value, value) if isinstance(value, str) else str(value)


def _read_id(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None
