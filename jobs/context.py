"""What jobs work with; the worker hands it to every task."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from clients.wechat.interface import OfficialAccountApi
from domain.audit.checkpoints import CheckpointFile
from domain.calendar import Clock
from domain.files.store import FileStore
from domain.holdings import Periods
from domain.vault import Vault
from jobs.metrics import WorkerMetrics

#: The key under which procrastinate carries it.
TOOLS = "tools"


async def _say_nothing() -> Mapping[str, str]:
    return {}


async def _keep_no_period() -> Periods:
    return {}


@dataclass(frozen=True, slots=True)
class JobTools:
    """The outside, the keys, the clock, and where it is counted.

    load_texts, load_periods: what is said and how long things are kept (Content.texts and
    Content.retention), read when a job first asks. checkpoints: those of the audit log. files:
    where what people hand in lies.
    files: where files lie.
    """

    vault: Vault
    wechat: OfficialAccountApi
    clock: Clock
    metrics: WorkerMetrics = field(default_factory=WorkerMetrics)
    load_texts: Callable[[], Awaitable[Mapping[str, str]]] = _say_nothing
    load_periods: Callable[[], Awaitable[Periods]] = _keep_no_period
    checkpoints: CheckpointFile | None = None
    files: FileStore | None = None
