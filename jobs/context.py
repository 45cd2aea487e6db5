"""What jobs work with; the worker hands it to every task."""

from dataclasses import dataclass, field

from clients.wechat.interface import OfficialAccountApi
from domain.calendar import Clock
from domain.vault import Vault
from jobs.metrics import WorkerMetrics

#: The key under which procrastinate carries it.
TOOLS = "tools"


@dataclass(frozen=True, slots=True)
class JobTools:
    """The outside, the keys, the clock, and where it is counted."""

    vault: Vault
    wechat: OfficialAccountApi
    clock: Clock
    metrics: WorkerMetrics = field(default_factory=WorkerMetrics)
