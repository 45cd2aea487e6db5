"""Withdrawing a request, and deleting what has had its day; deciding is domain/decisions."""

from datetime import datetime, timedelta
from uuid import UUID

from domain.actor import Actor, System
from domain.errors import DomainError
from domain.holdings import Periods
from domain.requests.locking import end_request, hold_request
from domain.requests.rules import require_unchanged
from models.requests import Request
from models.transactions import transaction


async def withdraw_request(actor: Actor, *, request_id: UUID, now: datetime) -> Request:
    """The asker wants it no more. Once more changes nothing.

    Raises DomainError not_found, request_changed (decided on meanwhile).
    """
    async with transaction() as connection:
        request = await hold_request(connection, request_id)
        if request.asked_by != actor.key:
            raise DomainError("not_found")
        if request.state != "withdrawn":
            require_unchanged(request.state, request.version, request.version)
            await end_request(connection, actor, request, "withdrawn", now)
        return request


async def purge_requests(actor: System, periods: Periods, *, now: datetime) -> int:  # noqa: ARG001
    """Delete what came to its end longer ago than is kept (content/retention.yaml); how many. A
    job calls it every night."""
    period = periods.get("request")
    if period is None or period.keep_days is None:
        return 0
    before = now - timedelta(days=period.keep_days)
    return await Request.filter(ended_at__lt=before).delete()
