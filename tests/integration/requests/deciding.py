"""Deciding, in few words."""

import contextlib
from collections.abc import Awaitable

import pytest

from domain.actor import Staff, System
from domain.decisions.actions import approve_request, open_request, refuse_request
from domain.errors import DomainError
from models.requests import Request
from tests.integration.api.applications import VAULT
from tests.integration.employers.people import NOW, OFFICER


async def refused(action: Awaitable[object]) -> DomainError:
    with pytest.raises(DomainError) as caught:
        await action
    return caught.value


async def look(request: Request, actor: Staff | System = OFFICER) -> None:
    """Opens it, as all do who decide; who may not is told so when they decide."""
    with contextlib.suppress(DomainError):
        await open_request(actor, VAULT, request_id=request.id, now=NOW)


async def approve(request: Request, actor: Staff | System = OFFICER, version: int = 1) -> Request:
    await look(request, actor)
    return await approve_request(actor, VAULT, request_id=request.id, version=version, now=NOW)


async def refuse(request: Request, actor: Staff = OFFICER, version: int = 1) -> Request:
    await look(request, actor)
    return await refuse_request(
        *(actor, VAULT), request_id=request.id, version=version, reason="和证件对不上。", now=NOW
    )
