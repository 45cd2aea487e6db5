"""The tests' own tables beside the real ones."""

from collections.abc import AsyncIterator

import pytest
from tortoise import Tortoise

from models.database import tortoise_config


@pytest.fixture
async def tables(database_url: str) -> AsyncIterator[None]:
    """Those of trial_tables.py, and no models of the service."""
    config = tortoise_config(database_url)
    config["apps"] = {
        "trial": {
            "models": ["tests.integration.models.trial_tables"],
            "default_connection": "default",
        }
    }
    await Tortoise.init(config=config, _enable_global_fallback=True)
    await Tortoise.generate_schemas()
    yield
    await Tortoise.close_connections()
