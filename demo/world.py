"""What the areas of the demo are given: one fictional city, the same at every start."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from content.loader import PACKAGE_CONTENT, load_content
from content.schema import Content
from demo.accounts import SandboxAccounts, load_accounts
from domain.files.store import FileStore
from domain.vault import Vault
from settings import Settings


class NotTheSandbox(Exception):  # noqa: N818 (what happened, not what kind of class)
    """Demo data was asked for outside of the sandbox."""


@dataclass(frozen=True, slots=True)
class World:
    """Where the demo runs, and what its rows are made with. `now` is the start of the demo."""

    accounts: SandboxAccounts
    vault: Vault
    base_url: str
    sandbox_url: str
    now: datetime
    #: Where files lie; None: nothing that has one is seeded.
    files: FileStore | None = None

    def derive(self, purpose: str, length: int) -> str:
        """A name of up to 43 characters, the same at every start and another in each `var`."""
        key = self.accounts.people_seed.encode()
        digest = hmac.new(key, purpose.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).decode("ascii")[:length]


def make_world(
    settings: Settings,
    vault: Vault,
    base_url: str,
    now: datetime,
    files: FileStore | None = None,
) -> World:
    """The world of `settings.var`.

    Raises NotTheSandbox: fictional people must never stand among real ones. Raises
    demo.accounts.AccountsDamaged.
    """
    if not settings.sandbox:
        raise NotTheSandbox
    accounts = load_accounts(settings.var)
    return World(accounts, vault, base_url, settings.wechat_api_base, now, files)


@cache
def read_content() -> Content:
    """The package's own content, read once for all areas."""
    return load_content(PACKAGE_CONTENT)
