"""What stands in the path of a page."""

from uuid import UUID

from aiohttp import web

from domain.errors import DomainError


def uuid_in(request: web.Request, name: str = "id") -> UUID:
    """The id in the path. Raises DomainError not_found for what is none: nothing has it."""
    try:
        return UUID(request.match_info[name])
    except ValueError:
        raise DomainError("not_found") from None
