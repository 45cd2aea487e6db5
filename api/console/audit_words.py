"""The audit log in words: events, kinds of things, facts. An area adds its own."""

import re
from collections.abc import Mapping
from uuid import UUID

from api.console.page import ROLE_NAMES
from domain.actor import Role

#: What an event is called; one that is not here is shown by its code.
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
    "class.correct": "更正备案信息",
    "class.flag": "机构被暂停，标出班期",
    "institution.list": "列入机构",
    "institution.relist": "重新列入机构",
    "institution.change": "改机构资料",
    "institution.contact_revealed": "看机构的联系人",
    "institution.suspend": "暂停机构",
    "institution.restore": "恢复机构",
    "institution.remove": "移出机构",
    "directory.import": "导入机构目录",
    "standards.import": "导入补贴标准",
    "person.found": "找人",
    "person.see": "打开人员页",
    "person.revealed": "看完整资料",
    "person.renamed": "改名单里写错的姓名",
    "erased.found": "查账找已注销的人",
    "erased.seen": "查账看已注销的人",
    "erased.revealed": "查账看已注销的人的完整资料",
    "request.open": "打开申请",
    "request.approve": "批准申请",
    "request.refuse": "退回申请",
    "employer.register": "登记企业",
    "employer.change": "改企业资料",
    "contact.join": "加企业联系人",
    "contact.leave": "减企业联系人",
    "keeper.change": "换企业管理员",
    "enrolment.make": "报名",
    "enrolment.told": "告知补贴政策",
    "enrolment.confirm": "确认报名",
    "enrolment.withdraw": "退出报名",
    "roster.see": "打开名册",
    "roster.import": "导入名册",
    "roster.look": "试导名册，没有导入",
    "roster.refuse": "加人，没有收下",
    "roster.export": "导出名册",
    "signin.export": "导出签到表",
    "table2.export": "导出项目制培训情况统计表",
    "roster.amend": "名册定下以后改",
    "roster.confirm": "确认名册里的人",
    "roster.seen": "看过备案后的变更",
    "roster.told": "当面告知补贴政策",
    "roster.complete": "登记学完没学完",
    "check_in.by_hand": "代学员登记签到",
    "check_in.paper": "按纸质表登记签到",
    "check_in.confirm": "确认签到",
    "check_in.refuse": "退回签到",
    "attendance.settings": "改签到设置",
    "attendance.see": "打开签到记录",
    "scan.add": "交纸质签到表的扫描件",
    "scan.see": "看纸质签到表的扫描件",
    "screen.link": "给大屏链接",
    "screen.revoke": "收回大屏链接",
    "key.rotate": "换数据密钥",
    "key.retire": "停用数据密钥",
}
#: What an entry is about.
KINDS: Mapping[str, str] = {
    "class": "班期",
    "employer": "企业",
    "enrolment": "报名",
    "institution": "机构",
    "person": "人员",
    "request": "申请",
    "staff": "账号",
}
_OTHER_ROLES = {
    Role.VISITOR: "微信来访者",
    Role.TRAINEE: "学员",
    Role.EMPLOYER_CONTACT: "企业联系人",
    Role.SYSTEM: "系统",
}
#: Actor.role of whoever acted.
ROLES: Mapping[str, str] = {
    role.value: name for role, name in {**ROLE_NAMES, **_OTHER_ROLES}.items()
}
#: What a fact beside an event is called, or how it is said of its value.
FACTS: Mapping[str, str] = {
    "role": "角色",
    "role_before": "原来的角色",
    "county": "县区",
    "county_before": "原来的县区",
    "institution": "机构",
    "institution_before": "原来的机构",
    "sessions_ended": "退出了{}处登录",
    "what": "丢了{}",
    "tried": "试的是{}",
    "name": "姓名",
    "name_before": "原来的姓名",
    "reason": "理由",
    "allowed_by": "{}同意",
    "from": "从{}",
    "until": "到{}",
    "document": "文号",
    "fields": "改了{}",
    "changed": "改了{}",
    "added": "新增{}",
    "refused": "没收下{}行",
    "examples": "示例",
    "sha256": "文件指纹",
    "by": "按{}",
    "count": "{}个",
    "classes": "{}个班",
    "people": "{}人",
    "amendments": "{}处变更",
    "confirmed": "随备案确认{}人",
    "kind": "种类",
    "about": "关于",
    "how": "{}",
    "before": "原来的",
    "key": "密钥",
    "status": "现在是{}",
    "version": "第{}版",
    "standing": "机构",
    "sessions": "{}个课次",
    "sessions_before": "原来{}个课次",
    "lessons": "{}课时",
    "lessons_before": "原来{}课时",
    "clashing": "{}人还在另一个班",
    "roster": "名单校验码",
    "results": "考核结果{}个",
    "passed": "通过{}人",
    "rows": "一共{}行",
    "on_behalf": "替{}",
    "asked": "问到{}人",
    "name_differs": "姓名和登记的不一样{}人",
    "enrolment_overlaps": "和别的班时间重了{}人",
    "trainings_used_up": "满了3次{}人",
    "left_by_themselves": "本人退出过{}人",
    "class_full": "名额满了{}人",
    "already_in_class": "已经在名单里{}人",
    "person_twice": "写了两次{}人",
    "unreadable": "填得不对{}人",
    "other": "别的原因{}人",
    "contact": "联系人",
    "done": "换好{}条",
    "left": "还剩{}条",
    "session": "课次",
    "check_in": "签到",
    "file": "文件",
    "filing_number": "备案号",
    "filing_number_before": "原来的备案号",
    "link": "链接",
    "opens_before_min": "提前{}分钟可以签",
    "closes_after_min": "开课{}分钟内不算迟到",
    "late_until_percent": "课过了百分之{}不能再签",
}
#: What is either so or not.
EITHER: Mapping[str, tuple[str, str]] = {
    "unmasked": ("没有遮住", "遮住了"),
    "numbers": ("有身份证号", "身份证号遮住了"),
    "city_run": ("市直组织", "县区组织"),
    "city_run_before": ("原来是市直组织", "原来是县区组织"),
    "keeper": ("是管理员", "不是管理员"),
    "known_browser": ("用的是本人用过的浏览器", "不是本人用过的浏览器"),
    "stopped": ("中途停下了", "做完了"),
    "wants_place": ("要位置", "不要位置"),
    "refuses_far": ("太远不让签", "太远也能签"),
    "wants_out": ("要签退", "不要签退"),
}
VALUES: Mapping[str, str] = {
    **ROLES,
    "password": "密码",
    "second_factor": "两步验证",
    "both": "密码和两步验证",
    "name": "姓名",
    "id_number": "身份证号",
    "phone": "手机号",
    "uscc": "统一社会信用代码",
    "county": "县区",
    "address": "地址",
    "contact": "联系人",
    "may_teach": "能教的工种",
    "code": "验证码",
    # Of classes, as content/texts/training.yaml calls them.
    "draft": "草稿",
    "recruiting": "招生中",
    "filed": "已交备案",
    "approved": "已同意开班",
    "returned": "退回修改",
    "open": "开班中",
    "ended": "已结业",
    "archived": "已归档",
    "cancelled": "已取消",
    "listed": "在目录",
    "suspended": "暂停",
    "removed": "已移出目录",
    "unlisted": "不在目录",
    "title": "班名",
    "programme": "培训项目",
    "occupation": "职业（工种）",
    "level": "等级",
    "capacity": "名额",
    "hours": "总课时",
    "teacher": "授课老师",
    "target_group": "招生对象",
    "demand_analysis": "需求分析",
    "plan": "培训计划",
    "latitude": "地点的纬度",
    "longitude": "地点的经度",
    "is_project": "是否项目制班",
    "classified": "是否涉密班",
    "starts_on": "开班日期",
    "ends_on": "结业日期",
    "join": "加人",
    "leave": "退出",
}
#: What the fact `kind` says: of requests and of tests as their own pages call them, of a change to
#: a filed roster.
_KINDS_SAID: Mapping[str, str] = {
    "identity": "更正姓名或身份证号",
    "phone": "换手机号",
    "binding": "把绑定换到另一个微信",
    "employer_contact": "做企业的联系人",
    "employer_keeper": "换企业的管理员",
    "level": "职业技能等级认定",
    "ability": "专项职业能力考核",
    "appraisal": "职业技能考核鉴定",
    "enterprise": "企业技能人才自主评价",
    "certificate": "合格证考试",
}
#: How one came to act for a firm.
_WAYS: Mapping[str, str] = {"phone": "按登记的电话", "approval": "按批准的申请"}
#: How somebody was told what a class has to tell.
_TOLD: Mapping[str, str] = {"face": "当面"}
_SAID_OF: Mapping[str, Mapping[str, str]] = {"kind": _KINDS_SAID, "how": {**_WAYS, **_TOLD}}
#: Facts whose values are codes of counties.
_COUNTIES = frozenset({"county", "county_before"})

#: Under which names the service itself acts.
SYSTEMS: Mapping[str, str] = {
    "class screen": "用链接打开的大屏",
    "demo": "演示数据",
    "files.sweep": "每夜清理",
    "demo staff": "演示数据",
    "flag_classes": "暂停后标出班期",
    "forget_answers": "每小时清理",
    "login": "登录",
    "people.erase": "注销",
    "people.erase_left": "取消关注后清理",
    "people.find_unionid": "合并微信身份",
    "people.purge": "每夜清理",
    "people.tell_notice": "告知本人",
    "requests.purge": "每夜清理",
    "sign in": "登录页",
    "zpt export": "命令行导出",
    "zpt import": "命令行导入",
    "zpt keys": "更换密钥",
    "zpt staff create": "命令行添加账号",
}
#: Characters of a SHA-256 in hexadecimal, and how many of them tell two apart for a reader.
_DIGEST, _SHOWN_OF_DIGEST = re.compile(r"[0-9a-f]{64}"), 12
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def say_facts(
    facts: Mapping[str, object],
    counties: Mapping[str, str],
    names: Mapping[UUID, str] | None = None,
) -> str:
    """The facts of an entry in one line; a name without words is shown as it is.

    `counties` are code -> name, `names` those of things. Of an id that has none its end is shown,
    as where an entry says what it is about.
    """
    told = []
    if set(facts) >= {"by", "count"}:
        told.append(_say_found(facts["by"], facts["count"]))
        facts = {name: value for name, value in facts.items() if name not in ("by", "count")}
    for name, value in facts.items():
        if value is None or value == "":
            continue
        if name in EITHER and isinstance(value, bool):
            told.append(EITHER[name][not value])
            continue
        said = counties if name in _COUNTIES else _SAID_OF.get(name, {})
        words = said.get(value) if isinstance(value, str) else None
        phrase = FACTS.get(name, name)
        if "{}" not in phrase:
            phrase += "：{}"
        told.append(phrase.replace("{}", words or _say_fact(value, names or {})))
    return "；".join(told)


def _say_found(by: object, count: object) -> str:
    """按身份证号找到1人."""
    return f"按{_say_fact(by, {})}" + (f"找到{count}人" if count else "找，没有找到")


def _say_fact(value: object, names: Mapping[UUID, str]) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(_say_fact(one, names) for one in value)
    if isinstance(value, str) and "," in value:
        return _say_fact(value.split(","), names)
    if not isinstance(value, str):
        return str(value)
    if _DIGEST.fullmatch(value):
        return f"{value[:_SHOWN_OF_DIGEST]}…"
    if _ID.fullmatch(value):
        return names.get(UUID(value)) or f"…{value[-6:]}"
    if _DAY.fullmatch(value):
        year, month, day = map(int, value.split("-"))
        return f"{year}年{month}月{day}日"
    return VALUES.get(value, value)


def ids_in(facts: Mapping[str, object]) -> set[UUID]:
    """The ids of things that the facts of an entry name."""
    return {UUID(one) for one in facts.values() if isinstance(one, str) and _ID.fullmatch(one)}
