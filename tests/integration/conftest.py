"""What the tests against real servers share."""

from collections.abc import AsyncIterator

import pytest

from models.database import close_database, open_database
from tests.integration.road import Road, fill_pool


@pytest.fixture
async def road(database_url: str) -> AsyncIterator[Road]:
    """The models reach PostgreSQL over it, with five connections open."""
    road = Road(database_url)
    await road.start()
    await open_database(road.url)
    await fill_pool()
    yield road
    await close_database()
    await road.close()
