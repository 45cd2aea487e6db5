"""Notices that have had their day."""

from datetime import datetime, timedelta

from domain.holdings import Periods
from domain.notices.holdings import KIND
from models.notices import IdentityNotice


async def purge_notices(periods: Periods, now: datetime) -> None:
    """Delete those that are older than they are kept."""
    period = periods.get(KIND)
    if period is not None and period.keep_days:
        before = now - timedelta(days=period.keep_days)
        await IdentityNotice.filter(created_at__lt=before).delete()
