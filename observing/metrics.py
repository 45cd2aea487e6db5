"""What Prometheus counts, right across several worker processes.

With a multiprocess directory (web/serving.py prepares it) each process writes its figures to
mapped files of its own there, and a scrape adds them up, whichever worker answers it. Without
one, say in a test, the figures are this process's own.

A write to a mapped file costs about 1 µs once the labelled child is at hand; looking the child
up costs more. So hot code asks for its child once and keeps it.
"""

from pathlib import Path

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

CONTENT_TYPE = CONTENT_TYPE_LATEST

#: Seconds. 4.5 is where the official account's door answers whatever happens, 5 where WeChat
#: gives up.
DURATION_BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 4.5, 5.0, 10.0)

#: aiohttp takes any word as a method; a stranger must not be able to make new series.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metrics:
    """The service's counters. One object per process; `directory` as web/serving.py made it."""

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory
        self.registry = CollectorRegistry()
        #: Requests by method, route template ("" where no route fits) and status class. One
        #: histogram tells number, rate and duration for the price of two writes.
        self.requests = Histogram(
            "zpt_http_request_seconds",
            "Requests answered, by duration",
            ("method", "route", "status"),
            buckets=DURATION_BUCKETS,
            registry=self.registry,
        )
        #: The alarm: whatever is not in the table of errors. Alert on any increase.
        self.unexpected_errors = self._counter(
            "zpt_unexpected_errors", "Failures that no table knows", "door"
        )
        #: `type` as in the message or event ("text", "event.subscribe", "unknown"); `outcome` is
        #: policy, service, clarify, none, useful, useless, dialogue, event, message, unknown,
        #: refused, failed, slow_down, or retry. Both from closed lists (bot/wire/inbound.py,
        #: bot/dispatch.py).
        self.bot_messages = self._counter(
            "zpt_bot_messages", "Messages from the official account", "type", "outcome"
        )
        #: Without a label: the name of an unknown event comes from outside and goes to the log.
        self.unknown_events = self._counter(
            "zpt_bot_unknown_events", "Messages and events of a type not known to us"
        )
        #: `reason` is "NotFromWeChat" (403) or "Malformed" (400).
        self.refused = self._counter("zpt_bot_refused", "Callbacks refused", "reason")
        self.late_answers = self._counter(
            "zpt_bot_late_answers", "Answers that came too late for the passive reply"
        )
        #: `store` is "redis" or "postgres".
        self.fallbacks = self._counter(
            "zpt_fallbacks", "Answers given without a store that was down or slow", "store"
        )
        #: `result` is "replaced" or "refused": new content taken up, or kept out as broken.
        self.content_changes = self._counter(
            "zpt_content_changes", "Changes of the content that this process met", "result"
        )
        #: Live processes only: a dead worker's share is removed by web.serving's child_exit.
        self.processes = Gauge(
            "zpt_web_processes",
            "Web processes at work",
            registry=self.registry,
            multiprocess_mode="livesum",
        )
        self._request_children: dict[tuple[str, str, int], Histogram] = {}

    def observe_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request; `status` is the HTTP status."""
        key = (method, route, status // 100)
        child = self._request_children.get(key)
        if child is None:
            known = method if method in _METHODS else "other"
            child = self.requests.labels(known, route, f"{key[2]}xx")
            if known == method:
                self._request_children[key] = child
        child.observe(seconds)

    def render(self) -> bytes:
        """All figures in the Prometheus text format; reads files, so call it in a thread."""
        if self._directory is None:
            return generate_latest(self.registry)
        registry = CollectorRegistry()
        MultiProcessCollector(registry, path=str(self._directory))  # type: ignore[no-untyped-call]
        return generate_latest(registry)

    def _counter(self, name: str, help_text: str, *labels: str) -> Counter:
        return Counter(name, help_text, labels, registry=self.registry)
