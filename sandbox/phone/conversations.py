"""What is on the phones: items a person, and those who watch them change.

An item is a mapping that is sent as JSON: {"number", "revision", "at", "openid", "side", …}. One
that changes keeps its number and gets a higher revision. All is in memory: of a person the
last 500 items stay, of more than 200 people those who were quiet longest are forgotten, and so
they are where all items together take more than 64 MiB; one who alone takes more loses the oldest.
"""

import asyncio
import contextlib
import json
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Item = dict[str, Any]

ITEMS_KEPT = 500
PEOPLE_KEPT = 200
BYTES_KEPT = 64 * 1024 * 1024
#: Events that wait for one slow reader.
MOST_WAITING = 200
#: A reader that missed more than this loads anew.
MOST_MISSED = 1000
MOST_LISTENERS = 64


class TooManyListenersError(Exception):
    """Nobody else can be told what happens."""


def render_json(value: object) -> bytes:
    """One line of UTF-8. Half a surrogate pair becomes its escape, which JSON reads back."""
    text = json.dumps(value, ensure_ascii=False, default=lambda held: held.to_json())
    return text.encode("utf-8", "backslashreplace")


@dataclass(slots=True)
class _Kept:
    item: Item
    #: The event that told of it last.
    event: int
    size: int


@dataclass(eq=False, slots=True)
class Listener:
    """One reader of events, with a bounded queue."""

    _waiting: deque[bytes] = field(default_factory=deque)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    #: It could not follow: what waited was thrown away.
    _lost: bool = False
    closed: bool = False

    def push(self, event: bytes) -> None:
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.clear()
            self._lost = True
        if not self._lost:
            self._waiting.append(event)
        self._wake.set()

    def close(self) -> None:
        self.closed = True
        self._wake.set()

    async def take(self, patience: float) -> tuple[list[bytes], bool]:
        """What has come, after at most `patience` seconds, and whether to load anew instead."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._wake.wait()
        self._wake.clear()
        events, lost = list(self._waiting), self._lost
        self._waiting.clear()
        self._lost = False
        return events, lost


class Conversations:
    """`now` in seconds since 1970, for the items' "at"."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        # Higher than any of an earlier process: who comes with one of its numbers loads anew.
        self._event = self._began = time.time_ns() // 1_000_000
        #: Another one for each process, and the same after forget().
        self.start = self._began
        self._number = 0
        #: The event that told of the clock last.
        self._clock = (0, b"")
        self._bytes = 0
        #: By openid and number. Who acted last stands last.
        self._people: dict[str, dict[int, _Kept]] = {}
        self._listeners: set[Listener] = set()

    @property
    def latest(self) -> int:
        """The number of the latest event: what follows is behind it."""
        return self._event

    def add(self, openid: str, side: str, **fields: Any) -> Item:
        """A new item on the phone of `openid`."""
        self._number += 1
        item: Item = {
            "number": self._number,
            "revision": 0,
            "at": round(self._now(), 3),
            "openid": openid,
            "side": side,
            **fields,
        }
        self._keep(item)
        return item

    def change(self, item: Item, **fields: Any) -> None:
        """The same item with other fields."""
        item.update(fields)
        item["revision"] += 1
        # One that is forgotten by now is told of no more.
        if item["number"] in self._people.get(item["openid"], {}):
            self._keep(item)

    def tell(self, openid: str, side: str, **fields: Any) -> None:
        """Something that passes and is not kept."""
        item = {"at": round(self._now(), 3), "openid": openid, "side": side, **fields}
        self._publish(render_json(item))

    def tell_clock(self, clock: Mapping[str, float]) -> None:
        """The platform's time was put forward or back: `clock` is what all pages are told."""
        self._event += 1
        self._clock = (
            self._event,
            b"event: clock\n" + _write_event(self._event, render_json(clock)),
        )
        self._tell_all(self._clock[1])

    def list_items(self, openid: str, most: int) -> list[Item]:
        """The last `most`, oldest first."""
        return [kept.item for kept in self._people.get(openid, {}).values()][-most:]

    def find(self, openid: str, number: int) -> Item | None:
        """An item of this person that is still kept."""
        kept = self._people.get(openid, {}).get(number)
        return kept.item if kept else None

    def forget(self) -> None:
        """Empty all phones; whoever watches loads anew."""
        self._people.clear()
        self._bytes = 0
        self._event += 1
        self._began = self._event
        self._tell_all(self.reload_event())

    @contextlib.contextmanager
    def listen(self) -> Iterator[Listener]:
        """A listener that hears all from now on. Raises TooManyListenersError."""
        if len(self._listeners) >= MOST_LISTENERS:
            raise TooManyListenersError
        listener = Listener()
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    def close(self) -> None:
        """End all listening."""
        for listener in self._listeners:
            listener.close()

    def list_missed(self, after: int) -> list[bytes]:
        """The events since `after`: each item that changed, as it is now. Or to load anew."""
        if not self._began <= after <= self._event:
            return [self.reload_event()]
        missed = sorted(
            (kept for items in self._people.values() for kept in items.values()),
            key=lambda kept: kept.event,
        )
        missed = [kept for kept in missed if kept.event > after]
        if len(missed) > MOST_MISSED:
            return [self.reload_event()]
        events = [(kept.event, _write_event(kept.event, render_json(kept.item))) for kept in missed]
        if self._clock[0] > after:
            events.append(self._clock)
        return [text for _, text in sorted(events)]

    def reload_event(self) -> bytes:
        """Tells a reader to load everything anew, and to go on from here."""
        return b"id: %d\nevent: reload\ndata: {}\n\n" % self._event

    def _keep(self, item: Item) -> None:
        openid, number = item["openid"], item["number"]
        text = render_json(item)
        event = self._publish(text)
        items = self._people.pop(openid, {})
        self._people[openid] = items
        before = items.get(number)
        self._bytes += len(text) - (before.size if before else 0)
        items[number] = _Kept(item, event, len(text))
        if len(items) > ITEMS_KEPT:
            self._bytes -= items.pop(next(iter(items))).size
        while len(self._people) > 1 and (
            len(self._people) > PEOPLE_KEPT or self._bytes > BYTES_KEPT
        ):
            quiet = self._people.pop(next(iter(self._people)))
            self._bytes -= sum(kept.size for kept in quiet.values())
        while len(items) > 1 and self._bytes > BYTES_KEPT:
            self._bytes -= items.pop(next(iter(items))).size

    def _publish(self, text: bytes) -> int:
        self._event += 1
        self._tell_all(_write_event(self._event, text))
        return self._event

    def _tell_all(self, event: bytes) -> None:
        for listener in self._listeners:
            listener.push(event)


CONVERSATIONS: web.AppKey[Conversations] = web.AppKey("conversations", Conversations)


def _write_event(event: int, data: bytes) -> bytes:
    return b"id: %d\ndata: %s\n\n" % (event, data)
