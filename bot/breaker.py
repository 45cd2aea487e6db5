"""A thing that has just failed is not asked again for a moment."""

import time
from collections.abc import Callable


class Breaker:
    """Remembers a failure for `seconds`, so that nobody else waits for the same time-out."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._closed_until = 0.0

    @property
    def allows(self) -> bool:
        """Whether it is worth trying."""
        return self._clock() >= self._closed_until

    def trip(self) -> None:
        """It has failed."""
        self._closed_until = self._clock() + self._seconds
