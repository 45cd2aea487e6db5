"""What jobs work with; the worker hands it to every task."""

from dataclasses import dataclass

from clients.wechat.interface import OfficialAccountApi
from domain.calendar import Clock
from domain.vault import Vault

#: The key under which procrastinate carries it.
TOOLS = "tools"


@dataclass(frozen=True, slots=True)
class JobTools:
    """The outside, the keys and the clock."""

    vault: Vault
    wechat: OfficialAccountApi
    clock: Clock
