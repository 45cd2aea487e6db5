"""`/console/classes/{class_id}/test`: the final test of a class and its results (L10)."""

from collections.abc import Sequence
from uuid import UUID

from aiohttp import web

from api.console import fields
from api.console.classes.results import read_results, write_results
from api.console.classes.timetable import Unread
from api.console.classes.words import telling_class_refusals
from api.console.form import Form
from api.console.ground import ground_of, now_for, texts_of
from api.console.page import go_to, render
from api.console.paths import uuid_in
from domain.enrolments.queries import list_roster
from domain.enrolments.sights import note_look
from domain.permissions import Permission
from domain.training.details import MOST_PEOPLE, Result, Test
from domain.training.proof import record_test
from domain.training.queries import ClassFile, find_class
from web.access import ACTOR, Access, allow
from web.body_limits import body

_MOST_TEXT = 60_000
_KINDS = ("level", "ability", "appraisal", "enterprise", "certificate")
#: An enrolment and the masked name of who it is.
_Roster = Sequence[tuple[UUID, str]]


@allow(Access.STAFF, Permission.SEE_ROSTER)
async def show_test(request: web.Request) -> web.Response:
    """GET: the last test that was noted, to be gone on with; else an empty form."""
    found = await _find(request)
    roster = await _list_roster(request, found)
    form = Form.blank(request, _fields(request), _values_of(found, roster))
    return render(request, "classes/test", form=form, found=found)


@allow(Access.STAFF, Permission.SEE_ROSTER)
@body(most_bytes=4 * _MOST_TEXT, seconds=10)
async def save_test(request: web.Request) -> web.Response:
    """POST: note it."""
    found = await _find(request)
    form = await Form.read(request, _fields(request))
    results = _read(form, await _list_roster(request, found))
    if form.fits:
        async with telling_class_refusals(request, form):
            await _record(request, found, form, results)
            path = f"/console/classes/{found.row.id}"
            return go_to(request, path, done=f"已登记{len(results)}个人的结业考核结果。")
    return render(request, "classes/test", form=form, found=found, status=422)


async def _record(
    request: web.Request, found: ClassFile, form: Form, results: Sequence[Result]
) -> None:
    test = Test(
        form.text("kind"),
        form.day("held_on"),
        results,
        form.text("recording_location"),
        form.text("recording_sha256").lower(),
        form.text("patrol"),
    )
    content, version = ground_of(request).read_content(), form.number("version")
    await record_test(request[ACTOR], content, found.row.id, version, test, now=now_for(request))


def _read(form: Form, roster: _Roster) -> list[Result]:
    try:
        return read_results(form.text("results"), [enrolment for enrolment, _ in roster])
    except Unread as unread:
        form.errors["results"] = (
            f"第{unread.line}行没有看懂，还没有登记。"
            f"请写成 3 通过，或者 1-28 通过；名单只到{len(roster)}号。"
        )
        return []


def _values_of(found: ClassFile, roster: _Roster) -> dict[str, object]:
    last = found.tests[-1] if found.tests else None
    known = {one.enrolment: one for test in found.tests for one in test.results}
    names = ("kind", "held_on", "recording_location", "recording_sha256", "patrol")
    return {
        "version": found.row.version,
        **({name: getattr(last, name) for name in names} if last else {}),
        "results": write_results(roster, known),
    }


def _fields(request: web.Request) -> tuple[fields.Field, ...]:
    texts = texts_of(request)
    kinds = {kind: texts[f"training.test.{kind}"] for kind in _KINDS}
    for_certificates = "合格证考试要填：全程录像备查，备案地人社部门巡考（聊城通知第10条）"
    return (
        fields.Number(name="version", label="版本"),
        fields.Choice(name="kind", label="哪种考核", options=kinds),
        fields.Day(name="held_on", label="哪天考的"),
        fields.Text(
            name="recording_location",
            label="考试录像存在哪里",
            required=False,
            most=300,
            help=for_certificates,
        ),
        fields.Text(
            name="recording_sha256",
            label="录像的校验码（SHA-256）",
            required=False,
            most=64,
            help="64位的十六进制数字",
        ),
        fields.Text(
            name="patrol",
            label="巡考",
            required=False,
            most=300,
            help=f"哪个单位巡考、结果怎样。{for_certificates}",
        ),
        fields.Text(
            name="results",
            label="结果",
            most=_MOST_TEXT,
            lines=16,
            help=(
                "一行一个人：名单上的序号、结果（通过、没通过、缺考），有证书的再写证书编号。"
                "一样的可以写在一行，如 1-28 通过。还没写结果的，下次接着登记。"
            ),
        ),
    )


async def _list_roster(request: web.Request, found: ClassFile) -> _Roster:
    await note_look(request[ACTOR], found.row.id, now=now_for(request))
    page = await list_roster(
        request[ACTOR], ground_of(request).vault, found.row.id, None, MOST_PEOPLE
    )
    return [(line.id, line.name) for line in page.rows]


async def _find(request: web.Request) -> ClassFile:
    content = ground_of(request).read_content()
    class_id = uuid_in(request, "class_id")
    return await find_class(request[ACTOR], content, class_id, now=now_for(request))


def add_routes(app: web.Application) -> None:
    """The test."""
    app.router.add_get("/classes/{class_id}/test", show_test)
    app.router.add_post("/classes/{class_id}/test", save_test)
