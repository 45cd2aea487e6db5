"""How classes are called on pages, and how the domain's refusals stand on a form."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from aiohttp import web

from api.console.form import Form, Trouble
from api.console.ground import ground_of, texts_of
from api.console.paths import uuid_in
from api.console.shown import State, Timed, Tone, say_day_on_paper
from content.schema import Content
from domain.calendar import LOCAL
from domain.enrolments.clashing import name_clashing
from domain.enrolments.lines import RosterLine
from domain.errors import DomainError
from domain.training.queries import ClassCard
from web.access import ACTOR
from web.words import STAFF, word_refusal

_TONES: Mapping[str, Tone] = {
    "recruiting": "good",
    "filed": "warn",
    "approved": "good",
    "returned": "bad",
    "open": "good",
    "cancelled": "bad",
}
_STANDING_TONES: Mapping[str, Tone] = {"listed": "good", "suspended": "warn"}

#: People who are named in one sentence.
_MOST_NAMED = 10

Texts = Mapping[str, str]


def path_of(card: ClassCard) -> str:
    """The page of a class."""
    return f"/console/classes/{card.row.id}"


def state_of(texts: Texts, status: str) -> State:
    """A class's status as it stands on a page."""
    return State(texts[f"training.status.{status}"], _TONES.get(status, "plain"))


def standing_of(texts: Texts, card: ClassCard) -> State | None:
    """How the institution stands today; None for a firm's class."""
    if card.holder.kind == "employer":
        return None
    standing = card.holder.standing or "unlisted"
    return State(texts[f"training.standing.{standing}"], _STANDING_TONES.get(standing, "bad"))


def say_missing(texts: Texts, missing: Sequence[str]) -> str:
    """需求分析、授课老师."""
    return "、".join(texts[f"training.missing.{key}"] for key in missing)


def say_age(since: datetime | None, now: datetime) -> str:
    """今天, 1天, 12天: how long something has waited."""
    if since is None:
        return ""
    days = (now.astimezone(LOCAL).date() - since.astimezone(LOCAL).date()).days
    return f"{days}天" if days > 0 else "今天"


def tell_age(
    since: datetime | None, now: datetime, words: str = "{}", today: str = ""
) -> Timed | None:
    """`words` with how long something has waited, or `today`; on paper since when."""
    if since is None:
        return None
    age = say_age(since, now)
    said = today if today and age == "今天" else words.replace("{}", age)
    return Timed(since, said, f"{say_day_on_paper(since.astimezone(LOCAL).date())}交来")


def programmes_of(request: web.Request, kind: str = "") -> dict[str, str]:
    """Key -> name, of all or of those that such a holder may hold."""
    return {one.key: one.name for one in _content(request).programmes if not kind or kind in one.by}


def _content(request: web.Request) -> Content:
    return ground_of(request).read_content()


@asynccontextmanager
async def telling_class_refusals(request: web.Request, form: Form) -> AsyncIterator[None]:
    """As Form.telling_refusals; faults of a class's details stand beside their fields, and people
    whom it would keep from another class are named."""
    with form.telling_refusals():
        try:
            yield
        except DomainError as error:
            await name_whom_it_keeps(request, error)
            if not _tell(texts_of(request), form, error):
                raise


def _tell(texts: Texts, form: Form, error: DomainError) -> bool:
    faults = error.facts.get("fields")
    if error.code == "class_details_wrong" and isinstance(faults, dict):
        for name, fault in faults.items():
            # A place is two numbers, and stands as the first of them.
            form.errors["latitude" if name == "place" else name] = texts[f"training.faults.{fault}"]
        return True
    if error.code in ("class_changed", "class_people_overlap"):
        form.trouble = trouble_of(texts, error)
        return True
    return False


def trouble_of(texts: Texts, error: DomainError) -> Trouble:
    """What a refused step says above the page, with everything that is missing or was done."""
    about = error.facts.get("about")
    part = "detail" if about is None else f"about.{about}"
    title, detail = (word_refusal(texts, STAFF, error.code, one) for one in ("title", part))
    for name, value in error.facts.items():
        if isinstance(value, str | int):
            detail = detail.replace("{" + name + "}", str(value))
    missing, since = error.facts.get("missing"), error.facts.get("since")
    named = error.facts.get("named")
    if isinstance(named, str):
        detail = f"{detail}他们是：{named}。"
    if isinstance(missing, list):
        detail = f"还差：{say_missing(texts, missing)}。{detail}"
    if isinstance(since, list):
        done = "、".join(dict.fromkeys(texts[f"training.event.{kind}"] for kind in since))
        detail = f"{detail}刚才有人：{done}。"
    return Trouble(title, detail)


async def name_whom_it_keeps(request: web.Request, error: DomainError) -> None:
    """Add to a class_people_overlap who they are, as `named`."""
    enrolments = error.facts.get("enrolments")
    if error.code != "class_people_overlap" or not isinstance(enrolments, list):
        return
    actor, vault = request[ACTOR], ground_of(request).vault
    lines = await name_clashing(actor, vault, uuid_in(request, "class_id"), enrolments)
    error.facts["named"] = say_people(lines)


#: What of a change of sessions is said (domain.training.actions.plan_sessions).
REPLANNED = ("sessions_before", "sessions", "lessons_before", "lessons")


def say_replanned(
    sessions_before: object, sessions: object, lessons_before: object, lessons: object
) -> str:
    """原来12次课48课时，现在11次课48课时."""
    return f"原来{sessions_before}次课{lessons_before}课时，现在{sessions}次课{lessons}课时"


def say_people(lines: Sequence[RosterLine]) -> str:
    """张*（尾号1234）、李*（尾号567X）: masked, as many as one reads; then how many there are."""
    named = "、".join(f"{line.name}（尾号{line.id_number[-4:]}）" for line in lines[:_MOST_NAMED])
    return named if len(lines) <= _MOST_NAMED else f"{named}等{len(lines)}人"
