"""Jobs about what people ask officers for: what has had its day."""

import structlog
from procrastinate import Blueprint, JobContext

from domain.actor import System
from domain.requests.actions import purge_requests
from jobs import schedule
from jobs.context import TOOLS, JobTools

log = structlog.get_logger(__name__)

blueprint = Blueprint()


@blueprint.periodic(cron=schedule.at(3, 47))
@blueprint.task(
    name="requests.purge", pass_context=True, queue="upkeep", queueing_lock="purge requests"
)
async def purge(context: JobContext, timestamp: int) -> None:  # noqa: ARG001
    """Every night: requests that ended longer ago than they are kept."""
    tools: JobTools = context.additional_context[TOOLS]
    periods = await tools.load_periods()
    count = await purge_requests(System("requests.purge"), periods, now=tools.clock())
    log.info("requests_purged", count=count)
