"""Jobs about people: who belongs together in WeChat, what has had its day."""

from uuid import UUID

import structlog
from procrastinate import Blueprint, JobContext, RetryStrategy

from domain.actor import System
from domain.attendance.purging import purge_check_ins
from domain.enrolments.purging import purge_enrolments
from domain.messaging.forgetting import ERASE_LEFT
from domain.people import unionids
from domain.people.binding import FIND_UNIONID
from domain.privacy.actions import erase_left, purge_people
from jobs import schedule
from jobs.context import TOOLS, JobTools

log = structlog.get_logger(__name__)

blueprint = Blueprint()


@blueprint.task(
    name=FIND_UNIONID,
    pass_context=True,
    retry=RetryStrategy(max_attempts=6, exponential_wait=2),
)
async def find_unionid(context: JobContext, identity_id: str) -> None:
    """Somebody binds in chat: WeChat says whether we know them from the mini-program."""
    tools: JobTools = context.additional_context[TOOLS]
    await unionids.find_unionid(
        System("people.find_unionid"),
        tools.vault,
        tools.wechat,
        identity=UUID(identity_id),
        now=tools.clock(),
    )


@blueprint.task(
    name=ERASE_LEFT,
    pass_context=True,
    retry=RetryStrategy(max_attempts=6, exponential_wait=2),
)
async def erase_who_left(context: JobContext, person_id: str) -> None:
    """Somebody no longer follows, and was in no other account: as if they had asked for it."""
    tools: JobTools = context.additional_context[TOOLS]
    await erase_left(
        System("people.erase_left"),
        tools.vault,
        await tools.load_periods(),
        person=UUID(person_id),
        now=tools.clock(),
    )


@blueprint.periodic(cron=schedule.at(3, 37))
@blueprint.task(
    name="people.purge", pass_context=True, queue="upkeep", queueing_lock="purge people"
)
async def purge(context: JobContext, timestamp: int) -> None:  # noqa: ARG001
    """Every night: what of people has had its day."""
    tools: JobTools = context.additional_context[TOOLS]
    periods = await tools.load_periods()
    # First: whoever is on no roster any more goes with it, unless a check-in still names them.
    check_ins = await purge_check_ins(System("people.purge"), periods, now=tools.clock())
    enrolments = await purge_enrolments(System("people.purge"), periods, now=tools.clock())
    gone = await purge_people(System("people.purge"), tools.vault, periods, now=tools.clock())
    log.info("check_ins_purged", count=check_ins)
    log.info("enrolments_purged", count=enrolments)
    log.info("people_purged", count=gone)
