"""What keeps thousands of tests quick: servers in memory, and what is the same made once."""

import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from aiohttp import web
from jinja2 import Template

from api import docs
from api.openapi import Document, build_document
from scripts.embedded.lock import is_held
from scripts.embedded.scratch import read_recorded_scratch
from scripts.embedded.services import LOCK

#: Files that live in memory on Linux.
_MEMORY = Path("/dev/shm")
#: What a PostgreSQL and a Redis of the tests may take at most, with programs that are copied.
_ROOM_BYTES = 2 * 1024**3
#: How the folders of the tests' servers begin.
PREFIX = "zpt-tests-"
#: A start has taken the lock of its folder long before.
_LEFT_SECONDS = 600.0


def find_memory_folder() -> Path | None:
    """Where servers find their files in memory, if there is room: each test makes a database,
    which is six hundred files, and that is most of its time on a disk."""
    try:
        state = os.statvfs(_MEMORY)
    except OSError:
        return None
    _clear_leftovers(_MEMORY)
    usable = os.access(_MEMORY, os.W_OK | os.X_OK) and not state.f_flag & os.ST_NOEXEC
    return _MEMORY if usable and state.f_bavail * state.f_frsize > _ROOM_BYTES else None


def _clear_leftovers(parent: Path) -> None:
    """Give back the memory that runs have left that were killed."""
    for var in parent.glob(f"{PREFIX}*"):
        with suppress(OSError):
            state = var.stat()
            old = state.st_mtime < time.time() - _LEFT_SECONDS
            if state.st_uid != os.geteuid() or not old or is_held(var / LOCK):
                continue
            scratch = read_recorded_scratch(var)
            if scratch is not None and scratch.parent == parent:
                shutil.rmtree(scratch)
            shutil.rmtree(var)


@contextmanager
def documents_made_once() -> Iterator[None]:
    """An application makes its document of the API and the two pages of it when it starts, which
    takes longer than most tests: those of the same routes and the same words get the first one's.
    """
    render = docs._render
    documents: dict[object, Document] = {}
    pages: dict[tuple[int, str], str] = {}

    def build_once(
        apps: Sequence[web.Application], texts: Mapping[str, str], *, public_url: str
    ) -> Document:
        # Only views that are classes are described; they are the same in each application.
        routes = tuple(
            (route.resource.canonical, route.handler)
            for app in apps
            for route in app.router.routes()
            if route.resource is not None and isinstance(route.handler, type)
        )
        key = (routes, tuple(texts.items()), public_url)
        if key not in documents:
            documents[key] = build_document(apps, texts, public_url=public_url)
        return documents[key]

    def render_once(
        template: Template, document: Document, texts: Mapping[str, str], size: str
    ) -> str:
        key = (id(document), size)  # All that are asked for are kept above, with their words.
        if key not in pages:
            pages[key] = render(template, document, texts, size)
        return pages[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(docs, "build_document", build_once)
        patch.setattr(docs, "_render", render_once)
        yield
