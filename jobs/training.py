"""Jobs about classes."""

from uuid import UUID

import structlog
from procrastinate import Blueprint, JobContext, RetryStrategy

from domain.actor import System
from domain.institutions.actions import FLAG_CLASSES
from domain.training import proof
from jobs.context import TOOLS, JobTools

log = structlog.get_logger(__name__)

blueprint = Blueprint()


@blueprint.task(
    name=FLAG_CLASSES,
    pass_context=True,
    retry=RetryStrategy(max_attempts=6, exponential_wait=2),
)
async def flag_classes(context: JobContext, institution_id: str) -> None:
    """The running classes of an institution that was suspended or removed (L12)."""
    tools: JobTools = context.additional_context[TOOLS]
    actor = System("flag_classes")
    count = await proof.flag_classes(actor, UUID(institution_id), now=tools.clock())
    log.info("classes_flagged", count=count)
