"""The entry: settings -> clients -> web application. assembly/ puts the parts together."""

from aiohttp import web

from assembly.web import make_web
from domain.calendar import Clock, local_now
from domain.faq.routing.router import Router
from observing.metrics import Metrics
from settings import Settings


def create_app(
    settings: Settings,
    *,
    router: Router | None = None,
    metrics: Metrics | None = None,
    clock: Clock = local_now,
) -> web.Application:
    """The web application. `database_url`, `redis_url` and the official account must be set.

    Connects to nothing until it is started; starts, and answers policy questions, with
    PostgreSQL and Redis away.
    """
    return make_web(settings, router=router, metrics=metrics, clock=clock)
