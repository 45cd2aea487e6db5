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
    folder = folder or settings.content or PACKAGE_CONTENT
    return Router(
        load_content(folder),
        contact=contact_of(settings, folder),
        models=model_store(settings),
        without=without,
    )


def contact_of(settings: Settings, folder: Path) -> Contact | None:
    """Whom answers out of `folder` name: the lines of the settings.

    None for a folder that is not the service's own where the settings state none: the lines that
    they have by themselves are this city's.
    """
    own = {PACKAGE_CONTENT} if settings.content is None else {PACKAGE_CONTENT, settings.content}
    if not settings.lines_stated and not any(folder.samefile(path) for path in own):
        return None
    return Contact(settings.consult_line, settings.complaint_line)


def model_store(settings: Settings) -> ModelStore:
    """Where trained models are kept."""
    return ModelStore(settings.var / "models")
