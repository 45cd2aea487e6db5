"""Which version of the privacy notice holds, and what has been agreed to. Pure."""

from collections.abc import Sequence
from datetime import date

from content.schema import PrivacyNotice
from domain.errors import DomainError


def current_notice(notices: Sequence[PrivacyNotice], day: date) -> PrivacyNotice | None:
    """The version that holds on `day`: the last that had begun."""
    begun = [notice for notice in notices if notice.in_force_from <= day]
    return max(begun, key=lambda notice: (notice.in_force_from, notice.version), default=None)


def find_notice(notices: Sequence[PrivacyNotice], version: str) -> PrivacyNotice:
    """Any version, also one of earlier. Raises DomainError not_found."""
    for notice in notices:
        if notice.version == version:
            return notice
    raise DomainError("not_found", about="privacy")


def require_current(notices: Sequence[PrivacyNotice], version: str, day: date) -> None:
    """Raises DomainError consent_outdated, with the `version` that has to be agreed to."""
    current = current_notice(notices, day)
    if current is None or current.version != version:
        raise DomainError("consent_outdated", version=current.version if current else "")
