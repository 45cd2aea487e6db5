"""Why staff look at what is masked: asked of them, and kept with what they have seen."""

from domain.errors import DomainError

#: Characters.
LEAST_REASON, MOST_REASON = 4, 200


def clean_reason(reason: str) -> str:
    """Without blanks around. Raises DomainError reason_missing."""
    reason = reason.strip()
    if not LEAST_REASON <= len(reason) <= MOST_REASON:
        raise DomainError("reason_missing", least=LEAST_REASON, most=MOST_REASON)
    return reason
