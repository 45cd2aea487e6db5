"""The names of the directory as this process has them at hand, for messages that open with one."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import structlog

from domain.calendar import LOCAL, Clock
from domain.faq.live import LiveRouter
from domain.faq.routing import Router
from domain.institutions.names import Places
from domain.institutions.queries import list_names
from domain.institutions.spotting import Spotter
from models.availability import Database, DatabaseUnavailable

log = structlog.get_logger(__name__)

#: What talk a school's name begins, as a service of the content.
INTENT = "institution_lookup"
#: A school that is new, or gone by another name, is known so much later at most.
LOOK_SECONDS = 30.0
#: A process that has just begun has more urgent questions.
FIRST_SECONDS = 10.0
#: Nobody waits for a look: it may take longer than a question of a person's, above all the first,
#: which connects.
_PATIENCE = 5.0
_NO_NAMES = Spotter((), Places(()), lambda _word: True)


class Schools:
    """Tells whether a message asks after a school by its name. Reads alone, and while PostgreSQL
    is away knows no names: then nothing could be said of one either."""

    def __init__(self, live: LiveRouter, database: Database, clock: Clock) -> None:
        self._live = live
        self._database = database
        self._clock = clock
        self._spotter = _NO_NAMES
        self._over = asyncio.Event()
        #: What the spotter was made of.
        self._made_of: tuple[Router, Sequence[str]] | None = None

    def are_meant(self, said: str) -> bool:
        """Whether `said` asks after one of them, and nothing else. Computes alone."""
        return self._spotter.spots(said)

    def are_wanted(self, said: str) -> bool:
        """Whether `said` wants a class of one of them, and nothing else. Computes alone."""
        return self._spotter.spots_wish(said)

    async def run(self) -> None:
        """Look again and again, until it is closed."""
        await self._wait(FIRST_SECONDS)
        while not self._over.is_set():
            await self.look()
            await self._wait(LOOK_SECONDS)

    async def _wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._over.wait()

    def close(self) -> None:
        """`run` ends after the look that it is at: one that is broken off costs a connection."""
        self._over.set()

    async def look(self) -> None:
        """Read the names anew. Never raises."""
        try:
            today = self._clock().astimezone(LOCAL).date()
            names = await self._database.ask(list_names(today), seconds=_PATIENCE)
            await self._learn(names)
        except DatabaseUnavailable:
            self._forget()
        except Exception:
            log.exception("school_names_unread")
            self._forget()

    async def _learn(self, names: Sequence[str]) -> None:
        router = self._live.current
        if self._made_of == (router, names):
            return
        places = Places.of((county.code, county.name) for county in router.content.counties)

        def make() -> Spotter:
            return Spotter(names, places, router.make_word_test(INTENT))

        # Half a millisecond for each name: in a thread, so that answers go on.
        self._spotter, self._made_of = await asyncio.to_thread(make), (router, names)

    def _forget(self) -> None:
        self._spotter, self._made_of = _NO_NAMES, None
