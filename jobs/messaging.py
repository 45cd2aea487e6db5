"""Jobs about messages: late answers, and the end of what was kept."""

import structlog
from procrastinate import Blueprint, JobContext, RetryStrategy

from domain.messaging import actions
from domain.messaging.queries import find_oldest_message
from jobs import schedule
from jobs.context import TOOLS, JobTools

log = structlog.get_logger(__name__)

blueprint = Blueprint()


@blueprint.task(
    name=actions.SEND_LATE_REPLY,
    pass_context=True,
    retry=RetryStrategy(max_attempts=6, exponential_wait=2),
)
async def send_late_reply(context: JobContext, late_reply_id: int) -> None:
    """One answer that the callback could not wait for."""
    tools: JobTools = context.additional_context[TOOLS]
    await actions.send_late_reply(
        tools.vault, tools.wechat, late_reply_id=late_reply_id, now=tools.clock()
    )


@blueprint.periodic(cron=schedule.at(3, 17))
@blueprint.task(
    name="messaging.purge_messages", pass_context=True, queue="upkeep", queueing_lock="purge"
)
async def purge_messages(context: JobContext, timestamp: int) -> None:  # noqa: ARG001
    """Every night: what is older than 90 days becomes counts."""
    tools: JobTools = context.additional_context[TOOLS]
    now = tools.clock()
    purged = await actions.purge_messages(now)
    oldest = await find_oldest_message(now)
    # More than 90 days here means that the nights no longer keep up.
    log.info("messages_purged", count=purged, oldest_days=None if oldest is None else oldest.days)
