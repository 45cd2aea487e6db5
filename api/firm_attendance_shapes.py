"""What a firm is shown of the attendance in its own classes, and what it sends of it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from api.check_ins import FlagOfCheckIn, KindOfCheckIn
from api.enrolments import EnrolmentStatus
from api.firm_class_shapes import ClassStatus, Reason
from api.views import Shape
from domain.actor import Actor
from domain.attendance.entering import MOST_ENTERED, needs_another
from domain.attendance.hours import Held, Presence, Record
from domain.attendance.queries import Attendance, Attendee
from domain.attendance.rules import Wants
from domain.attendance.scans import Scan
from domain.attendance.screens import LiveLink
from domain.attendance.signing import rate_of
from domain.calendar import LOCAL
from domain.enrolments.rules import Status as EnrolmentState
from domain.training.life import Status

ChannelOfCheckIn = Literal["mini", "chat", "teacher", "paper"]
StateOfCheckIn = Literal["counted", "pending", "refused", "lapsed", "replaced"]
GapOfSession = Literal["absent", "no_out", "no_in", "waits"]

#: Of one call; each of them is decided on by itself.
MOST_DECIDED = 80


class FirmCheckInWants(Shape):
    opens_before_min: int
    closes_after_min: int
    late_until_percent: int
    wants_place: bool
    refuses_far: bool
    wants_out: bool


class FirmCheckInSettings(FirmCheckInWants):
    version: Annotated[int, Field(ge=0, le=2**31 - 1)]

    def read(self) -> Wants:
        """As the domain takes it."""
        return Wants(**self.model_dump(exclude={"version"}))


class FirmThreshold(Shape):
    percent: int
    document: str
    from_notices: bool


class FirmHeldSession(Shape):
    id: UUID
    topic: str
    starts_at: datetime
    ends_at: datetime
    came: int
    waiting: int


class FirmClassDay(Shape):
    day: date
    had: int
    held: int
    percent: float | None


class FirmAttendance(Shape):
    class_id: UUID
    title: str
    status: ClassStatus
    sessions: list[FirmHeldSession]
    days: list[FirmClassDay]
    people: int
    under: int
    waiting: int
    threshold: FirmThreshold
    settings: FirmCheckInSettings


class FirmCheckIn(Shape):
    id: UUID
    kind: KindOfCheckIn
    at: datetime
    late: bool
    channel: ChannelOfCheckIn
    state: StateOfCheckIn
    distance_m: int | None
    flags: list[FlagOfCheckIn]
    reason: str
    document: UUID | None


class FirmPresence(Shape):
    session_id: UUID
    minutes: int
    gap: GapOfSession | None
    came: FirmCheckIn | None
    left: FirmCheckIn | None


class FirmAttendee(Shape):
    enrolment: UUID
    name: str
    id_number: str
    status: EnrolmentStatus
    minutes: int
    of_minutes: int
    percent: float | None
    under: bool
    sessions: list[FirmPresence]


class FirmAttendeePage(Shape):
    items: list[FirmAttendee]
    next: str | None


class FirmWaiting(FirmCheckIn):
    session_id: UUID
    enrolment: UUID | None
    name: str
    made_at: datetime | None
    confirm_until: datetime | None
    needs_another: bool


class FirmWaitingPage(Shape):
    items: list[FirmWaiting]
    next: str | None


class FirmEntry(Shape):
    enrolments: Annotated[list[UUID], Field(min_length=1, max_length=MOST_ENTERED)]
    kind: KindOfCheckIn = "in"
    at: AwareDatetime
    reason: Reason = ""
    document: UUID | None = None


class FirmEntered(Shape):
    check_ins: list[UUID]
    already: int
    confirm_until: datetime


class FirmDecision(Shape):
    check_ins: Annotated[list[UUID], Field(min_length=1, max_length=MOST_DECIDED)]
    accept: bool
    reason: Reason = ""


class FirmDecided(Shape):
    check_in: UUID
    state: StateOfCheckIn | None
    code: str
    detail: str


class FirmDecisions(Shape):
    items: list[FirmDecided]


class FirmClassWaiting(Shape):
    class_id: UUID
    title: str
    count: int
    due: datetime | None


class FirmClassesWaiting(Shape):
    items: list[FirmClassWaiting]


class FirmScreenLink(Shape):
    id: UUID
    session_id: UUID
    starts_at: datetime
    made_at: datetime
    until: datetime
    mine: bool


class FirmScreenLinks(Shape):
    items: list[FirmScreenLink]


class FirmNewScreenLink(Shape):
    session_id: UUID
    url: str
    until: datetime


class FirmScan(Shape):
    id: UUID
    media_type: str
    size: int
    made_at: datetime
    mine: bool


class FirmScans(Shape):
    items: list[FirmScan]


class FirmSheetWanted(Shape):
    shown: Literal["masked", "names"] = "masked"
    reason: Reason = ""


def show_attendance(found: Attendance) -> FirmAttendance:
    """A class without its people."""
    return FirmAttendance(
        class_id=found.of.id,
        title=found.of.title,
        status=Status(found.of.status).value,
        sessions=[_show_session(found, one) for one in found.sessions],
        days=[
            FirmClassDay(
                day=day, had=share.had, held=share.held, percent=rate_of(share.had, share.held)
            )
            for day, share in sorted(found.days.items())
        ],
        people=len(found.people),
        under=sum(one.under for one in found.people),
        waiting=len(found.waiting),
        threshold=FirmThreshold.model_validate(found.threshold),
        settings=show_settings(found.of.wants, found.of.settings_version),
    )


def show_settings(wants: Wants, version: int) -> FirmCheckInSettings:
    """What a class wants of check-ins."""
    names = FirmCheckInWants.model_fields
    return FirmCheckInSettings(**{name: getattr(wants, name) for name in names}, version=version)


def show_attendee(one: Attendee) -> FirmAttendee:
    """Somebody in every session, masked."""
    return FirmAttendee(
        enrolment=one.enrolment,
        name=one.name,
        id_number=one.id_number,
        status=EnrolmentState(one.status).value,
        minutes=one.share.had,
        of_minutes=one.share.held,
        percent=rate_of(one.share.had, one.share.held),
        under=one.under,
        sessions=[_show_presence(id, presence) for id, presence in one.presences.items()],
    )


def show_waiting(actor: Actor, people: Mapping[UUID, Attendee], record: Record) -> FirmWaiting:
    """What somebody has yet to confirm; `people` by person. Whether `actor` may, it says."""
    who = people.get(record.person)
    until = record.lapses_at
    return FirmWaiting(
        **_show_record(record).model_dump(),
        session_id=record.session,
        enrolment=who.enrolment if who else None,
        name=who.name if who else "",
        made_at=record.made_at.astimezone(LOCAL) if record.made_at else None,
        confirm_until=until.astimezone(LOCAL) if until else None,
        needs_another=needs_another(record.person, record.made_by, actor.key),
    )


def show_link(actor: Actor, link: LiveLink) -> FirmScreenLink:
    """A link without its token."""
    return FirmScreenLink(
        id=link.id,
        session_id=link.session_id,
        starts_at=link.starts_at.astimezone(LOCAL),
        made_at=link.made_at.astimezone(LOCAL),
        until=link.until.astimezone(LOCAL),
        mine=link.made_by == actor.key,
    )


def show_scan(actor: Actor, scan: Scan) -> FirmScan:
    """A scan without what is in it."""
    return FirmScan(
        id=scan.id,
        media_type=scan.media_type,
        size=scan.size,
        made_at=scan.made_at.astimezone(LOCAL),
        mine=scan.made_by == actor.key,
    )


def _show_session(found: Attendance, session: Held) -> FirmHeldSession:
    return FirmHeldSession(
        id=session.id,
        topic=session.topic,
        starts_at=session.starts_at.astimezone(LOCAL),
        ends_at=session.ends_at.astimezone(LOCAL),
        came=sum(1 for one in found.people if one.presences[session.id].came),
        waiting=sum(1 for one in found.waiting if one.session == session.id),
    )


def _show_presence(session: UUID, presence: Presence) -> FirmPresence:
    return FirmPresence(
        session_id=session,
        minutes=presence.minutes,
        gap=presence.gap.value if presence.gap else None,
        came=_show_record(presence.came) if presence.came else None,
        left=_show_record(presence.left) if presence.left else None,
    )


def _show_record(record: Record) -> FirmCheckIn:
    return FirmCheckIn(
        id=record.id,
        kind=record.kind.value,
        at=record.at.astimezone(LOCAL),
        late=record.late,
        channel=record.channel.value,
        state=record.state.value,
        distance_m=record.distance_m,
        flags=[flag.value for flag in record.flags],
        reason=record.reason,
        document=record.document,
    )
