"""The HTTP application that all doors share; the composition root adds the doors to it."""

from collections.abc import Callable, Mapping, Sequence

from aiohttp import web
from jinja2 import Environment

from observing.metrics import Metrics
from settings import IPNetwork
from web.access import Access, Guard, guard_access
from web.addresses import check_addresses
from web.bodies import check_json_bodies
from web.body_limits import limit_bodies, require_body_limits
from web.clients_address import is_from_inside
from web.headers import write_security_headers
from web.health import Check, add_health_routes
from web.limits import LIMITER, Limiter, enforce_limits
from web.observation import observe_requests
from web.pages import add_static_routes, make_environment, make_error_page
from web.problems import Problems, RenderFramedPage
from web.protocol import UNREADABLE, UnreadableRequests
from web.words import EVERYBODY, Audience

API_PREFIX = "/api/"

#: Bytes of a request line: a question of 20,000 characters, percent-encoded, 12 bytes each.
MAX_REQUEST_LINE = 256 * 1024


def create(
    *,
    texts: Mapping[str, str],
    metrics: Metrics,
    checks: Mapping[str, Check],
    limiter: Limiter,
    trusted_proxies: Sequence[IPNetwork] = (),
    guards: Mapping[Access, Guard] | None = None,
    log_every: Mapping[str, int] | None = None,
    environment: Environment | None = None,
    framed_pages: Mapping[str, RenderFramedPage] | None = None,
    audience_of: Callable[[str], Audience] = lambda _path: EVERYBODY,
) -> web.Application:
    """An application with the shared middlewares, health, metrics and static files.

    `texts` is Content.texts, `checks` are web.health's, `guards` those of Access beyond
    METRICS, `log_every` as in web.observation, `framed_pages` and `audience_of` (by path, who
    reads what is refused there) as in web.problems. From the
    outside in the middlewares are: name, time and count the request; turn failures into answers;
    check who may enter; count how often one asks; check the API's addresses; read bodies within
    their limits; check the API's JSON.
    The runner (web/serving.py) finds UNREADABLE in it, doors find LIMITER.
    """
    environment = environment or make_environment()
    problems = Problems(
        texts,
        count_unexpected=metrics.unexpected_errors.labels("web").inc,
        render_page=make_error_page(environment, texts),
        framed_pages=framed_pages,
        audience_of=audience_of,
        api_prefix=API_PREFIX,
    )
    app = web.Application(
        middlewares=[
            observe_requests(metrics, trusted_proxies, log_every),
            problems.middleware(),
            guard_access({Access.METRICS: _inside_only(trusted_proxies), **(guards or {})}),
            enforce_limits(limiter),
            check_addresses(API_PREFIX),
            limit_bodies(API_PREFIX),
            check_json_bodies(API_PREFIX),
        ],
        handler_args={"max_line_size": MAX_REQUEST_LINE, "lingering_time": 2.0},
    )
    app[LIMITER] = limiter
    app[UNREADABLE] = UnreadableRequests(problems, metrics.observe_request)
    app.on_response_prepare.append(write_security_headers)

    async def count_process(_app: web.Application) -> None:
        metrics.processes.set(1)

    app.on_startup.append(require_body_limits)
    app.on_startup.append(count_process)
    add_health_routes(app, checks, metrics)
    add_static_routes(app)
    return app


def _inside_only(trusted_proxies: Sequence[IPNetwork]) -> Guard:
    """Guard: whoever asks from elsewhere gets what a path that does not exist gets."""

    async def guard(request: web.Request) -> None:
        if not is_from_inside(request, trusted_proxies):
            raise web.HTTPNotFound

    return guard
