"""The routes of the directory below /console/institutions."""

from aiohttp import web

from api.console.ground import ground_of, now_for
from api.console.home import NOTICES
from api.console.institutions import pages
from api.console.institutions.standing import CHANGES, add_change
from api.console.institutions.words import tell_standing
from api.console.places import county_names
from api.console.sheet_pages import SheetPages, add_sheet_pages
from domain.institutions.columns import COLUMNS
from domain.institutions.importing import Report, import_directory
from domain.institutions.queries import standing_of
from domain.permissions import Permission
from web.access import ACTOR


async def _import(request: web.Request, content: bytes, dry_run: bool) -> Report:
    return await import_directory(
        request[ACTOR],
        ground_of(request).vault,
        content,
        counties=county_names(request),
        dry_run=dry_run,
        now=now_for(request),
    )


SHEET = SheetPages(
    path="/institutions",
    title="导入机构目录",
    back="机构",
    permission=Permission.EDIT_DIRECTORY,
    columns=COLUMNS,
    counts={"added": "家新列入", "changed": "家要改", "unchanged": "家和现在一样"},
    run=_import,
    notes=("每家按统一社会信用代码认：目录里有的改，没有的新列入，表里没写的不动。",),
)


async def find_own_standing(request: web.Request) -> tuple[str, str, str] | None:
    """For an institution's own people on their first page: that it may not train today (L12)."""
    own = getattr(request[ACTOR], "institution", None)
    if own is None:
        return None
    today = now_for(request).date()
    told = tell_standing(await standing_of(own, today), today)
    if told is None:
        return None
    tone, title, detail = told
    return tone, f"你们单位{title}", detail


def add_routes(app: web.Application) -> None:
    """The list, its import, one institution and what is done to it."""
    app.router.add_get("/institutions", pages.show_list)
    app.router.add_get("/institutions/new", pages.show_new)
    app.router.add_post("/institutions/new", pages.add)
    add_sheet_pages(app, SHEET)
    app.router.add_get("/institutions/{id}", pages.show_one)
    app.router.add_get("/institutions/{id}/edit", pages.show_edit)
    app.router.add_post("/institutions/{id}/edit", pages.edit)
    app.router.add_post("/institutions/{id}/contact", pages.reveal)
    for change in CHANGES:
        add_change(app, change)
    app[NOTICES].append(find_own_standing)
