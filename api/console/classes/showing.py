"""`/console/classes/{class_id}`: a class with its history, and what may be done with it."""

from collections.abc import Mapping, Sequence
from datetime import date

from aiohttp import web

from api.console.acting import SYSTEM_NAME, name_actors, name_systems
from api.console.classes.screens import find_screens
from api.console.classes.words import (
    REPLANNED,
    programmes_of,
    say_missing,
    say_people,
    say_replanned,
    standing_of,
    state_of,
    tell_age,
)
from api.console.form import Trouble
from api.console.ground import ground_of, now_for, texts_of
from api.console.page import PREFIX, render
from api.console.paths import uuid_in
from api.console.places import county_names
from api.console.sheets.signin import find_signin
from api.console.shown import Period, State, Timed, Tone, say_day, say_day_on_paper
from domain.enrolments.amendments import list_unseen
from domain.enrolments.clashing import list_clashing
from domain.enrolments.rules import LOOSE
from domain.enrolments.telling import count_owed
from domain.permissions import Permission, Reach, may, reach_of
from domain.training.approving import CORRECT, LONGEST_NUMBER, Given, given_in, may_run_by_city
from domain.training.correcting import CORRECTABLE
from domain.training.life import EDITABLE, HELD, NEED_REASON, TAKES_PROOF, Side, Status, Step
from domain.training.queries import CURRENT, ClassFile, find_class
from domain.training.views import EventView
from web.access import ACTOR, Access, allow

#: The next step that a page offers first; those with a reason stand below.
_MAIN = [step for step in Step if step not in NEED_REASON]
_BY_OFFICE = {Step.APPROVE.value, Step.RETURN.value, Step.ARCHIVE.value, CORRECT, "seen"}
_ROSTER = f"{PREFIX}/classes/{{class_id}}/roster"
_ATTENDANCE = f"{PREFIX}/classes/{{class_id}}/attendance"
#: Before it, nobody can have come.
_NOT_TAUGHT = frozenset({Status.DRAFT, Status.RECRUITING, Status.FILED, Status.RETURNED})


@allow(Access.STAFF, Permission.SEE_CLASS)
async def show_class(request: web.Request) -> web.Response:
    """GET: the whole class."""
    return await render_class(request)


async def render_class(
    request: web.Request, trouble: Trouble | None = None, status: int = 200
) -> web.Response:
    """The page of the class in the path; `trouble`: a step was refused."""
    content, now = ground_of(request).read_content(), now_for(request)
    found = await find_class(request[ACTOR], content, uuid_in(request, "class_id"), now=now)
    return render(
        request,
        "classes/show",
        status=status,
        found=found,
        trouble=trouble,
        path=f"{PREFIX}/classes/{found.row.id}",
        state=state_of(texts_of(request), found.row.status),
        waits=texts_of(request)[f"training.waits.{found.row.status}"],
        since=_tell_since(request, found),
        steps=_describe_steps(request, found),
        facts=_list_facts(request, found),
        filing=_list_filing(found),
        video=_list_video(found),
        history=_list_history(request, found, await _find_names(request, found)),
        returned=found.returned_reason,
        holds=Side.HOLDER in found.sides,
        editable=Status(found.row.status) in EDITABLE | HELD,
        takes_proof=Status(found.row.status) in TAKES_PROOF and not found.programme.on_the_job,
        roster=(roster := _find_roster(request, found)),
        runs_by_city=may_run_by_city(request[ACTOR], is_project=found.row.is_project),
        clashing=await _find_clashing(request, found) if roster else None,
        unseen=len(await list_unseen(request[ACTOR], found.row.id)) if roster else 0,
        owed=await count_owed(request[ACTOR], found.row.id) if roster else 0,
        calling=_find_calling(request, found),
        leaving=_find_leaving(request, found),
        tests=_list_tests(request, found),
        sessions=_list_sessions(found),
        screens=find_screens(request, found.row.id, found.row.status),
        attendance=_find_attendance(request, found),
        longest_number=LONGEST_NUMBER,
        given=_read_given(found),
        corrects=Side.OFFICER in found.sides and Status(found.row.status) in CORRECTABLE,
        signin=find_signin(request, found.row.id, found.row.status),
    )


async def _find_clashing(request: web.Request, found: ClassFile) -> Mapping[str, object] | None:
    """Who of the roster is in another class at the same time, while something can be done."""
    if Status(found.row.status) not in CURRENT:
        return None
    lines = await list_clashing(request[ACTOR], ground_of(request).vault, found.row.id)
    return {"count": len(lines), "named": say_people(lines)} if lines else None


def _tell_since(request: web.Request, found: ClassFile) -> Timed | None:
    """Beside who acts next: 交来3天了, 12月7日（周一）起可以点开班."""
    now, row = now_for(request), found.row
    if row.status == Status.FILED.value:
        return tell_age(row.filed_at, now, "交来{}了", "今天交来的")
    if _opens_later(request, found) and row.starts_on:
        first, words = row.starts_on, "起可以点开班"
        return Timed(first, say_day(first, now.date()) + words, say_day_on_paper(first) + words)
    return None


def _opens_later(request: web.Request, found: ClassFile) -> bool:
    """Whether it is approved, and its first day is still to come."""
    first, approved = found.row.starts_on, found.row.status == Status.APPROVED.value
    return approved and first is not None and first > now_for(request).date()


def _describe_steps(request: web.Request, found: ClassFile) -> Mapping[str, object]:
    """main: the step to be taken next, with what it lacks; others: those with a reason."""
    texts = texts_of(request)
    main = next((step for step in _MAIN if step in found.steps), None)
    if main is Step.OPEN and _opens_later(request, found):
        main = None
    lacking = found.missing.get(main, ()) if main else ()
    later, owed = found.ahead or (Step.FILE, ())
    return {
        "main": main.value if main else "",
        "words": texts[f"training.step.{main.value}"] if main else "",
        "missing": say_missing(texts, lacking),
        "count": len(lacking),
        "ahead": texts[f"training.step.{later.value}"],
        "owed": say_missing(texts, owed),
        "others": [step.value for step in found.steps if step in NEED_REASON],
    }


def _list_facts(request: web.Request, found: ClassFile) -> Sequence[tuple[str, object]]:
    row, texts = found.row, texts_of(request)
    standing = standing_of(texts, found)
    place = f"{row.latitude:.5f}，{row.longitude:.5f}" if row.latitude is not None else None
    first, last = row.starts_on, row.ends_on
    marks = (("项目制班", row.is_project), ("涉密班，不留培训视频", row.classified))
    return [
        ("培训项目", programmes_of(request).get(row.programme, row.programme)),
        ("职业（工种）", f"{row.occupation} {row.level}".strip()),
        ("办班单位", found.holder.name),
        *([("单位今天", standing)] if standing else []),
        ("备案县区", county_names(request).get(row.county, row.county)),
        ("开班到结业", Period(first, last) if first and last else None),
        ("上课地点", row.address),
        ("地图位置（纬度，经度）", place),
        ("总课时", f"{row.hours}课时" if row.hours else None),
        ("授课老师", row.teacher),
        ("招生对象", row.target_group),
        *[("特别标记", words) for words, marked in marks if marked],
    ]


def _list_sessions(found: ClassFile) -> Sequence[tuple[date, str, str]]:
    """The day, 08:30—11:30, what is taught."""
    return [
        (one.starts_at.date(), f"{one.starts_at:%H:%M}—{one.ends_at:%H:%M}", one.topic)
        for one in found.sessions
    ]


def _read_given(found: ClassFile) -> Given:
    """What the office has said of it."""
    return given_in([(one.kind, one.facts) for one in found.events])


def _list_filing(found: ClassFile) -> Sequence[tuple[str, object]]:
    """What froze with the filing."""
    row = found.row
    if row.roster_size is None:
        return []
    given = _read_given(found)
    return [
        ("备案号", given.number or None),
        *([("组织单位", "市直")] if given.city_run else []),
        ("交备案", row.filed_at),
        ("定下的名单", f"{row.roster_size}人"),
        ("名单校验码", f"{row.roster_digest[:16]}…"),
    ]


def _list_video(found: ClassFile) -> Sequence[tuple[str, object]]:
    """Where it lies, once that is recorded; that it is missing is said where it matters."""
    row = found.row
    if not (row.video_location or row.video_sha256 or row.video_holder):
        return []
    return [
        ("存在", row.video_location),
        ("校验码", f"{row.video_sha256[:16]}…" if row.video_sha256 else None),
        ("保管", row.video_holder),
    ]


def _list_tests(request: web.Request, found: ClassFile) -> Sequence[Mapping[str, object]]:
    texts = texts_of(request)
    shown: list[Mapping[str, object]] = []
    for test in found.tests:
        results = [one.result for one in test.results]
        shown.append(
            {
                "facts": [
                    ("考核", texts[f"training.test.{test.kind}"]),
                    ("日期", test.held_on),
                    *(
                        (texts[f"training.result.{result}"], f"{results.count(result)}人")
                        for result in ("passed", "failed", "absent")
                    ),
                    ("录像存在", test.recording_location),
                    ("巡考", test.patrol),
                ]
            }
        )
    return shown


async def _find_names(request: web.Request, found: ClassFile) -> Mapping[str, str]:
    """What those who acted are called, by Actor.key. A holder is told the side alone."""
    keys = {event.made_by for event in found.events}
    if reach_of(request[ACTOR], Permission.SEE_CLASS) is Reach.OWN:
        return name_systems(keys)
    return await name_actors(request, keys)


def _list_history(
    request: web.Request, found: ClassFile, names: Mapping[str, str]
) -> Sequence[Mapping[str, object]]:
    texts = texts_of(request)
    return [
        {
            "on": event.made_at,
            "title": State(texts[f"training.event.{event.kind}"], _tone_of(event)),
            "detail": _say_event(texts, event),
            "by": _say_author(event, names),
        }
        for event in reversed(found.events)
    ]


def _tone_of(event: EventView) -> Tone:
    tones: Mapping[str, Tone] = {
        "approve": "good",
        "return": "warn",
        "cancel": "bad",
        "flag": "bad",
        "amend": "warn",
    }
    return tones.get(event.kind, "plain")


def _say_event(texts: Mapping[str, str], event: EventView) -> str:
    """What was changed, how many were on the roster, and why."""
    told: list[str] = []
    fields, people = event.facts.get("fields"), event.facts.get("people")
    if isinstance(fields, list):
        told.append("、".join(texts.get(f"training.field.{name}", str(name)) for name in fields))
    if people is not None:
        confirmed = event.facts.get("confirmed")
        told.append(f"名单{people}人" + (f"，其中{confirmed}人随备案确认" if confirmed else ""))
    if event.facts.get("sessions_before") is not None:
        told.append(say_replanned(*(event.facts.get(name) for name in REPLANNED)))
    told += _say_given(event)
    if clashing := event.facts.get("clashing"):
        told.append(f"{clashing}人这段时间还在另一个班")
    if event.kind == "seen":
        told.append(f"{event.facts.get('amendments')}处变更")
    if event.kind == "amend":
        told.append("加人" if event.facts.get("kind") == "join" else "退出")
        told.append(f"{event.facts.get('allowed_by')}同意")
    if event.reason:
        told.append(event.reason)
    return "；".join(told)


def _say_given(event: EventView) -> list[str]:
    """备案号聊培备12, 市直组织; of a correction what it has changed."""
    number, by_city = event.facts.get("filing_number"), event.facts.get("city_run")
    if event.kind != CORRECT:
        return [*([f"备案号{number}"] if number else []), *(["市直组织"] if by_city else [])]
    told: list[str] = []
    if "filing_number_before" in event.facts:
        before = event.facts["filing_number_before"] or "没有编号"
        told.append(f"备案号从{before}改成{number or '没有编号'}")
    if "city_run_before" in event.facts:
        told.append("改成市直组织" if by_city else "改成不是市直组织")
    return told


def _say_author(event: EventView, names: Mapping[str, str]) -> str:
    """人社局 王敏（wang.min）; of what either side may have done the name alone."""
    name = names.get(event.made_by, "")
    if event.kind not in _BY_OFFICE:
        return name
    return "人社局" if name == SYSTEM_NAME else f"人社局 {name}".strip()


def _find_roster(request: web.Request, found: ClassFile) -> str:
    """The page of the roster, where it is served."""
    shown = _ROSTER in ground_of(request).served and may(request[ACTOR], Permission.SEE_ROSTER)
    return _ROSTER.replace("{class_id}", str(found.row.id)) if shown else ""


def _find_attendance(request: web.Request, found: ClassFile) -> str:
    """The page of check-ins, of a class that is taught or was."""
    served = _ATTENDANCE in ground_of(request).served
    shown = served and may(request[ACTOR], Permission.SEE_ATTENDANCE)
    if not shown or Status(found.row.status) in _NOT_TAUGHT:
        return ""
    return _ATTENDANCE.replace("{class_id}", str(found.row.id))


def _find_calling(request: web.Request, found: ClassFile) -> str:
    """Where an operator of the hotline enrols whoever calls; "" for others, and where the class
    takes nobody."""
    return f"{PREFIX}/classes/{found.row.id}/enrol" if _calls(request) and found.enrolling else ""


def _find_leaving(request: web.Request, found: ClassFile) -> str:
    """Where an operator takes out whoever calls, as long as nobody has to allow it."""
    loose = _calls(request) and found.row.status in LOOSE
    return f"{PREFIX}/classes/{found.row.id}/leave" if loose else ""


def _calls(request: web.Request) -> bool:
    """Whether the reader is an operator of the hotline."""
    return reach_of(request[ACTOR], Permission.ENROL) is Reach.ALL


def add_routes(app: web.Application) -> None:
    """The page of a class."""
    app.router.add_get("/classes/{class_id}", show_class)
