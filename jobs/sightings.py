"""When each part of the worker was last seen at work."""

import time
from collections.abc import Callable, Iterable

#: A part that was not seen for so long is missing.
SEEN_WITHIN_SECONDS = 30.0


class Sightings:
    """Of the parts with these names; none has been seen at the start."""

    def __init__(self, names: Iterable[str], clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: dict[str, float | None] = dict.fromkeys(names)

    def see(self, name: str) -> None:
        """The part is at work now. Raises KeyError for an unknown name."""
        if name not in self._seen:
            raise KeyError(name)
        self._seen[name] = self._clock()

    def list_missing(self) -> list[str]:
        """The names of the parts that were not seen lately, in order."""
        oldest = self._clock() - SEEN_WITHIN_SECONDS
        return [name for name, seen in self._seen.items() if seen is None or seen < oldest]
