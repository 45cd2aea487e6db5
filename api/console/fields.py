"""The fields a form is made of: what each is called, and what may stand in it.

A field reads one text, as a browser sends it, into a value. What does not fit is named by the
same reasons as a JSON body's faults (content/texts/errors.yaml, fields).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar


class Unfit(Exception):  # noqa: N818 (what happened, not what kind of class)
    """A text does not fit its field. `reason` and `limits` choose the words."""

    def __init__(self, reason: str, **limits: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.limits = limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """What all fields have. `kind` names the macro that draws it (templates/form.html.j2)."""

    kind: ClassVar[str]
    name: str
    label: str
    required: bool = True
    #: A line below the label: the form of what is expected, or why it is asked.
    help: str = ""
    #: What is said of one that is not required.
    optional: str = "可以不填"

    def read(self, text: str) -> object:
        """The value of a text that is not empty. Raises Unfit."""
        raise NotImplementedError

    def write(self, value: object) -> str:
        """The text that stands for `value` in the control."""
        return "" if value is None else str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Field):
    """A line of text, or several where `lines` says so."""

    kind = "text"
    most: int = 200
    lines: int = 1
    #: The control's inputmode, for phones: text, tel, numeric, email.
    keyboard: str = "text"
    #: What the browser may fill in by itself (WCAG 1.3.5); of other people's data nothing.
    autocomplete: str = "off"

    def read(self, text: str) -> str:
        if len(text) > self.most:
            raise Unfit("string_too_long", max_length=self.most)
        if self.lines == 1 and not text.isprintable():
            raise Unfit("string_pattern_mismatch")
        return text.replace("\r\n", "\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret(Field):
    """A password or a code: never given back to the page, and taken as it is, blanks and all."""

    kind = "secret"
    most: int = 200
    autocomplete: str = "current-password"

    def read(self, text: str) -> str:
        if len(text) > self.most:
            raise Unfit("string_too_long", max_length=self.most)
        return text

    def write(self, value: object) -> str:  # noqa: ARG002 (whatever it is)
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Field):
    """A whole number, with its unit behind the control."""

    kind = "number"
    unit: str = ""
    least: int = 0
    most: int = 1_000_000_000

    def read(self, text: str) -> int:
        plain = text.replace(",", "").replace("，", "")
        if not re.fullmatch(r"-?\d{1,12}", plain):
            raise Unfit("int_parsing")
        number = int(plain)
        if number < self.least:
            raise Unfit("greater_than_equal", ge=self.least)
        if number > self.most:
            raise Unfit("less_than_equal", le=self.most)
        return number


@dataclass(frozen=True, slots=True, kw_only=True)
class Yuan(Field):
    """An amount as people write it, 3,000 or 12.50; the value is in fen."""

    kind = "yuan"
    most: int = 100_000_000

    def read(self, text: str) -> int:
        plain = text.replace(",", "").replace("，", "").removesuffix("元")
        found = re.fullmatch(r"(\d{1,9})(?:\.(\d{1,2}))?", plain)
        if found is None:
            raise Unfit("money_parsing")
        fen = int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0"))
        if fen > self.most * 100:
            raise Unfit("less_than_equal", le=self.most)
        return fen

    def write(self, value: object) -> str:
        if not isinstance(value, int):
            return ""
        yuan, fen = divmod(value, 100)
        return f"{yuan}.{fen:02}" if fen else str(yuan)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day(Field):
    """A date."""

    kind = "day"

    def read(self, text: str) -> date:
        try:
            if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
                raise Unfit("date_parsing")
            return date.fromisoformat(text)
        except ValueError:
            raise Unfit("date_parsing") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Field):
    """One of `options` (value -> words): up to five stand open, more are a list."""

    kind = "choice"
    options: Mapping[str, str]

    def read(self, text: str) -> str:
        if text not in self.options:
            raise Unfit("literal_error")
        return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick(Field):
    """A box: ticked or not; a `required` one must be ticked."""

    kind = "tick"
    required: bool = False

    def read(self, text: str) -> bool:  # noqa: ARG002 (that it was sent says it)
        return True

    def write(self, value: object) -> str:
        return "1" if value else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class File(Field):
    """A file, in a form of its own kind: see receive_upload (form.py)."""

    kind = "file"
    name: str = "file"
    #: Endings that the browser offers first: ".xlsx,.csv".
    accept: str = ""

    def read(self, text: str) -> str:
        return text
