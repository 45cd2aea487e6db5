"""What all open screens of a process share: one question a second, whoever looks at what.

There is no NOTIFY (docs/decisions/0030). Each second the watch asks how the check-ins of all
sessions stand that somebody looks at, and looks closer at one where something is new or the code
changes; then everybody gets a beat. Where PostgreSQL does not answer there is no beat: the pages
say so, for nobody can check in then.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from aiohttp import web

from api.screen.ground import Ground, Pass
from api.screen.state import Phase, describe_beat, describe_moment, describe_people, phase_of
from domain.attendance.codes import changes_at
from domain.attendance.screens import list_good_links, require_screen
from domain.attendance.showing import (
    Change,
    Screen,
    list_changes,
    show_screen,
    word_first_notice,
)
from domain.attendance.wanting import usual_wants
from domain.enrolments.notice import Teller
from domain.errors import DomainError
from domain.staff.sessions import find_signed_in
from models.availability import means_away

log = structlog.get_logger("api.screen")

#: Seconds after which it is asked again who may look: by a link, and by the console's cookie.
#: The latter also keeps that session of the console going, as long as its screen is open.
_LINKS_EVERY, _STAFF_EVERY = 2, 20
#: Into the next second, so that a code that changes with it has changed.
_AFTER = 0.01
#: So many at once; a stream costs a connection, and a few kilobytes each second.
MOST_VIEWERS = 500
#: Of one session, and by one link or sign-in: whoever holds one takes no other class's place.
MOST_OF_SESSION, MOST_OF_PASS = 40, 8


class TooManyViewersError(Exception):
    """This process has as many open screens as it takes, of all or of one."""


class Viewer:
    """One open page. What it was not sent yet waits here, of each event the last one alone."""

    def __init__(self, given: Pass, transport: asyncio.BaseTransport | None) -> None:
        self.given = given
        self.transport = transport
        self.ended = False
        self._waiting: dict[str, str] = {}
        self._told = asyncio.Event()

    def tell(self, event: str, data: Mapping[str, Any]) -> None:
        """Send it an event as soon as it takes one."""
        if not self.ended:
            self._waiting[event] = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
            self._told.set()

    def end(self, words: Mapping[str, str] | None = None) -> None:
        """Take it down, and say why; None: it may come again."""
        if words is not None:
            self.tell("end", words)
        self.ended = True
        self._told.set()

    @property
    def has_more(self) -> bool:
        """Whether something was not taken yet."""
        return bool(self._waiting)

    async def take(self) -> bytes:
        """What there is, as server-sent events, once there is something; b"" at the end."""
        await self._told.wait()
        self._told.clear()
        waiting, self._waiting = self._waiting, {}
        return "".join(
            f"event: {event}\ndata: {data}\n\n" for event, data in waiting.items()
        ).encode()


@dataclass(slots=True)
class _Shown:
    """A session as its viewers were told last."""

    screen: Screen
    notice: str
    change: Change | None
    step: datetime
    phase: Phase
    moment: Mapping[str, Any]
    people: Mapping[str, Any]


class Watch:
    """The open screens of a process, and what they show."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._viewers: dict[UUID, set[Viewer]] = {}
        self._shown: dict[UUID, _Shown] = {}
        self._ticks = 0
        self._closed = False

    async def join(self, viewer: Viewer) -> None:
        """Tell `viewer` all there is, and from now on what changes. Raises DomainError not_found;
        TooManyViewersError."""
        if self._closed or self._is_full(viewer.given):
            raise TooManyViewersError
        session, now = viewer.given.session, self._ground.clock()
        shown = self._shown.get(session)
        if shown is None or not _is_of(shown, now):
            changes = await list_changes([session])
            shown = await self._look(session, changes.get(session), now)
        # Others may have come while we looked.
        if self._closed or self._is_full(viewer.given):
            raise TooManyViewersError
        self._shown[session] = shown
        self._viewers.setdefault(session, set()).add(viewer)
        viewer.tell("state", {**describe_beat(now), **shown.moment, **shown.people})

    def _is_full(self, given: Pass) -> bool:
        own = self._viewers.get(given.session, ())
        return (
            sum(map(len, self._viewers.values())) >= MOST_VIEWERS
            or len(own) >= MOST_OF_SESSION
            or sum(one.given == given for one in own) >= MOST_OF_PASS
        )

    def leave(self, viewer: Viewer) -> None:
        """It is shut, or gone."""
        session = viewer.given.session
        viewers = self._viewers.get(session, set())
        viewers.discard(viewer)
        if not viewers:
            self._viewers.pop(session, None)
            self._shown.pop(session, None)

    async def run(self) -> None:
        """Never ends by itself."""
        away = False
        while True:
            now = self._ground.clock()
            await asyncio.sleep(1 - now.microsecond / 1_000_000 + _AFTER)
            try:
                await self._tick(self._ground.clock())
            except Exception as error:
                if not await means_away(error):
                    log.error("screens_failed", exc_info=error)
                elif not away:
                    log.warning("screens_without_database", error=type(error).__qualname__)
                away = True
            else:
                away = False

    async def close(self) -> None:
        """End all streams: they would keep a stopping process waiting."""
        self._closed = True
        for viewer in self._all():
            viewer.end()
            transport: Any = viewer.transport
            # A browser that does not read would be waited for.
            if transport is not None and transport.get_write_buffer_size():
                transport.abort()

    async def _tick(self, now: datetime) -> None:
        self._ticks += 1
        if not self._viewers:
            return
        changes = await list_changes(list(self._viewers))
        for session in list(self._viewers):
            try:
                await self._refresh(session, changes.get(session), now)
            except DomainError:
                self._end(self._viewers.get(session, ()), "gone")
        if self._ticks % _LINKS_EVERY == 0:
            await self._check_links(now)
        if self._ticks % _STAFF_EVERY == 0:
            await self._check_staff(now)
        for viewer in self._all():
            viewer.tell("beat", describe_beat(self._ground.clock()))

    async def _refresh(self, session: UUID, change: Change | None, now: datetime) -> None:
        """Look closer where something is new, and tell what it is."""
        before = self._shown.get(session)
        if before is not None and before.change == change and _is_of(before, now):
            return
        shown = await self._look(session, change, now)
        viewers = self._viewers.get(session, set())
        if not viewers:
            return
        self._shown[session] = shown
        for viewer in viewers:
            if before is None or shown.moment != before.moment:
                viewer.tell("code", shown.moment)
            if before is None or shown.people != before.people:
                viewer.tell("people", shown.people)

    async def _look(self, session: UUID, change: Change | None, now: datetime) -> _Shown:
        content = self._ground.read_content()
        screen = await show_screen(self._ground.vault, usual_wants(content), session, now=now)
        before = self._shown.get(session)
        notice = before.notice if before else ""
        if screen.first and not notice and now < screen.sitting.starts_at:
            teller = Teller(content, self._ground.read_contact())
            notice = await word_first_notice(teller, screen.sitting.class_id, now=now)
        return _Shown(
            screen,
            notice,
            change,
            changes_at(now),
            phase_of(screen, now),
            describe_moment(content.texts, screen, notice, now),
            describe_people(content.texts, screen),
        )

    async def _check_links(self, now: datetime) -> None:
        by_link = [viewer for viewer in self._all() if viewer.given.link]
        if by_link:
            good = await list_good_links({viewer.given.link for viewer in by_link}, now=now)
            self._end([one for one in by_link if one.given.link not in good], "revoked")

    async def _check_staff(self, now: datetime) -> None:
        by_staff: dict[Pass, list[Viewer]] = {}
        for viewer in self._all():
            if viewer.given.staff:
                by_staff.setdefault(viewer.given, []).append(viewer)
        for given, viewers in by_staff.items():
            if not await self._may_look(given, now):
                self._end(viewers, "refused")

    async def _may_look(self, given: Pass, now: datetime) -> bool:
        signed_in = await find_signed_in(self._ground.staff, given.staff, now)
        if signed_in is None:
            return False
        try:
            await require_screen(signed_in.actor, given.session)
        except DomainError:
            return False
        return True

    def _end(self, viewers: Iterable[Viewer], reason: str) -> None:
        texts = self._ground.read_content().texts
        words = {part: texts[f"screen.end.{reason}.{part}"] for part in ("title", "detail")}
        for viewer in list(viewers):
            viewer.end(words)

    def _all(self) -> list[Viewer]:
        return [viewer for viewers in self._viewers.values() for viewer in viewers]


def _is_of(shown: _Shown, now: datetime) -> bool:
    """Whether it shows the code and the words of `now`."""
    return shown.step == changes_at(now) and shown.phase is phase_of(shown.screen, now)


WATCH = web.AppKey("screen_watch", Watch)


def watch_of(request: web.Request) -> Watch:
    """The watch of the application that `request` came to."""
    watch: Watch = request.config_dict[WATCH]
    return watch


async def at_work(app: web.Application) -> AsyncIterator[None]:
    """For `app.cleanup_ctx`: the watch's task."""
    task = asyncio.create_task(app[WATCH].run())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
