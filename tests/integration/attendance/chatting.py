"""Somebody who checks in in the chat: without the account's transport and its kept state."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from bot.dispatch import Dispatcher
from bot.replies import Text
from bot.talks import TALKS
from bot.talks.contract import State
from bot.talks.states import read_state, write_state
from bot.wire.inbound import Inbound
from domain.faq.live import LiveRouter
from domain.faq.routing.router import Router
from domain.vault import Vault
from models.attendance import AttendanceSettings
from models.columns import new_id
from models.training import TrainingClass
from tests.integration.attendance.conftest import CLASSROOM, NOW
from tests.integration.enrolments.talking import Bind, attempt
from tests.talks.deciding import decide


class Phone:
    """Says one thing after another; sends where it is, and scans."""

    def __init__(self, dispatcher: Dispatcher, vault: Vault, actor: Any, now: datetime) -> None:
        self._dispatcher = dispatcher
        self._vault = vault
        self.actor = actor
        self.now = now
        self.state: State | None = None

    async def say(self, words: str, key: bytes | None = None) -> str:
        return await self._send(key, MsgType="text", MsgId="1", Content=words)

    async def send_place(self, latitude: float, longitude: float) -> str:
        return await self._send(
            MsgType="location",
            MsgId="2",
            Location_X=str(latitude),
            Location_Y=str(longitude),
            Scale="15",
            Label="阳谷县侨润街道",
        )

    async def be_there(self) -> str:
        return await self.send_place(*CLASSROOM)

    async def scan(self, result: str, event: str = "scancode_waitmsg") -> str:
        info = {"ScanType": "qrcode", "ScanResult": result}
        return await self._send(MsgType="event", Event=event, EventKey="k", ScanCodeInfo=info)

    async def tap_menu(self) -> str:
        return await self._send(MsgType="event", Event="CLICK", EventKey="intent:checkin")

    async def _send(self, key: bytes | None = None, **fields: Any) -> str:
        base = {"ToUserName": "gh", "FromUserName": "o", "CreateTime": "1"}
        decision, _ = await decide(
            *(self._dispatcher, self._vault, self.actor, Inbound({**base, **fields}), self.state),
            attempt=attempt,
            now=self.now,
            key=key or new_id().bytes,
        )
        # As it is kept between two messages.
        self.state = decision.state and read_state(write_state(decision.state))
        reply = decision.plan.reply
        told = reply.content if isinstance(reply, Text) else ""
        assert decision.plan.outcome == "policy" or len(told.splitlines()) <= 6, told
        return told


PhoneOf = Callable[..., Phone]


@pytest.fixture
def dispatcher(package_router: Router, vault: Vault) -> Dispatcher:
    """With every talk of the product, and one that stands for asking who somebody is."""
    return Dispatcher(LiveRouter(package_router), vault, talks={**TALKS, "bind": Bind()})


@pytest.fixture
def phone_of(dispatcher: Dispatcher, vault: Vault) -> PhoneOf:
    return lambda who, now=NOW: Phone(dispatcher, vault, who, now)


async def want(row: TrainingClass, **wants: Any) -> None:
    usual = {"opens_before_min": 30, "closes_after_min": 15, "late_until_percent": 50}
    usual |= {"wants_place": True, "refuses_far": False, "wants_out": False}
    await AttendanceSettings.create(
        id=new_id(),
        training_class_id=row.id,
        version=1,
        changed_by="t",
        changed_at=NOW,
        **{**usual, **wants},
    )
