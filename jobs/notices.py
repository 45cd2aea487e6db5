"""Jobs about what people have to be told."""

from uuid import UUID

from procrastinate import Blueprint, JobContext

from domain.actor import System
from domain.notices import sending
from domain.notices.news import TELL_NOTICE
from jobs.context import TOOLS, JobTools

blueprint = Blueprint()


@blueprint.task(name=TELL_NOTICE, pass_context=True)
async def tell_notice(context: JobContext, notice_id: str) -> None:
    """Something of somebody's has changed."""
    tools: JobTools = context.additional_context[TOOLS]
    await sending.tell_notice(
        System("people.tell_notice"),
        tools.vault,
        await tools.load_texts(),
        notice=UUID(notice_id),
        now=tools.clock(),
    )
