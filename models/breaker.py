"""A thing that has just failed is not asked again for a moment, and then by one caller only."""

import time
from collections.abc import Callable


class Breaker:
    """Remembers a failure, so that nobody else waits for the same time-out.

    While it is tripped one caller in `seconds` tries again and the others go on without; the
    first success mends it.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._next_try: float | None = None
        #: How often it has failed: whoever has waited sees by it whether it failed meanwhile.
        self.trips = 0

    @property
    def tripped(self) -> bool:
        """It has failed, and nobody has seen it work since."""
        return self._next_try is not None

    def allows(self) -> bool:
        """Whether this caller shall try. Asking takes the one try that is due."""
        if self._next_try is None:
            return True
        now = self._clock()
        if now < self._next_try:
            return False
        self._next_try = now + self._seconds
        return True

    def trip(self) -> None:
        """It has failed."""
        self.trips += 1
        self._next_try = self._clock() + self._seconds

    def mend(self) -> None:
        """It has worked."""
        self._next_try = None
