"""The lines that tell the operator what is happening."""

from collections.abc import Callable

#: Takes one line of plain Chinese, without a line end.
Progress = Callable[[str], None]


def keep_silent(_line: str) -> None:
    """The progress of a command that prints only its own result."""
