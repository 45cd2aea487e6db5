"""Headers on every answer: what browsers must not do with it, and who we do not say we are."""

from aiohttp import hdrs, web

#: Pages load only what we serve ourselves, are framed by nobody, and post only to us.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

_PAGE_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


async def write_security_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """For `app.on_response_prepare`. A page that needs less strictness sets the header itself."""
    headers = response.headers
    headers.popall(hdrs.SERVER, None)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    if response.content_type == "text/html":
        for name, value in _PAGE_HEADERS.items():
            headers.setdefault(name, value)
