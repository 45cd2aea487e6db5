"""What the sandbox's phone would see through a camera: the class screens of this moment."""

from typing import Any

from domain.attendance.showing import list_faced
from domain.attendance.wanting import usual_wants
from domain.calendar import LOCAL, Clock
from domain.faq.live import LiveRouter
from domain.vault import Vault
from web.sandbox import Camera


def make_camera(live: LiveRouter, vault: Vault, clock: Clock) -> Camera:
    """It tells every code there is: for the sandbox alone."""

    async def look() -> list[dict[str, Any]]:
        faced = await list_faced(vault, usual_wants(live.content), now=clock())
        return [
            {
                "session_id": str(one.session_id),
                "title": one.title,
                "topic": one.topic,
                "qr": one.qr,
                "changes_at": one.changes_at.astimezone(LOCAL).isoformat(),
            }
            for one in faced
        ]

    return look
