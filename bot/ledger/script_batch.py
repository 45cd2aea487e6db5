"""Many callers of one Redis script, one trip.

A trip costs two system calls and the client's own work, however little is asked. Calls that
come while another trip is under way travel together on the next one: a lone caller waits for
nothing, and a busy process pays for a trip once for many messages. docs/performance.md has the
figures.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import NoScriptError

from models.patience import within

#: As many calls in one trip, so that no caller waits long for the others.
_MOST_CALLS = 64
#: A trip that takes longer has failed.
TRIP_SECONDS = 1.0

Call = tuple[Sequence[Any], asyncio.Future[Any]]


class ScriptBatch:
    """Calls one Lua script with many callers' keys and arguments at once."""

    def __init__(self, redis: Redis, script: str) -> None:
        self._redis = redis
        self._script = script
        self._sha: str | None = None
        self._waiting: list[Call] = []
        self._trip: asyncio.Task[None] | None = None

    async def call(self, keys: Sequence[Any], args: Sequence[Any]) -> Any:
        """What the script answers. Raises what redis-py raises."""
        loop = asyncio.get_running_loop()
        answer = loop.create_future()
        self._waiting.append(((len(keys), *keys, *args), answer))
        if self._trip is None:
            self._trip = loop.create_task(self._travel())
        return await answer

    async def _travel(self) -> None:
        try:
            while self._waiting:
                calls = self._waiting[:_MOST_CALLS]
                del self._waiting[:_MOST_CALLS]
                if not await self._settle(calls):
                    # Who waits for a Redis that does not answer must not wait for it twice.
                    calls, self._waiting = self._waiting, []
                    self._fail(calls, ConnectionError("the trip before this one failed"))
        finally:
            self._trip = None

    async def _settle(self, calls: Sequence[Call]) -> bool:
        """One trip; every caller gets an answer or the error. False where the trip failed."""
        try:
            answers = await within(TRIP_SECONDS, self._ask(calls))
        except Exception as error:
            self._fail(calls, error)
            return False
        for (_, answer), value in zip(calls, answers, strict=True):
            if answer.done():
                # The caller gave up meanwhile.
                continue
            if isinstance(value, Exception):
                answer.set_exception(value)
            else:
                answer.set_result(value)
        return True

    @staticmethod
    def _fail(calls: Sequence[Call], error: Exception) -> None:
        for _, answer in calls:
            if not answer.done():
                answer.set_exception(error)

    async def _ask(self, calls: Sequence[Call]) -> list[Any]:
        if self._sha is None:
            self._sha = await self._redis.script_load(self._script)
        answers = await self._send(calls)
        # A Redis that was restarted knows no script; none of these calls has run then.
        if any(isinstance(value, NoScriptError) for value in answers):
            self._sha = await self._redis.script_load(self._script)
            again = [
                number for number, value in enumerate(answers) if isinstance(value, NoScriptError)
            ]
            for number, value in zip(
                again, await self._send([calls[n] for n in again]), strict=True
            ):
                answers[number] = value
        return answers

    async def _send(self, calls: Sequence[Call]) -> list[Any]:
        pipeline = self._redis.pipeline(transaction=False)
        for words, _ in calls:
            pipeline.execute_command("EVALSHA", self._sha, *words)
        return list(await pipeline.execute(raise_on_error=False))
