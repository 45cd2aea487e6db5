"""Faults on demand: the next calls of an endpoint fail as told."""

import asyncio
from dataclasses import asdict, dataclass, field
from typing import Any

from aiohttp import web

from sandbox.platform.answers import RefusalError

LONGEST_DELAY_MS = 60_000


@dataclass(slots=True)
class Fault:
    """`endpoint` is a path or "*". What is set happens, the delay first."""

    endpoint: str
    times: int = 1
    errcode: int | None = None
    errmsg: str | None = None
    delay_ms: int = 0
    status: int | None = None
    #: Answered as it stands, with status 200 unless `status` says otherwise.
    body: str | None = None
    content_type: str = "text/html"


@dataclass(slots=True)
class Faults:
    waiting: list[Fault] = field(default_factory=list)
    #: By name: those that last until they are switched off; the earliest switched on first.
    lasting: dict[str, tuple[Fault, ...]] = field(default_factory=dict)

    def clear(self) -> None:
        """Nothing fails any more."""
        self.waiting.clear()
        self.lasting.clear()

    def add(self, described: Any) -> Fault:
        """Raises ValueError where the description does not fit."""
        try:
            fault = Fault(**described)
        except TypeError as error:
            raise ValueError(str(error)) from None
        if not fault.endpoint or fault.times < 1 or not 0 <= fault.delay_ms <= LONGEST_DELAY_MS:
            raise ValueError("endpoint, times >= 1, delay_ms 0 to 60000")
        self.waiting.append(fault)
        return fault

    async def strike(self, path: str) -> web.Response | None:
        """Do the first fault that waits for `path`, or else the first that lasts: an answer, a
        RefusalError, or None to go on."""
        fault = self._take(path)
        if fault is None:
            return None
        await asyncio.sleep(fault.delay_ms / 1000)
        if fault.errcode is not None:
            raise RefusalError(fault.errcode, fault.errmsg)
        if fault.status is not None or fault.body is not None:
            return web.Response(
                status=fault.status or 200,
                text=fault.body if fault.body is not None else "<html>bad gateway</html>",
                content_type=fault.content_type,
            )
        return None

    def _take(self, path: str) -> Fault | None:
        for fault in self.waiting:
            if fault.endpoint in (path, "*"):
                fault.times -= 1
                if fault.times == 0:
                    self.waiting.remove(fault)
                return fault
        lasting = (fault for faults in self.lasting.values() for fault in faults)
        return next((fault for fault in lasting if fault.endpoint in (path, "*")), None)

    def listed(self) -> list[dict[str, Any]]:
        return [asdict(fault) for fault in self.waiting]
