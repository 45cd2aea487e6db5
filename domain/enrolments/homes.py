"""Where people live who come into a class before they are known."""

from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from content.schema import Content
from domain.people.naming import Homes
from models.training import TrainingClass


async def read_homes(connection: BaseDBAsyncClient, content: Content, class_id: UUID) -> Homes:
    """For whoever comes into this class."""
    row = await TrainingClass.get_or_none(id=class_id, using_db=connection)
    return Homes(frozenset(one.code for one in content.counties), row.county if row else "")
