"""A form bound to what was typed: read once, its faults beside the fields, nothing typed lost.

form = await Form.read(request, FIELDS)
if form.fits:
    with form.telling_refusals():
        saved = await save(request[ACTOR], name=form.text("name"), now=now_for(request))
        return go_to(request, f"/console/things/{saved.id}", done="已保存。")
return render(request, "things/edit", form=form, status=422)
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from aiohttp import web

from api.console.fields import Field, File, Tick, Unfit
from api.console.forgery import require_token
from api.console.ground import texts_of
from domain.errors import DomainError
from web.fields import Field as Fault
from web.fields import describe_fields
from web.forms import read_form
from web.problems import STATUS_OF_CODE
from web.uploads import Kind, ReceivedFile, receive_file
from web.words import STAFF, fill, find_refusal, word_refusal

#: The field that makes a form's second coming known (once.py).
ONCE = "once"
#: Refusals that no change of what was typed undoes: they have pages of their own.
_NOT_OF_THE_FORM = frozenset({"no_permission", "not_found", "sign_in_required", "foreign_form"})


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the form as a whole was refused, above its fields."""

    title: str
    detail: str


class Form:
    """What stands in the controls, the values read from it, and what does not fit."""

    def __init__(
        self,
        fields: Sequence[Field],
        texts: Mapping[str, str],
        typed: Mapping[str, str],
        once: UUID,
    ) -> None:
        self.fields = {field.name: field for field in fields}
        #: Name -> the text in the control.
        self.typed = dict(typed)
        #: Name -> the value; None for a field that was left empty.
        self.values: dict[str, object] = {}
        #: Name -> what is wrong with it, in words.
        self.errors: dict[str, str] = {}
        self.trouble: Trouble | None = None
        #: The code of what the domain refused last; "" for nothing.
        self.refused = ""
        #: The same for each coming of one form (once.py).
        self.once = once
        self._texts = texts

    @classmethod
    def blank(
        cls, request: web.Request, fields: Sequence[Field], values: Mapping[str, object] = {}
    ) -> "Form":
        """A form to be filled in, or one that shows `values`."""
        typed = {field.name: field.write(values.get(field.name)) for field in fields}
        return cls(fields, texts_of(request), typed, uuid4())

    @classmethod
    async def read(cls, request: web.Request, fields: Sequence[Field]) -> "Form":
        """What was sent; forgery.py has asked for its token. Raises what web.forms does."""
        return cls.of(request, fields, await read_form(request))

    @classmethod
    def of(cls, request: web.Request, fields: Sequence[Field], sent: Mapping[str, str]) -> "Form":
        """The same from fields that lie beside a file (ReceivedFile.fields)."""
        typed = {field.name: sent.get(field.name, "") for field in fields}
        form = cls(fields, texts_of(request), typed, _read_once(sent.get(ONCE, "")))
        for field in fields:
            if not isinstance(field, File):
                form._take(field, typed[field.name])
        return form

    def _take(self, field: Field, text: str) -> None:
        text = text if field.kind == "secret" else text.strip()
        if not text:
            self.values[field.name] = False if isinstance(field, Tick) else None
            if field.required:
                self.mark(field.name, "missing")
            return
        try:
            self.values[field.name] = field.read(text)
        except Unfit as unfit:
            self.mark(field.name, unfit.reason, **unfit.limits)

    @property
    def fits(self) -> bool:
        """Whether nothing is wrong, so far as the door can tell."""
        return not self.errors and self.trouble is None

    def mark(self, name: str, reason: str, **limits: int | float) -> None:
        """Say that a field does not fit, by one of the reasons in errors.yaml (fields)."""
        fault = Fault(field=name, place="body", reason=reason, limits=dict(limits))
        self.errors[name] = describe_fields(self._texts, [fault])[0]["text"]

    def refuse(self, error: DomainError) -> None:
        """Tell a refusal of the domain: beside the field that it names, else at the top.

        A field is named by the fact "field", or by the fields of an invalid_input; where the fact
        "fields" is a list of names, each has its words in errors.<code>.fields.<name>.
        """
        self.refused = error.code
        faults = error.facts.get("fields")
        if error.code == "invalid_input" and isinstance(faults, list):
            for fault in faults:
                self.mark(fault["field"], fault["reason"], **fault["limits"])
            if not set(self.errors) - set(self.fields):
                return
        if isinstance(faults, list) and all(isinstance(name, str) for name in faults):
            self._tell_each(error.code, faults)
            return
        about = error.facts.get("about")
        part = "detail" if about is None else f"about.{about}"
        detail = fill(word_refusal(self._texts, STAFF, error.code, part), error.facts)
        field = error.facts.get("field")
        if isinstance(field, str) and field in self.fields:
            self.errors[field] = detail
        else:
            title = word_refusal(self._texts, STAFF, error.code, "title")
            self.trouble = Trouble(title, detail)

    def _tell_each(self, code: str, names: Sequence[str]) -> None:
        for name in names:
            self.mark(name, "other")
            words = find_refusal(self._texts, STAFF, code, f"fields.{name}")
            if words is not None:
                self.errors[name] = words

    def telling_refusals(self) -> "TellingRefusals":
        """Around an action: what it refuses is told on the form; all else goes through."""
        return TellingRefusals(self)

    def text(self, name: str) -> str:
        """The text of a field; "" where it was left empty."""
        value = self.values.get(name)
        return value if isinstance(value, str) else ""

    def optional_text(self, name: str) -> str | None:
        """The text, or None where the field was left empty."""
        return self.text(name) or None

    def number(self, name: str) -> int:
        """The number, or the fen, of a required field."""
        value = self.values[name]
        assert isinstance(value, int)
        return value

    def optional_number(self, name: str) -> int | None:
        """The same of a field that may be empty."""
        value = self.values.get(name)
        return value if isinstance(value, int) else None

    def day(self, name: str) -> date:
        """The date of a required field."""
        value = self.values[name]
        assert isinstance(value, date)
        return value

    def optional_day(self, name: str) -> date | None:
        """The same of a field that may be empty."""
        value = self.values.get(name)
        return value if isinstance(value, date) else None

    def ticked(self, name: str) -> bool:
        """Whether a box is ticked."""
        return self.values.get(name) is True


class TellingRefusals:
    """See Form.telling_refusals."""

    def __init__(self, form: Form) -> None:
        self._form = form

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: object
    ) -> bool:
        if not isinstance(error, DomainError) or error.code in _NOT_OF_THE_FORM:
            return False
        if STATUS_OF_CODE.get(error.code, 500) >= 500:
            return False
        self._form.refuse(error)
        return True


async def receive_upload(
    request: web.Request, *, most_bytes: int, kinds: Collection[Kind]
) -> ReceivedFile:
    """The file of a form, whose token is asked for here. Raises what web.uploads does."""
    received = await receive_file(request, most_bytes=most_bytes, kinds=kinds)
    require_token(request, received.fields)
    return received


def _read_once(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return uuid4()
