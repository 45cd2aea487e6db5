"""A router as the settings want it, and what keeps a running one in step with its folder."""

import asyncio
import sys
from collections.abc import Callable, Set
from pathlib import Path

from content.loader import PACKAGE_CONTENT, load_content
from domain.faq.live import LiveRouter
from domain.faq.reloading import ContentWatcher
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
    folder = folder or content_folder(settings)
    return Router(
        load_content(folder),
        contact=contact_of(settings, folder),
        models=model_store(settings),
        without=without,
    )


def content_folder(settings: Settings) -> Path:
    """The folder of what is said: the settings', or the one that comes with the service."""
    return settings.content or PACKAGE_CONTENT


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


def make_watcher(
    settings: Settings, live: LiveRouter, count: Callable[[str], object]
) -> ContentWatcher:
    """Keeps `live` in step with the settings' folder; `count` is told "replaced" or "refused"."""
    folder = content_folder(settings)
    return ContentWatcher(
        folder,
        live,
        examine=lambda: _examine_content(folder),
        build=lambda: build_router(settings, folder),
        count=count,
    )


async def _examine_content(folder: Path) -> tuple[int, list[str]]:
    """Check `folder` and train on it in a process of its own, which gives way to this one."""
    command = (sys.executable, "-m", "scripts", "content", "build", "--content", str(folder))
    child = await asyncio.create_subprocess_exec(
        "nice", *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        printed, _ = await child.communicate()
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    return child.returncode or 0, printed.decode(errors="replace").splitlines()
