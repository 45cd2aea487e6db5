"""Check-ins in words: how somebody came, what to look at, why a session is worth less."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from api.console.shown import State, say_moment
from domain.attendance.distances import show_distance
from domain.attendance.entering import may_enter
from domain.attendance.hours import Gap, Held, Presence, Record, Share
from domain.attendance.patterns import Alike
from domain.attendance.queries import Attendance, Attendee
from domain.attendance.rules import ENTERED_WITHIN, Channel, Flag, Kind
from domain.attendance.rules import State as Stands
from domain.calendar import LOCAL

CHANNELS: Mapping[Channel, str] = {
    Channel.MINI: "小程序扫码",
    Channel.CHAT: "公众号",
    Channel.TEACHER: "老师登记",
    Channel.PAPER: "按纸质表登记",
}
KINDS: Mapping[Kind, str] = {Kind.IN: "签到", Kind.OUT: "签退"}
_FLAGS: Mapping[Flag, str] = {
    Flag.FAR: "离教室远",
    Flag.NO_PLACE: "没有位置",
    Flag.NO_DEVICE: "看不出是哪部手机",
    Flag.OFFLINE: "没网时签的，后来补交",
    Flag.BY_HAND: "老师登记",
    Flag.PAPER: "按纸质表登记",
    Flag.NO_IN: "没有签到就签退",
}
_GAPS: Mapping[Gap, State] = {
    Gap.ABSENT: State("没到", "bad"),
    Gap.NO_OUT: State("没有签退", "warn"),
    Gap.NO_IN: State("没有签到", "warn"),
    Gap.WAITS: State("等确认，还没算", "warn"),
}
STANDS: Mapping[Stands, State] = {
    Stands.COUNTED: State("算数", "good"),
    Stands.PENDING: State("等确认", "warn"),
    Stands.REFUSED: State("已退回", "bad"),
    Stands.LAPSED: State("没有人确认，不算", "bad"),
    Stands.REPLACED: State("本人后来签了"),
}
PATTERNS: Mapping[Alike, str] = {
    Alike.DEVICE: "同一部手机",
    Alike.SECOND: "同一秒签的",
    Alike.PLACE: "位置完全一样",
    Alike.ADDRESS: "所有人用同一个网络",
}
#: What the keys of people begin with (domain.actor).
_PERSON = "person "
_STATUSES = {"withdrawn": "已退出", "applied": "没有确认"}

#: People who are named in one sentence.
_MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Cell:
    """One person in one session: 08:21 and 11:30, and what is to be said of it."""

    came: str
    left: str
    marks: Sequence[State]


def make_cell(session: Held, presence: Presence, now: datetime) -> Cell:
    """What a table shows of it; nothing of a session that nobody could come to yet."""
    came, left = presence.came, presence.left
    marks = [] if presence.gap is None else [_GAPS[presence.gap]]
    records = [one for one in (came, left) if one is not None]
    pending = any(one.state is Stands.PENDING for one in records)
    if pending and presence.gap is not Gap.WAITS:
        marks.append(STANDS[Stands.PENDING])
    looks = dict.fromkeys(mark for one in records for mark in list_marks(one))
    marks += [State(words, "warn" if words == "迟到" else "plain") for words in looks]
    if not records and session.starts_at <= now < session.ends_at:
        marks.append(State("还没到"))
    return Cell(say_time(came.at) if came else "", say_time(left.at) if left else "", marks)


def say_channel(record: Record) -> str:
    """How it came: 老师登记, or 单位登记 of what a firm's contact has entered."""
    return _by_whom(CHANNELS[record.channel], record)


def _by_whom(words: str, record: Record) -> str:
    """A contact acts as the person they are, a teacher as staff."""
    entered_by_contact = record.made_by.startswith(_PERSON)
    return words.replace("老师登记", "单位登记") if entered_by_contact else words


def say_until(session: Held, now: datetime) -> str:
    """Until when somebody may still be entered for it, by hand and from paper."""
    ways = (("补签", Channel.TEACHER), ("按纸质表登记", Channel.PAPER))
    told = []
    for words, channel in ways:
        until = session.ends_at + ENTERED_WITHIN[channel]
        open_still = may_enter(session.ends_at, channel, now)
        told.append(f"{words}到{say_moment(until, now)}{'为止' if open_still else '已经截止'}")
    return "；".join(told) + "。"


def list_marks(record: Record) -> list[str]:
    """迟到, 离教室约820米, 老师登记: what is to be looked at in one record."""
    words = ["迟到"] if record.late and record.kind is Kind.IN else []
    for flag in record.flags:
        if flag is Flag.FAR and record.distance_m is not None:
            words.append(f"离教室约{show_distance(record.distance_m)}")
        else:
            words.append(_by_whom(_FLAGS[flag], record))
    return words


def say_time(moment: datetime) -> str:
    """08:21."""
    return f"{moment.astimezone(LOCAL):%H:%M}"


def say_session(session: Held) -> str:
    """12月7日08:30—11:30."""
    starts, ends = session.starts_at.astimezone(LOCAL), session.ends_at.astimezone(LOCAL)
    return f"{starts.month}月{starts.day}日{starts:%H:%M}—{ends:%H:%M}"


def say_short(session: Held) -> str:
    """12月7日: where its hours are known, or do not matter."""
    starts = session.starts_at.astimezone(LOCAL)
    return f"{starts.month}月{starts.day}日"


def say_start(session: Held) -> str:
    """08:30: where its day is known."""
    return f"{session.starts_at.astimezone(LOCAL):%H:%M}"


def say_minutes(minutes: int) -> str:
    """3小时, 2小时40分, 40分."""
    hours, rest = divmod(minutes, 60)
    parts = [f"{hours}小时"] if hours else []
    if rest or not hours:
        parts.append(f"{rest}分")
    return "".join(parts)


def say_percent(share: Share) -> str:
    """79%: rounded down, so that what is under a threshold never reads as if it were not."""
    return "" if share.held == 0 else f"{share.had * 100 // share.held}%"


def say_person(one: Attendee) -> str:
    """张*（尾号1234）."""
    return f"{one.name}（尾号{one.id_number[-4:]}）" if len(one.id_number) >= 4 else one.name


def say_people(people: Sequence[Attendee]) -> str:
    """As many as one reads; then how many there are."""
    named = "、".join(say_person(one) for one in people[:_MOST_NAMED])
    return named if len(people) <= _MOST_NAMED else f"{named}等{len(people)}人"


def say_status(status: str) -> str:
    """已退出: of who is not in the class as it stands; "" for who is."""
    return _STATUSES.get(status, "")


def say_threshold(found: Attendance) -> str:
    """Where the number comes from: a document, or nobody but this place."""
    limit = found.threshold
    whence = f"按{limit.document}" if limit.document else "本地设置，不是文件规定"
    return f"出勤率低于{limit.percent}%的要提醒（{whence}）。"
