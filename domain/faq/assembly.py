"""A router as the settings want it; the folder of content, loaded whole or not at all."""

from collections.abc import Set
from pathlib import Path

from content.loader import PACKAGE_CONTENT, load_content
from domain.faq.routing import Router
from domain.faq.routing.race import Part
from domain.faq.routing.training import ModelStore
from domain.faq.wording import Contact
from settings import Settings


def build_router(
    settings: Settings, folder: Path | None = None, without: Set[Part] = frozenset()
) -> Router:
    """The router over `folder`; without one, over the settings' content or the package's own.

    Raises content.loader.ContentError with all that is wrong in the folder, ValueError where a
    text or a reference that answers need is missing.
    """
    return Router(
        load_content(folder or settings.content or PACKAGE_CONTENT),
        contact=contact_of(settings),
        models=model_store(settings),
        without=without,
    )


def contact_of(settings: Settings) -> Contact:
    """Whom the answers name: the lines that the settings state."""
    return Contact(settings.consult_line, settings.complaint_line)


def model_store(settings: Settings) -> ModelStore:
    """Where trained models are kept."""
    return ModelStore(settings.var / "models")
