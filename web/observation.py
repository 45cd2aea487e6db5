"""The outermost middleware: names each request, times it, counts it, and logs one line."""

import asyncio
import time
from collections.abc import Mapping, Sequence

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from observing.metrics import Metrics
from observing.request_id import REQUEST_ID_HEADER, is_sane, make_request_id, set_request_id
from settings import IPNetwork
from web.clients_address import is_within, peer_address
from web.problems import CLIENT_GONE

log = structlog.get_logger("web.requests")


def observe_requests(
    metrics: Metrics,
    trusted_proxies: Sequence[IPNetwork],
    log_every: Mapping[str, int] | None = None,
) -> Middleware:
    """Middleware for the whole application; it stands before all others.

    `log_every` maps a route template to how many successful requests make one log line there
    (0: none); failures (5xx) are always logged, and a route not named logs every request.
    """
    intervals = dict(log_every or {})
    seen = dict.fromkeys(intervals, 0)

    def is_logged(route: str, status: int) -> bool:
        interval = intervals.get(route)
        if interval is None or status >= 500:
            return True
        seen[route] += 1
        return interval > 0 and seen[route] % interval == 0

    @web.middleware
    async def observe(request: web.Request, handler: Handler) -> web.StreamResponse:
        started = time.perf_counter()
        request_id = _request_id(request, trusted_proxies)
        set_request_id(request_id)
        status = CLIENT_GONE
        try:
            response = await handler(request)
            status = response.status
            if not response.prepared:
                response.headers[REQUEST_ID_HEADER] = request_id
            return response
        except web.HTTPException as redirect:
            status = redirect.status
            raise
        except asyncio.CancelledError:
            raise
        except BaseException:
            status = 500
            raise
        finally:
            seconds = time.perf_counter() - started
            route = route_of(request)
            metrics.observe_request(request.method, route, status, seconds)
            if is_logged(route, status):
                log.info(
                    "request",
                    method=request.method,
                    route=route,
                    status=status,
                    ms=round(seconds * 1000, 1),
                )

    return observe


def route_of(request: web.Request) -> str:
    """The route's template ("/api/v1/policies/{clause}"), never the path: that may name a person.

    "" where no route fits.
    """
    resource = request.match_info.route.resource
    return "" if resource is None else resource.canonical


def _request_id(request: web.Request, trusted_proxies: Sequence[IPNetwork]) -> str:
    given = request.headers.get(REQUEST_ID_HEADER)
    if given is not None and is_sane(given):
        peer = peer_address(request)
        if peer is not None and is_within(peer, trusted_proxies):
            return given
    return make_request_id()
