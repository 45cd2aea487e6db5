"""Takes changed content up while the service runs: all of it, or nothing.

A process looks at the folder every few seconds. What has changed and then stayed as it is for a
while is examined by a process of its own (`zpt content build`), which also trains the classifier:
people go on being answered meanwhile. Only content without a fault takes the old one's place.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import structlog

from content.fingerprint import stamp_folder
from content.loader import ContentError
from domain.faq.live import LiveRouter
from domain.faq.routing import Router

log = structlog.get_logger(__name__)

LOOK_SECONDS = 2.0
#: Of what an examination printed the log shows so much.
_SHOWN_LINES = 3

#: Examines the folder; the exit code (0: fit to be used) and the lines that it printed.
Examine = Callable[[], Awaitable[tuple[int, list[str]]]]


class ContentWatcher:
    """Keeps `live` in step with `folder`.

    `build` makes a router of the folder as it is (in a thread); `count` is told "replaced" or
    "refused".
    """

    def __init__(
        self,
        folder: Path,
        live: LiveRouter,
        *,
        examine: Examine,
        build: Callable[[], Router],
        count: Callable[[str], object] = lambda _result: None,
    ) -> None:
        self._folder = folder
        self._live = live
        self._examine = examine
        self._build = build
        self._count = count
        #: As it was when it was last taken up or refused; at first, when what is live was read.
        #: That may be long ago: a worker that takes a dead one's place starts with what the
        #: master read, and catches up.
        self._settled = live.content.stamp
        #: As it was at the last look.
        self._seen = self._settled

    async def run(self) -> None:
        """Look again and again; never ends by itself, whatever the folder holds."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.look()
            except Exception:
                log.exception("content_watch_failed")

    async def look(self) -> bool:
        """One look; True where new content was taken up.

        Editors save one file after another: what has changed since the last look may still be
        half done, and waits for the next.
        """
        stamp = await asyncio.to_thread(stamp_folder, self._folder)
        settled, self._seen = stamp == self._seen, stamp
        if not settled or stamp == self._settled:
            return False
        code, lines = await self._examine()
        if code != 0:
            return self._refuse(stamp, lines[:_SHOWN_LINES])
        try:
            router = await asyncio.to_thread(self._build)
        except (ContentError, ValueError) as error:
            return self._refuse(stamp, str(error).splitlines()[:_SHOWN_LINES])
        if await asyncio.to_thread(stamp_folder, self._folder) != stamp:
            return False  # Changed while it was read: the next looks will tell.
        self._settled = stamp
        self._live.replace(router)
        self._count("replaced")
        log.info("content_replaced", count=len(router.content.entries))
        return True

    def _refuse(self, stamp: str, reasons: Sequence[str]) -> bool:
        """The old content stays; the same folder is not examined again."""
        self._settled = stamp
        self._count("refused")
        log.error("content_refused", reason="；".join(reasons))
        return False
