"""The places of the rail: what each is called, and what one must be permitted to see it."""

from collections.abc import Container, Sequence
from dataclasses import dataclass

from domain.actor import Actor
from domain.permissions import Permission, may

#: More are not taken in at a glance; a role that could see more needs places put together.
MOST_PLACES = 8


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the rail. Whoever has one of `permissions` sees it."""

    title: str
    path: str
    permissions: tuple[Permission, ...]
    #: What one does there, for the first page.
    detail: str = ""
    #: The same for whoever has one of these permissions: the first that one has counts.
    details: tuple[tuple[Permission, str], ...] = ()

    def detail_for(self, actor: Actor) -> str:
        """What `actor` does there."""
        return next((words for needed, words in self.details if may(actor, needed)), self.detail)


_P = Permission

#: In the order of the rail. A place whose page is not served yet is not shown.
PLACES: Sequence[Place] = (
    Place("首页", "/console/", (_P.USE_CONSOLE,)),
    Place(
        "申请",
        "/console/requests",
        (_P.CORRECT_PERSON, _P.MANAGE_CONTACTS),
        "更正资料、换手机号、换企业管理员，等人来定",
    ),
    Place(
        "班期",
        "/console/classes",
        (_P.SEE_CLASS,),
        "分给您看的班",
        (
            (_P.FILE_CLASS, "写班期、招生、交备案，名单也在里面"),
            (_P.DECIDE_CLASS, "审核备案的班，看名单、归档"),
            (_P.ENROL, "查班，替来电人报名和退班"),
            (_P.SEE_PERSON, "看各县的班办到哪一步，看名单"),
        ),
    ),
    Place("人员", "/console/people", (_P.SEE_PERSON,), "按姓名、身份证号或手机号找人"),
    Place(
        "机构",
        "/console/institutions",
        (_P.SEE_DIRECTORY,),
        "培训机构目录：在不在目录里，停没停过",
        ((_P.SUSPEND_INSTITUTION, "培训机构目录，暂停、恢复和移出"),),
    ),
    Place("企业", "/console/employers", (_P.SEE_EMPLOYER,), "企业和它的联系人"),
    Place("补贴标准", "/console/standards", (_P.EDIT_STANDARDS,), "每个职业补多少，从哪天起"),
    Place(
        "账号", "/console/staff", (_P.MANAGE_STAFF, _P.ASK_STAFF_RESET), "谁能进工作台，能做什么"
    ),
    Place("审计", "/console/audit", (_P.READ_AUDIT,), "谁在什么时候看了什么、改了什么"),
)


def places_for(actor: Actor, served: Container[str]) -> list[Place]:
    """What `actor` finds in the rail; `served` holds the paths that there are."""
    return [
        place
        for place in PLACES
        if place.path in served and any(may(actor, needed) for needed in place.permissions)
    ]


def place_of(path: str, places: Sequence[Place]) -> Place | None:
    """Which of `places` a page at `path` belongs to."""
    within = [
        place
        for place in places
        if path == place.path or path.startswith(place.path.rstrip("/") + "/")
    ]
    return max(within, key=lambda place: len(place.path), default=None)
