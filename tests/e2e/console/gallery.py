"""Pages that show every part of the console in every state, for the tests to look at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from aiohttp import web

from api.console import fields, filters
from api.console.form import Form
from api.console.ground import now_for
from api.console.home import WAITING, Waiting
from api.console.page import go_to, render
from api.console.shown import Deadline, Happening, Masked, Money, State
from api.console.tables import Column, Empty, Listing, Table
from domain.errors import DomainError
from domain.paging import Page
from domain.permissions import Permission
from web.access import Access, allow
from web.body_limits import body

TEMPLATES = Path(__file__).parent / "templates"
COUNTIES = {"371502": "东昌府区", "371521": "阳谷县", "371522": "莘县", "371581": "临清市"}
STATES = {"listed": "在目录", "suspended": "暂停", "removed": "移出"}
TONES: Mapping[str, State] = {
    "listed": State("在目录", "good"),
    "suspended": State("暂停", "warn"),
    "removed": State("移出", "bad"),
    "draft": State("草稿"),
}
REASONS = {"identity": "核对身份", "contact": "打电话联系本人", "correct": "办理更正"}


@dataclass(frozen=True, slots=True)
class School:
    """A row of the gallery's list."""

    number: int
    name: str
    county: str
    status: str
    people: int
    amount: int
    since: date
    seen: datetime


def make_schools(now: datetime, count: int = 12) -> list[School]:
    """Rows as long and as short as they come."""
    names = (
        "聊城市鲁西职业培训学校",
        "阳谷县康养护理职业技能培训中心（北校区）",
        "莘县巧手家政学校",
    )
    return [
        School(
            number,
            names[number % len(names)],
            list(COUNTIES.values())[number % len(COUNTIES)],
            list(TONES)[number % len(TONES)],
            number * 137,
            number * 123_450,
            date(2026, 11, 1) - timedelta(days=number * 20),
            now - timedelta(hours=number * 9),
        )
        for number in range(1, count + 1)
    ]


COLUMNS: tuple[Column[School], ...] = (
    Column("机构", lambda school: school.name, sort="name"),
    Column("县区", lambda school: school.county),
    Column("状态", lambda school: TONES[school.status]),
    Column("学员", lambda school: school.people, number=True),
    Column("补贴", lambda school: Money(school.amount), number=True),
    Column("入目录", lambda school: school.since, sort="since", minor=True),
    Column("最近更新", lambda school: school.seen),
)
FILTERS = (
    filters.Search(hint="名称或拼音"),
    filters.Choice(name="county", label="县区", options=COUNTIES),
    filters.Choice(name="status", label="状态", options=STATES),
    filters.Day(name="since", label="入目录不早于"),
)
#: As many as the audit log has.
LOG_FILTERS = (
    filters.Search(name="who", label="谁", hint="用户名"),
    filters.Choice(name="status", label="做了什么", options=STATES),
    filters.Search(name="about", label="对象", hint="点下面的一个，或者写编号"),
    filters.Day(name="first", label="从"),
    filters.Day(name="last", label="到"),
)
FIELDS = (
    fields.Text(name="name", label="机构名称", help="和办学许可证上的一样"),
    fields.Choice(
        name="county", label="县区", options={**COUNTIES, "371525": "冠县", "371526": "高唐县"}
    ),
    fields.Choice(name="kind", label="类别", options={"school": "学校", "firm": "企业"}),
    fields.Number(name="capacity", label="一次能教", unit="人", least=1, most=500),
    fields.Yuan(name="amount", label="补贴标准", required=False),
    fields.Day(name="since", label="从哪天起"),
    fields.Text(name="note", label="备注", required=False, lines=3, most=500),
    fields.Secret(name="code", label="口令", required=False),
    fields.Tick(name="agreed", label="已经核对过许可证原件", required=True),
)


def show_table(
    request: web.Request, schools: list[School], narrowings: Sequence[filters.Filter] = FILTERS
) -> Table[School]:
    found = filters.Filters.from_query(request.query, narrowings)
    listing = Listing(request, "schools", found, {"name": "name", "since": "since"}, "-since")
    q = found.text("q")
    rows = [school for school in schools if not q or q in school.name]
    more = None if len(rows) < 12 else (rows[-1].name,)
    return listing.show(
        Page(rows, more),
        "机构",
        COLUMNS,
        link=lambda school: f"/console/gallery/schools/{school.number}",
        empty=Empty(
            "目录里还没有机构",
            "从表格导入，或者一家一家添加。",
            ("添加机构", "/console/gallery/form"),
        ),
    )


@allow(Access.STAFF, Permission.USE_CONSOLE)
async def show_list(request: web.Request) -> web.Response:
    count = 0 if "none" in request.query else 12
    return render(
        request, "gallery_list", table=show_table(request, make_schools(now_for(request), count))
    )


@allow(Access.STAFF, Permission.USE_CONSOLE)
async def show_log(request: web.Request) -> web.Response:
    table = show_table(request, make_schools(now_for(request)), LOG_FILTERS)
    return render(request, "gallery_list", table=table)


@allow(Access.STAFF, Permission.USE_CONSOLE)
async def show_parts(request: web.Request) -> web.Response:
    now = now_for(request)
    return render(
        request,
        "gallery_parts",
        states=TONES.values(),
        deadlines=[Deadline(now.date() + timedelta(days=days), days) for days in (5, 2, 0, -3)],
        moments=[now, now - timedelta(days=1), now - timedelta(days=400)],
        facts=[
            ("统一社会信用代码", "91371500MA3C0DE00X"),
            ("县区", "东昌府区"),
            ("入目录", date(2026, 3, 1)),
            ("最近更新", now),
            ("补贴标准", Money(300_000)),
            ("联系人", None),
        ],
        history=[
            Happening(
                date(2026, 11, 20), State("恢复", "good"), "整改合格。聊人社字〔2026〕31号", "王敏"
            ),
            Happening(
                date(2026, 8, 3),
                State("暂停", "warn"),
                "开班没有备案。聊人社字〔2026〕17号",
                "王敏",
            ),
        ],
        person=Masked("3715**********1234", "/console/gallery/reveal"),
        kept=Masked("138****5678"),
        reasons=REASONS,
    )


@allow(Access.STAFF, Permission.USE_CONSOLE)
async def show_form(request: web.Request) -> web.Response:
    return render(request, "gallery_form", form=Form.blank(request, FIELDS, {"amount": 300_000}))


@allow(Access.STAFF, Permission.USE_CONSOLE)
@body(most_bytes=64 * 1024, seconds=10)
async def save_form(request: web.Request) -> web.Response:
    form = await Form.read(request, FIELDS)
    if form.fits:
        with form.telling_refusals():
            if form.text("name") == "重名":
                raise DomainError("unsupported_media_type", field="name")
            if form.text("name") == "太快":
                raise DomainError("slow_down", retry_after=3)
            return go_to(request, "/console/gallery", done=f"已添加“{form.text('name')}”。")
    return render(request, "gallery_form", form=form, status=422)


@allow(Access.STAFF, Permission.MANAGE_STAFF)
async def show_forbidden(request: web.Request) -> web.Response:
    raise AssertionError("nobody comes here")


@allow(Access.STAFF, Permission.USE_CONSOLE)
@body(most_bytes=64 * 1024, seconds=10)
async def reveal(request: web.Request) -> web.Response:
    return render(request, "gallery_revealed", number="371502199001011234")


async def count_requests(request: web.Request) -> Waiting:
    return Waiting("件申请等您定", 3, "/console/requests", "最早的一件还剩2个工作日")


async def count_classes(request: web.Request) -> Waiting:
    return Waiting("个班等审批", 12, "/console/classes")


async def count_nothing(request: web.Request) -> None:
    return None


def add_routes(app: web.Application) -> None:
    app[WAITING] += [count_requests, count_nothing, count_classes]
    app.router.add_get("/gallery", show_list)
    app.router.add_get("/gallery/log", show_log)
    app.router.add_get("/gallery/parts", show_parts)
    app.router.add_get("/gallery/form", show_form)
    app.router.add_post("/gallery/form", save_form)
    app.router.add_post("/gallery/reveal", reveal)
    app.router.add_get("/gallery/forbidden", show_forbidden)
    for path in ("/requests", "/classes", "/people", "/institutions", "/employers", "/standards"):
        app.router.add_get(path, show_list)
