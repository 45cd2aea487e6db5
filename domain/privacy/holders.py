"""The areas that hold something of people, in the order in which a person reads of it."""

from collections.abc import Sequence

from domain.attendance.holdings import CheckInRecords
from domain.employers.holdings import FirmContacts
from domain.enrolments.holdings import EnrolmentRecords
from domain.holdings import Holder
from domain.messaging.holdings import OfficialAccountMessages
from domain.notices.holdings import OwnNotices
from domain.people.holdings import OwnRecords
from domain.requests.holdings import OwnRequests

#: A later area adds its own.
HOLDERS: Sequence[Holder] = (
    OwnRecords(),
    OwnNotices(),
    FirmContacts(),
    OwnRequests(),
    EnrolmentRecords(),
    CheckInRecords(),
    OfficialAccountMessages(),
)
