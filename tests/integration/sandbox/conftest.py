"""The stand-in's phone against a service that is told what to answer."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.contract.support import OFFICIAL
from tests.integration.sandbox.support import Hand, ScriptedService, run_phone, run_scripted


@pytest.fixture
async def scripted() -> AsyncIterator[ScriptedService]:
    async with run_scripted() as service:
        yield service


@pytest.fixture
async def hand(scripted: ScriptedService, tmp_path: Path) -> AsyncIterator[Hand]:
    """Of a phone whose platform waits 0.3 s for an answer."""
    async with run_phone(tmp_path, scripted.url) as phone:
        yield phone


@pytest.fixture
async def token(hand: Hand) -> str:
    data = {
        "grant_type": "client_credential",
        "appid": OFFICIAL.app_id,
        "secret": OFFICIAL.secret,
    }
    async with hand.session.post(f"{hand.url}/cgi-bin/stable_token", json=data) as response:
        found: str = (await response.json())["access_token"]
        return found
