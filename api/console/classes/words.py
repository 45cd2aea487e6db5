"""How classes are called on pages, and how the domain's refusals stand on a form."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from aiohttp import web

from api.console.form import Form, Trouble
from api.console.ground import ground_of, texts_of
from api.console.shown import State, Tone
from content.schema import Content
from domain.calendar import LOCAL
from domain.errors import DomainError
from domain.training.queries import ClassCard

_TONES: Mapping[str, Tone] = {
    "recruiting": "good",
    "filed": "warn",
    "approved": "good",
    "returned": "bad",
    "open": "good",
    "cancelled": "bad",
}
_STANDING_TONES: Mapping[str, Tone] = {"listed": "good", "suspended": "warn"}

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


def programmes_of(request: web.Request, kind: str = "") -> dict[str, str]:
    """Key -> name, of all or of those that such a holder may hold."""
    return {one.key: one.name for one in _content(request).programmes if not kind or kind in one.by}


def _content(request: web.Request) -> Content:
    return ground_of(request).read_content()


@contextmanager
def telling_class_refusals(request: web.Request, form: Form) -> Iterator[None]:
    """As Form.telling_refusals; faults of a class's details stand beside their fields."""
    with form.telling_refusals():
        try:
            yield
        except DomainError as error:
            if not _tell(texts_of(request), form, error):
                raise


def _tell(texts: Texts, form: Form, error: DomainError) -> bool:
    faults = error.facts.get("fields")
    if error.code == "class_details_wrong" and isinstance(faults, dict):
        for name, fault in faults.items():
            # A place is two numbers, and stands as the first of them.
            form.errors["latitude" if name == "place" else name] = texts[f"training.faults.{fault}"]
        return True
    if error.code == "class_changed":
        form.trouble = trouble_of(texts, error)
        return True
    return False


def trouble_of(texts: Texts, error: DomainError) -> Trouble:
    """What a refused step says above the page, with everything that is missing or was done."""
    title, detail = texts[f"errors.{error.code}.title"], texts[f"errors.{error.code}.detail"]
    for name, value in error.facts.items():
        if isinstance(value, str | int):
            detail = detail.replace("{" + name + "}", str(value))
    missing, since = error.facts.get("missing"), error.facts.get("since")
    if isinstance(missing, list):
        detail = f"还差：{say_missing(texts, missing)}。{detail}"
    if isinstance(since, list):
        done = "、".join(dict.fromkeys(texts[f"training.event.{kind}"] for kind in since))
        detail = f"{detail}刚才有人：{done}。"
    return Trouble(title, detail)
