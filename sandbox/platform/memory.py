"""All that the platform remembers."""

import time
from collections import Counter, deque
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from sandbox.platform.answers import RefusalError
from sandbox.platform.faults import Faults
from sandbox.platform.menu_file import MenuFile
from sandbox.platform.people import People
from sandbox.platform.templates import Consents
from sandbox.platform.tokens import Account, TokenOffice
from sandbox.platform.windows import Windows
from settings import Settings

SENT_KEPT = 1000
MEDIA_KEPT = 50
MEDIA_LIFE = 3 * 86_400


@dataclass(frozen=True, slots=True)
class StoredMedia:
    content: bytes = field(repr=False)
    content_type: str
    filename: str
    stored_at: float
    #: As it was uploaded: image, voice, video, thumb.
    kind: str


class Platform:
    """State in memory, gone with the process but for the menu. Its clock can be put forward."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._ahead = 0.0
        self.faults = Faults()
        accounts = []
        if settings.official_account is not None:
            official = settings.official_account
            accounts.append(Account(official.app_id, official.secret, is_mini_program=False))
        if settings.mini_program is not None:
            mini = settings.mini_program
            accounts.append(Account(mini.app_id, mini.secret, is_mini_program=True))
        self.tokens = TokenOffice(accounts, self.now)
        self.people = People(settings.var / "demo.json", self.now)
        official_id = settings.official_account.app_id if settings.official_account else ""
        self._menu_file = MenuFile(settings.var, official_id)
        self._menu = self._menu_file.read()
        self.tickets: dict[str, dict[str, Any]] = {}
        self.forget()

    def forget(self) -> None:
        """Everything but what is the account's: credentials, tokens that are out, menu, codes."""
        self._ahead = 0.0
        self.faults.clear()
        self.people.forget_codes()
        self.windows = Windows(self.now)
        self.consents = Consents()
        self.unfollowed: set[str] = set()
        self.media: dict[str, StoredMedia] = {}
        #: Until when the account is shown as typing to a person, by account and openid.
        self.typing: dict[tuple[str, str], float] = {}
        self.sent: deque[dict[str, Any]] = deque(maxlen=SENT_KEPT)
        self.calls: Counter[str] = Counter()
        self.message_number = 3_000_000_000

    @property
    def menu(self) -> dict[str, Any] | None:
        """The account's custom menu, as menu/get gives it back."""
        return self._menu

    @menu.setter
    def menu(self, menu: dict[str, Any] | None) -> None:
        self._menu = menu
        self._menu_file.write(menu)

    def now(self) -> float:
        """Seconds since 1970, put forward as told."""
        return time.time() + self._ahead

    @property
    def ahead(self) -> float:
        """How many seconds the platform's time is ahead of ours."""
        return self._ahead

    def show_clock(self) -> dict[str, float]:
        """What the phone is told of the time."""
        return {"ahead_s": round(self._ahead, 3), "now": round(self.now(), 3)}

    def advance(self, seconds: float) -> None:
        self._ahead += seconds

    def note_act(self, app_id: str, openid: str, kind: str) -> None:
        """A person acted towards an account: `kind` of windows.ALLOWANCES or unsubscribe."""
        if kind == "unsubscribe":
            self.unfollowed.add(openid)
            self.windows.close(app_id, openid)
            return
        if kind == "subscribe":
            self.unfollowed.discard(openid)
        self.windows.open(app_id, openid, kind)

    def record(self, account: Account, endpoint: str, openid: str, content: Any) -> int:
        """Note what went out; returns the platform's number for it."""
        self.message_number += 1
        self.sent.append(
            {
                "number": self.message_number,
                "at": round(self.now(), 3),
                "app_id": account.app_id,
                "endpoint": endpoint,
                "openid": openid,
                "content": content,
            }
        )
        return self.message_number

    def find_media(self, media_id: object, kinds: Collection[str] | None = None) -> StoredMedia:
        """A file of one of `kinds` that is still kept. Raises 40007."""
        stored = self.media.get(media_id) if isinstance(media_id, str) else None
        if stored is None or self.now() - stored.stored_at > MEDIA_LIFE:
            raise RefusalError(40007)
        if kinds is not None and stored.kind not in kinds:
            raise RefusalError(40007)
        return stored

    def keep_media(self, media_id: str, media: StoredMedia) -> None:
        while len(self.media) >= MEDIA_KEPT:
            self.media.pop(next(iter(self.media)))
        self.media[media_id] = media
