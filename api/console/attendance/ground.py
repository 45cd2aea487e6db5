"""What the pages of attendance share: the ways, what is read for them, where scans lie."""

from uuid import UUID

from aiohttp import web

from api.console.ground import ground_of, now_for
from api.console.page import PREFIX
from api.console.paths import uuid_in
from domain.attendance.hours import Held
from domain.attendance.queries import Attendance, read_attendance
from domain.attendance.rules import Wants
from domain.attendance.wanting import usual_wants
from domain.errors import DomainError
from domain.files.store import FileStore
from web.access import ACTOR

#: Where scans of paper sheets lie; the composition root puts it there.
FILES: web.AppKey[FileStore] = web.AppKey("console_files")


def class_id_of(request: web.Request) -> UUID:
    """The class in the path. Raises DomainError not_found."""
    return uuid_in(request, "class_id")


def attendance_path(class_id: UUID) -> str:
    """The page of a class's attendance."""
    return f"{PREFIX}/classes/{class_id}/attendance"


def session_path(class_id: UUID, session_id: UUID) -> str:
    """The page of one of its sessions."""
    return f"{attendance_path(class_id)}/sessions/{session_id}"


def files_of(request: web.Request) -> FileStore:
    """Where scans lie."""
    return request.config_dict[FILES]


def wants_of(request: web.Request) -> Wants:
    """What classes want that do not say it themselves."""
    return usual_wants(ground_of(request).read_content())


async def read_for(request: web.Request) -> Attendance:
    """The attendance of the class in the path. Raises DomainError: no_permission, not_found."""
    ground = ground_of(request)
    return await read_attendance(
        request[ACTOR],
        ground.vault,
        ground.read_content(),
        class_id_of(request),
        now=now_for(request),
    )


def session_of(request: web.Request, found: Attendance) -> Held:
    """The session in the path, if it is one of the class's. Raises DomainError not_found."""
    session_id = uuid_in(request, "session_id")
    for one in found.sessions:
        if one.id == session_id:
            return one
    raise DomainError("not_found", about="sitting")
