"""What Prometheus reads of a worker: its jobs, the queue, and what waits in Redis."""

import asyncio
import time

from procrastinate import JobContext
from procrastinate.middleware import AsyncCallNext
from procrastinate.worker import Worker
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

#: Seconds: from a message sent to a purge that makes up for many nights.
_BUCKETS = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 1800.0)


class WorkerMetrics:
    """The figures of one worker process. What is measured of the queue is the same in each."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        #: `outcome` is succeeded, retried (it failed and will be tried again), failed, or aborted
        #: (the worker was stopped in the middle of it).
        self.job_seconds = Histogram(
            "zpt_job_seconds",
            "Jobs that were run, by duration",
            ("task", "outcome"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        #: `status` is procrastinate's: todo, doing, failed, cancelled, aborted. One that succeeded
        #: is deleted.
        self.jobs = self._gauge("zpt_jobs", "Jobs in the queue", "task", "status")
        self.oldest_due = self._gauge(
            "zpt_job_oldest_due_seconds", "How long the job that is due longest has waited", "queue"
        )
        self.records_waiting = self._gauge(
            "zpt_records_waiting", "Records of messages in Redis, on their way to PostgreSQL"
        )
        self.dead_letters = self._gauge("zpt_dead_letters", "Records that nobody could store")
        #: Of the moment for which it was planned; absent until a run ends well.
        self.periodic_last_run = self._gauge(
            "zpt_periodic_last_run", "The last run that ended well, as Unix time", "task"
        )
        self.late_replies_given_up = Counter(
            "zpt_late_replies_given_up",
            "Late answers dropped because their job has spent its attempts",
            registry=self.registry,
        )
        self.jobs_taken_over = Counter(
            "zpt_jobs_taken_over", "Jobs of dead workers queued again", registry=self.registry
        )

        self.audit_faults = Counter(
            "zpt_audit_faults",
            "Nights in which the audit log did not fit",
            registry=self.registry,
        )

    async def observe_job(
        self, call_next: AsyncCallNext, context: JobContext, _worker: Worker
    ) -> object:
        """procrastinate's task middleware: time one run of one job."""
        job = context.job
        began = time.perf_counter()
        outcome = "failed"
        try:
            result = await call_next()
            outcome = "succeeded"
            return result
        except asyncio.CancelledError:
            outcome = "aborted"
            raise
        except Exception as error:
            task = context.app.tasks[job.task_name]
            if task.get_retry_exception(exception=error, job=job) is not None:
                outcome = "retried"
            raise
        finally:
            seconds = time.perf_counter() - began
            self.job_seconds.labels(job.task_name, outcome).observe(seconds)

    def render(self) -> bytes:
        """All figures in the Prometheus text format."""
        return generate_latest(self.registry)

    def _gauge(self, name: str, help_text: str, *labels: str) -> Gauge:
        return Gauge(name, help_text, labels, registry=self.registry)
