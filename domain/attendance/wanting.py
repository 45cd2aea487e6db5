"""What classes want of check-ins where they do not say it, from the content."""

from content.schema import Content
from domain.attendance.rules import Wants


def usual_wants(content: Content) -> Wants:
    """The defaults (content/attendance.yaml)."""
    return Wants(**content.attendance.defaults.model_dump())
