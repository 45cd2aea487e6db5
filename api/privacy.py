"""`GET /api/v1/privacy`, `/privacy/{version}`: the privacy notice, and its earlier versions."""

from datetime import date

from aiohttp_pydantic.oas.typing import r200

from api.limits import READING
from api.tools import TOOLS
from api.views import Shape, View, send
from content.schema import PrivacyNotice
from domain.errors import DomainError
from domain.people.consents import current_notice, find_notice
from web.access import Access, allow
from web.limits import limited


class PrivacySection(Shape):
    heading: str
    text: str


class Privacy(Shape):
    version: str
    in_force_from: date
    current: bool
    title: str
    summary: str
    sections: list[PrivacySection]
    versions: list[str]


@allow(Access.ANYONE)
@limited(READING)
class PrivacyView(View):
    async def get(self) -> r200[Privacy]:
        tools = self.request.app[TOOLS]
        current = current_notice(tools.content().privacy, tools.clock().date())
        if current is None:
            raise DomainError("not_found", about="privacy")
        return send(_show(current, tools.content().privacy, current))


@allow(Access.ANYONE)
@limited(READING)
class PrivacyVersionView(View):
    async def get(self, version: str, /) -> r200[Privacy]:
        tools = self.request.app[TOOLS]
        notices = tools.content().privacy
        current = current_notice(notices, tools.clock().date())
        return send(_show(find_notice(notices, version), notices, current))


def _show(
    notice: PrivacyNotice, notices: tuple[PrivacyNotice, ...], current: PrivacyNotice | None
) -> Privacy:
    return Privacy(
        **notice.model_dump(),
        current=current is not None and notice.version == current.version,
        versions=sorted((one.version for one in notices), reverse=True),
    )
