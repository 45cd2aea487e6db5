"""The scan of a paper sheet as the answer to a request."""

from aiohttp import web

from domain.attendance.scans import MEDIA_TYPES, Scan
from web.uploads import Kind

#: What is taken for one.
SCAN_KINDS = frozenset(kind for kind in Kind if kind.value in MEDIA_TYPES)


def send_scan(scan: Scan, content: bytes) -> web.Response:
    """`content` under the kind that we have judged, kept nowhere on the way; nothing in it runs."""
    ending = scan.media_type.rpartition("/")[2]
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'inline; filename="scan.{ending}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return web.Response(body=content, content_type=scan.media_type, headers=headers)
