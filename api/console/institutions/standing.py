"""Stopping an institution, lifting that, taking it out of the directory and back in (L12)."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from aiohttp import web

from api.console import fields
from api.console.form import Form
from api.console.ground import ground_of, now_for
from api.console.institutions.pages import ROOT, read_dated
from api.console.page import go_to, render
from api.console.paths import uuid_in
from domain.institutions.actions import (
    relist_institution,
    remove_institution,
    restore_institution,
    suspend_institution,
)
from domain.institutions.entries import read_institution
from domain.permissions import Permission
from web.access import ACTOR, Access, allow
from web.body_limits import body


@dataclass(frozen=True, slots=True)
class Change:
    """One way to change how an institution stands."""

    #: The end of its path.
    name: str
    title: str
    #: What follows from it, before one does it.
    warning: str
    button: str
    done: str
    act: Callable[..., Awaitable[None]]
    permission: Permission
    fields: Sequence[fields.Field]
    tone: str = "main"


def _day(label: str) -> fields.Day:
    return fields.Day(name="valid_from", label=label)


_UNTIL = fields.Day(name="valid_until", label="到哪天为止", help="不填就是没有期限", required=False)
_REASON = fields.Text(
    name="reason", label="原因", help="来查的人会看到这句话，别写个人信息", lines=2, most=500
)
_DOCUMENT = fields.Text(name="document", label="文号", help="比如 聊人社字〔2026〕17号", most=120)

CHANGES: Sequence[Change] = (
    Change(
        "suspend",
        "暂停",
        "从那天起不能报名，也不能开新班；正在办的班会标出来，请逐个看怎么办。",
        "暂停",
        "已暂停。",
        suspend_institution,
        Permission.SUSPEND_INSTITUTION,
        (_day("从哪天起暂停"), _UNTIL, _REASON, _DOCUMENT),
        tone="bad",
    ),
    Change(
        "restore",
        "恢复",
        "从那天起又能报名、开班。以前的暂停还留在记录里。",
        "恢复",
        "已恢复。",
        restore_institution,
        Permission.SUSPEND_INSTITUTION,
        (_day("从哪天起恢复"), _REASON, _DOCUMENT),
    ),
    Change(
        "remove",
        "移出目录",
        "从那天起不在目录里：不能报名，也不能开班。要再进来，得重新列入。",
        "移出目录",
        "已移出目录。",
        remove_institution,
        Permission.SUSPEND_INSTITUTION,
        (_day("从哪天起移出"), _REASON, _DOCUMENT),
        tone="bad",
    ),
    Change(
        "relist",
        "重新列入",
        "从那天起又在目录里，能报名、能开班。",
        "列入目录",
        "已列入目录。",
        relist_institution,
        Permission.EDIT_DIRECTORY,
        (_day("从哪天起列入"), _UNTIL, _DOCUMENT),
    ),
)


def add_change(app: web.Application, change: Change) -> None:
    """GET and POST /institutions/{id}/<its name>."""

    @allow(Access.STAFF, change.permission)
    async def show(request: web.Request) -> web.Response:
        values = {"valid_from": now_for(request).date()}
        return await _render(request, change, Form.blank(request, change.fields, values))

    @allow(Access.STAFF, change.permission)
    @body(most_bytes=64 * 1024, seconds=10)
    async def act(request: web.Request) -> web.Response:
        form = await Form.read(request, change.fields)
        if form.fits:
            with form.telling_refusals():
                institution_id = uuid_in(request)
                await change.act(
                    request[ACTOR],
                    institution_id=institution_id,
                    dated=read_dated(form),
                    now=now_for(request),
                )
                return go_to(request, f"{ROOT}/{institution_id}", done=change.done)
        return await _render(request, change, form, status=422)

    app.router.add_get(f"/institutions/{{id}}/{change.name}", show)
    app.router.add_post(f"/institutions/{{id}}/{change.name}", act)


async def _render(
    request: web.Request, change: Change, form: Form, *, status: int = 200
) -> web.Response:
    today, vault = now_for(request).date(), ground_of(request).vault
    held = await read_institution(
        *(request[ACTOR], vault, uuid_in(request), today), change.permission
    )
    root = f"{ROOT}/{held.id}"
    return render(
        request,
        "institutions/standing",
        held=held,
        change=change,
        form=form,
        root=root,
        status=status,
    )
