"""The control door acts for anyone who reaches it, but not for the pages of other sites.

A browser sends Origin with each POST and DELETE to another site, and asks first before it sends
JSON; a name that was made to point here (DNS rebinding) shows in Host.
"""

from urllib.parse import urlsplit

from aiohttp import web

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def refuse_other_sites(request: web.Request) -> None:
    """Raises HTTPForbidden, or HTTPUnsupportedMediaType for a body that is not called JSON."""
    host = request.headers.get("Host", "")
    if _name_of(f"//{host}") not in _LOOPBACK:
        raise web.HTTPForbidden(text="只从本机的地址进来")
    if request.method in ("GET", "HEAD"):
        return
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != host:
        raise web.HTTPForbidden(text="别的网站的页面不能操作这里")
    if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        raise web.HTTPForbidden(text="别的网站的页面不能操作这里")
    if request.can_read_body and request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="内容要写成 application/json")


def _name_of(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None
