"""HTML made on the server: one template environment, and the few files that pages load."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from web.access import Access, allow
from web.words import word

_FOLDER = Path(__file__).parent
STATIC_FOLDER = _FOLDER / "static"

_CONTENT_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
#: The address of a file changes with its content, so browsers may keep it.
_CACHE_CONTROL = "public, max-age=31536000, immutable"


def make_environment(folders: Sequence[Path] = ()) -> Environment:
    """The template environment over `folders` and the shared web/templates.

    Everything is escaped; a name that a template misses is an error. `static(name)` is the
    address of a file of web/static.
    """
    environment = Environment(
        loader=FileSystemLoader([*folders, _FOLDER / "templates"]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["static"] = make_static_address()
    return environment


def make_static_address() -> Callable[[str], str]:
    """A function from a file's name to its address with its version."""
    versions = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:12]
        for path in STATIC_FOLDER.iterdir()
    }
    return lambda name: f"/static/{name}?v={versions[name]}"


def make_error_page(
    environment: Environment, texts: Mapping[str, str]
) -> Callable[[int, str, str], str]:
    """The renderer of error pages: (status, title, detail) -> HTML.

    `texts` are Content.texts; of them `home.back` and `home.person` say where to go from there.
    """
    template = environment.get_template("error.html.j2")
    ways_on = {"back": word(texts, "home.back"), "person": word(texts, "home.person")}

    def render(status: int, title: str, detail: str) -> str:
        return template.render(status=status, title=title, detail=detail, type_size="", **ways_on)

    return render


def add_static_routes(app: web.Application) -> None:
    """Serve web/static at /static/, from memory: a handful of small files, read at the start."""
    files = {path.name: path for path in STATIC_FOLDER.iterdir() if path.suffix in _CONTENT_TYPES}
    bodies = {name: path.read_bytes() for name, path in files.items()}

    @allow(Access.ANYONE)
    async def send_file(request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in bodies:
            raise web.HTTPNotFound
        return web.Response(
            body=bodies[name],
            content_type=_CONTENT_TYPES[files[name].suffix],
            charset="utf-8",
            headers={"Cache-Control": _CACHE_CONTROL},
        )

    app.router.add_get("/static/{name}", send_file)
