"""The content that a running process speaks with; new content takes its place in one step."""

from collections.abc import Iterator, Mapping

from content.schema import Content
from domain.faq.routing import Router


class LiveRouter:
    """Holds the router of the moment. Whoever keeps this, and not the router, is up to date."""

    def __init__(self, router: Router) -> None:
        self.current = router
        #: The texts of the moment, under one name for good.
        self.texts: Mapping[str, str] = _LiveTexts(self)

    @property
    def content(self) -> Content:
        """Everything that is said at the moment."""
        return self.current.content

    def replace(self, router: Router) -> None:
        """From the next question on `router` answers."""
        self.current = router


class _LiveTexts(Mapping[str, str]):
    def __init__(self, live: LiveRouter) -> None:
        self._live = live

    def __getitem__(self, key: str) -> str:
        return self._live.content.texts[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._live.content.texts)

    def __len__(self) -> int:
        return len(self._live.content.texts)
