"""A sheet as the answer to a request."""

from urllib.parse import quote

from aiohttp import web

_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def send_sheet(name: str, content: bytes) -> web.Response:
    """`content` as a file that is kept nowhere on the way."""
    return web.Response(
        body=content,
        content_type=_SHEET,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(f'{name}.xlsx')}",
            "Cache-Control": "no-store",
        },
    )
