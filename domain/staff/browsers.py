"""Browsers in which an account has signed in before: what is tried there is counted apart.

The mark is a cookie that only we can make. It lets nobody in; it says that the owner has been here,
so that a stranger's tries elsewhere do not shut them out (waiting.py).
"""

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.staff.attempts import Place
from domain.vault import SealBroken, Vault

KNOWN_FOR = timedelta(days=180)
_PLACE = b"console browser"
#: Longer than any mark of ours.
_MOST_CHARACTERS = 400


def mark_browser(vault: Vault, username: str, now: datetime) -> str:
    """The cookie for a browser in which `username` has just signed in."""
    said = json.dumps([username, int(now.timestamp())])
    return vault.seal(said.encode(), _PLACE, b"").hex()


@dataclass(frozen=True, slots=True)
class Whence:
    """Where a try comes from: an address, and the mark that the browser has, "" for none."""

    address: str
    mark: str = ""


def place_of(vault: Vault, username: str, whence: Whence, now: datetime) -> Place:
    """What tries of `username` from there are counted with: a browser that it knows, or else the
    address."""
    mark = whence.mark
    with suppress(SealBroken, ValueError):
        if mark and len(mark) <= _MOST_CHARACTERS:
            known, since = json.loads(vault.open(bytes.fromhex(mark), _PLACE, b""))
            if known == username and now.timestamp() - since < KNOWN_FOR.total_seconds():
                return Place(f"browser {hashlib.sha256(mark.encode()).hexdigest()}", known=True)
    return Place(f"address {whence.address}")
