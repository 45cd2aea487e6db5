"""Filters above a table: they live in the URL, so a view of a list can be kept and passed on.

Nothing personal is a filter: a phone number or a name is looked for by POST.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What all filters have. `kind` names how templates/table.html.j2 draws it."""

    kind: ClassVar[str]
    name: str
    label: str

    def read(self, text: str) -> object:
        """The value of a text that is not empty; None where it means nothing here."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Search(Filter):
    """Words to look for; the field that `/` jumps to."""

    kind = "search"
    name: str = "q"
    label: str = "搜索"
    #: What may be typed: 名称或拼音.
    hint: str = ""
    most: int = 100

    def read(self, text: str) -> str | None:
        return text[: self.most] if text.isprintable() else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Filter):
    """One of `options` (value -> words), or `all`."""

    kind = "choice"
    options: Mapping[str, str]
    all: str = "全部"

    def read(self, text: str) -> str | None:
        return text if text in self.options else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Day(Filter):
    """A date."""

    kind = "day"

    def read(self, text: str) -> date | None:
        try:
            return date.fromisoformat(text)
        except ValueError:
            return None


class Filters:
    """The filters of a list, and what each is set to."""

    def __init__(self, fields: Sequence[Filter], values: Mapping[str, object]) -> None:
        self.fields = fields
        #: Name -> value, of those that are set.
        self.values = values

    @classmethod
    def from_query(cls, query: Mapping[str, str], fields: Sequence[Filter]) -> "Filters":
        """The filters as the URL sets them. What means nothing there is left out: an old link
        still shows the list."""
        read = {field.name: _read(field, query.get(field.name, "")) for field in fields}
        return cls(fields, {name: value for name, value in read.items() if value is not None})

    @property
    def any(self) -> bool:
        """Whether the list is not the whole one."""
        return bool(self.values)

    def text(self, name: str) -> str | None:
        """What a search or a choice is set to."""
        value = self.values.get(name)
        return value if isinstance(value, str) else None

    def day(self, name: str) -> date | None:
        """What a date is set to."""
        value = self.values.get(name)
        return value if isinstance(value, date) else None

    def typed(self, name: str) -> str:
        """What stands in the control."""
        value = self.values.get(name)
        return "" if value is None else str(value)

    def query(self, **more: str) -> str:
        """A query string that sets these filters, and `more`."""
        pairs = {name: self.typed(name) for name in self.values} | more
        return urlencode({name: value for name, value in pairs.items() if value})


def _read(field: Filter, text: str) -> object:
    text = text.strip()
    return field.read(text) if text else None
