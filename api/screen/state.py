"""What the page of a screen is told, in the words that stand on it. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import segno

from domain.attendance.codes import STEP_SECONDS
from domain.attendance.showing import Screen
from domain.calendar import LOCAL

#: Light modules around the code; the page's own ground goes on around them.
_QUIET = 2


class Phase(StrEnum):
    """How things stand with checking in."""

    #: The class is not held: nobody may.
    IDLE = "idle"
    BEFORE = "before"
    #: On time.
    COMING = "coming"
    LATE = "late"
    #: Taught, and too late to come.
    CLOSED = "closed"
    #: Too late to come, and the class wants to know who leaves.
    LEAVING = "leaving"
    OVER = "over"


#: A code is on the screen in these alone.
WITH_CODE = frozenset({Phase.COMING, Phase.LATE, Phase.LEAVING})


def phase_of(screen: Screen, now: datetime) -> Phase:
    """How things stand at `now`."""
    sitting, coming = screen.sitting, screen.window
    if not screen.code:
        return Phase.IDLE
    if now < coming.opens_at:
        return Phase.BEFORE
    if now <= coming.on_time_until:
        return Phase.COMING
    if now <= coming.closes_at:
        return Phase.LATE
    if sitting.wants.wants_out and now <= screen.leaving.closes_at:
        return Phase.LEAVING
    return Phase.CLOSED if now < sitting.ends_at else Phase.OVER


def describe_moment(
    texts: Mapping[str, str], screen: Screen, notice: str, now: datetime
) -> dict[str, Any]:
    """The words, the code and the times of `now`, in milliseconds of the server's clock.

    good_until: whoever has lost us takes the code down then. left: what there is time for still,
    from when, until when. notice: what is told before the first session, once it has begun "".
    """
    phase = phase_of(screen, now)
    since, until = _time_in(screen, phase)
    facts = {
        "opens": _clock(screen.window.opens_at, now),
        "closes": _clock(screen.window.closes_at, now),
        "starts": _clock(screen.sitting.starts_at, now),
        "left_until": _clock(screen.leaving.closes_at, now),
    }
    code = screen.code if phase in WITH_CODE else ""
    good_until = screen.changes_at + timedelta(seconds=STEP_SECONDS)
    if until is not None and phase is not Phase.COMING:
        good_until = min(good_until, until)
    return {
        "phase": phase.value,
        "title": texts[f"screen.{phase}.title"].format(**facts),
        "detail": texts[f"screen.{phase}.detail"].format(**facts),
        "left": texts[f"screen.{phase}.left"] if until else "",
        "since": _milliseconds(since or now),
        "until": _milliseconds(until or now),
        "code": code,
        "qr": draw_qr(screen.qr) if code else None,
        "changes_at": _milliseconds(screen.changes_at),
        "step": STEP_SECONDS * 1000,
        "good_until": _milliseconds(good_until),
        "notice": notice if screen.first and now < screen.sitting.starts_at else "",
    }


def describe_people(texts: Mapping[str, str], screen: Screen) -> dict[str, Any]:
    """Who is in, in the order in which they came, and how many of how many. number: tells those
    apart whose names are alike, 0 for the others."""
    waiting = sum(one.waits for one in screen.people)
    gone = sum(one.left_at is not None for one in screen.people)
    more = [
        *([texts["screen.waiting"].format(count=waiting)] if waiting else []),
        *([texts["screen.gone"].format(count=gone)] if gone else []),
    ]
    return {
        "count": len(screen.people),
        "expected": screen.expected,
        "more": "，".join(more),
        "people": [
            {
                "name": one.name,
                "number": one.number,
                "mark": texts["screen.mark.gone"]
                if one.left_at is not None
                else texts["screen.mark.waits"]
                if one.waits
                else "",
            }
            for one in screen.people
        ],
    }


def describe_beat(now: datetime) -> dict[str, Any]:
    """That we are there, and what our clock says."""
    return {"now": _milliseconds(now)}


def draw_qr(text: str) -> dict[str, Any]:
    """A QR code as the outline of an SVG: `size` units wide, `path` of its dark modules."""
    code = segno.make(text, error="l", micro=False)
    rows = [list(row) for row in code.matrix_iter(scale=1, border=_QUIET)]
    path = "".join(
        f"M{start} {y}h{end - start}v1h{start - end}z"
        for y, row in enumerate(rows)
        for start, end in _runs(row)
    )
    return {"size": len(rows), "path": path}


def _runs(row: Sequence[int]) -> Sequence[tuple[int, int]]:
    """Where dark modules stand side by side: [(first, behind the last), …]."""
    edges = [x for x in range(len(row) + 1) if _dark(row, x) != _dark(row, x - 1)]
    return list(zip(edges[::2], edges[1::2], strict=True))


def _dark(row: Sequence[int], x: int) -> bool:
    return 0 <= x < len(row) and bool(row[x])


def _time_in(screen: Screen, phase: Phase) -> tuple[datetime | None, datetime | None]:
    """From when until when a phase lasts in which people wait for something, or hurry."""
    coming = screen.window
    lasts: Mapping[Phase, tuple[datetime | None, datetime | None]] = {
        Phase.BEFORE: (None, coming.opens_at),
        Phase.COMING: (coming.opens_at, coming.on_time_until),
        Phase.LATE: (coming.on_time_until, coming.closes_at),
        Phase.LEAVING: (coming.closes_at, screen.leaving.closes_at),
    }
    return lasts.get(phase, (None, None))


def _clock(moment: datetime, now: datetime) -> str:
    """08:30; of another day 12月7日08:30."""
    moment, now = moment.astimezone(LOCAL), now.astimezone(LOCAL)
    day = "" if moment.date() == now.date() else f"{moment.month}月{moment.day}日"
    return f"{day}{moment:%H:%M}"


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
