"""`/console/classes/{class_id}/video`: where the training video of a class lies (L02)."""

from aiohttp import web

from api.console import fields
from api.console.classes.words import telling_class_refusals
from api.console.form import Form
from api.console.ground import ground_of, now_for
from api.console.page import go_to, render
from api.console.paths import uuid_in
from domain.permissions import Permission
from domain.training.details import Video
from domain.training.proof import record_video
from domain.training.queries import ClassFile, find_class
from web.access import ACTOR, Access, allow
from web.body_limits import body

_VIDEO = (
    fields.Number(name="version", label="版本"),
    fields.Text(
        name="video_location",
        label="视频存在哪里",
        most=300,
        help="网盘、服务器或硬盘的位置，检查时能照着找到",
    ),
    fields.Text(
        name="video_sha256",
        label="校验码（SHA-256）",
        most=64,
        help=(
            "64位的十六进制数字，证明视频没有换过。"
            "在 Windows 的命令行里输 certutil -hashfile 文件名 SHA256"
        ),
    ),
    fields.Text(name="video_holder", label="由谁保管", most=80, help="部门或岗位"),
)


@allow(Access.STAFF, Permission.FILE_CLASS)
async def show_video(request: web.Request) -> web.Response:
    """GET: what is known of it."""
    found = await _find(request)
    names = ("version", "video_location", "video_sha256", "video_holder")
    values = {name: getattr(found.row, name) for name in names}
    return render(request, "classes/video", form=Form.blank(request, _VIDEO, values), found=found)


@allow(Access.STAFF, Permission.FILE_CLASS)
@body(most_bytes=16 * 1024, seconds=10)
async def save_video(request: web.Request) -> web.Response:
    """POST: note it."""
    found = await _find(request)
    form = await Form.read(request, _VIDEO)
    if form.fits:
        async with telling_class_refusals(request, form):
            await _record(request, found, form)
            path = f"/console/classes/{found.row.id}"
            return go_to(request, path, done="培训视频已登记。")
    return render(request, "classes/video", form=form, found=found, status=422)


async def _record(request: web.Request, found: ClassFile, form: Form) -> None:
    video = Video(
        form.text("video_location"), form.text("video_sha256").lower(), form.text("video_holder")
    )
    await record_video(
        request[ACTOR], found.row.id, form.number("version"), video, now=now_for(request)
    )


async def _find(request: web.Request) -> ClassFile:
    content = ground_of(request).read_content()
    return await find_class(
        request[ACTOR], content, uuid_in(request, "class_id"), now=now_for(request)
    )


def add_routes(app: web.Application) -> None:
    """The video."""
    app.router.add_get("/classes/{class_id}/video", show_video)
    app.router.add_post("/classes/{class_id}/video", save_video)
