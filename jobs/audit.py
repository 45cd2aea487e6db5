"""The job about the audit log: whether it is as it was written, every night."""

import structlog
from procrastinate import Blueprint, JobContext

from domain.audit.checkpoints import CheckpointsDamaged, verify_and_keep
from jobs import schedule
from jobs.context import TOOLS, JobTools

log = structlog.get_logger(__name__)

blueprint = Blueprint()


class AuditBroken(Exception):  # noqa: N818 (what happened, not what kind of class)
    """The log is not as it was written: the job has failed, and stays in the queue as such."""


@blueprint.periodic(cron=schedule.at(4, 7))
@blueprint.task(
    name="audit.verify", pass_context=True, queue="upkeep", queueing_lock="audit.verify"
)
async def verify(context: JobContext, timestamp: int) -> None:  # noqa: ARG001
    """Every night: the whole log against the last checkpoint, and the next checkpoint into the
    file and into a line of the process's log. Raises AuditBroken, after it has been logged."""
    tools: JobTools = context.additional_context[TOOLS]
    if tools.checkpoints is None:
        raise ValueError("this worker knows no place for checkpoints")
    try:
        verdict = await verify_and_keep(tools.checkpoints, tools.clock())
    except CheckpointsDamaged:
        tools.metrics.audit_faults.inc()
        log.error("audit_checkpoints_damaged")
        raise
    if verdict.fault is not None:
        tools.metrics.audit_faults.inc()
        log.error("audit_broken", reason=verdict.fault.why, count=verdict.checked)
        raise AuditBroken(verdict.fault.why)
    checkpoint = verdict.last.spell_for_log() if verdict.last else None
    log.info("audit_verified", count=verdict.checked, checkpoint=checkpoint)
