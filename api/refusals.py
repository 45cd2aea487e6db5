"""`@refuses("code", …)`: what a view may be refused with beside what any may; for the document.

A mark on a method of a view. The codes' words and statuses stand where all stand: errors.yaml,
web/problems.py.
"""

from collections.abc import Callable
from typing import Any, TypeVar

_MARK = "__refusals__"

Marked = TypeVar("Marked", bound=Callable[..., Any])


def refuses(*codes: str) -> Callable[[Marked], Marked]:
    """Mark a method of a view with the codes of its own refusals."""

    def mark(handler: Marked) -> Marked:
        setattr(handler, _MARK, codes)
        return handler

    return mark


def refusals_of(handler: object, method: str) -> tuple[str, ...]:
    """The codes of `handler` for an HTTP method such as "POST"; () where none are told."""
    own = getattr(handler, method.lower(), None) if isinstance(handler, type) else handler
    codes: tuple[str, ...] = getattr(own, _MARK, ())
    return codes
