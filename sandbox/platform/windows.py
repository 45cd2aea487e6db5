"""When the platform lets an account write to a person: customer-service messages (客服消息).

A message from the person allows 5 within 48 hours; a menu click, a follow and a scan allow 3
within a minute. Each such act opens its window anew.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.platform.answers import RefusalError

HOURS = 3600.0
#: Act: how many messages it allows, and for how many seconds.
ALLOWANCES = {
    "message": (5, 48 * HOURS),
    "click": (3, 60.0),
    "subscribe": (3, 60.0),
    "scan": (3, 60.0),
    #: Opening a customer-service talk in the mini-program.
    "enter": (2, 60.0),
}


@dataclass(slots=True)
class _Window:
    left: int
    ends: float


@dataclass(slots=True)
class Windows:
    """Keyed by account and openid. `now` in seconds."""

    now: Callable[[], float]
    _open: dict[tuple[str, str], dict[str, _Window]] = field(default_factory=dict)

    def open(self, app_id: str, openid: str, act: str) -> None:
        count, life = ALLOWANCES[act]
        self._open.setdefault((app_id, openid), {})[act] = _Window(count, self.now() + life)

    def close(self, app_id: str, openid: str) -> None:
        """The person has unfollowed."""
        self._open.pop((app_id, openid), None)

    def is_open(self, app_id: str, openid: str) -> bool:
        """Whether a window is open, be it used up."""
        windows = self._open.get((app_id, openid), {})
        return any(window.ends > self.now() for window in windows.values())

    def spend(self, app_id: str, openid: str) -> None:
        """One message. Raises 45015 where no window is open, 45047 where all are used up."""
        now = self.now()
        windows = self._open.get((app_id, openid), {})
        running = [window for window in windows.values() if window.ends > now]
        if not running:
            raise RefusalError(45015)
        # The one that ends first is used first.
        for window in sorted(running, key=lambda one: one.ends):
            if window.left > 0:
                window.left -= 1
                return
        raise RefusalError(45047)

    def forget(self) -> None:
        self._open.clear()
