"""The phone's page and its files, read from static/ at each request: they are few."""

from pathlib import Path

from aiohttp import web

_STATIC = Path(__file__).parent / "static"
#: The product's colours and sizes: a file that the phone shares, nothing of its code.
_TOKENS = Path(__file__).parents[2] / "web" / "static" / "tokens.css"
_CONTENT_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".html": "text/html",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".json": "application/json",
}
_HEADERS = {
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
}


async def show_page(_request: web.Request) -> web.Response:
    """GET /sandbox/"""
    return _send(_STATIC / "phone.html")


async def go_to_page(_request: web.Request) -> web.Response:
    """GET /sandbox"""
    raise web.HTTPFound("/sandbox/")


async def show_file(request: web.Request) -> web.Response:
    """GET /sandbox/static/…"""
    name = request.match_info["name"]
    if name == "tokens.css":
        return _send(_TOKENS)
    # Only a name that is found in the folder is opened: no path leads out of it.
    files = {
        path.relative_to(_STATIC).as_posix(): path
        for path in _STATIC.rglob("*")
        if path.is_file() and not path.is_symlink()
    }
    if name not in files:
        raise web.HTTPNotFound
    return _send(files[name])


def _send(path: Path) -> web.Response:
    content_type = _CONTENT_TYPES.get(path.suffix)
    if content_type is None or not path.is_file():
        raise web.HTTPNotFound
    is_text = not content_type.startswith("image/")
    return web.Response(
        body=path.read_bytes(),
        content_type=content_type,
        charset="utf-8" if is_text else None,
        headers=_HEADERS,
    )


ROUTES = [
    web.get("/sandbox", go_to_page),
    web.get("/sandbox/", show_page),
    web.get("/sandbox/static/{name:.+}", show_file),
]
