"""What an account keeps on the platform: its menu, QR codes, links and media files."""

import re
import secrets
from typing import Any

from aiohttp import web

from sandbox.platform.answers import RefusalError, answer_json, answer_ok
from sandbox.platform.inputs import account_of, platform_of, read_object
from sandbox.platform.memory import StoredMedia
from sandbox.platform.menus import check_menu
from sandbox.platform.patterns import draw_pattern

LONGEST_QR_LIFE = 2_592_000
TICKETS_KEPT = 1000
#: Visible characters that an unlimited mini-program code's scene may hold.
SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]+")
MEBIBYTE = 1024 * 1024
MEDIA_SIZES = {
    "image": 10 * MEBIBYTE,
    "voice": 2 * MEBIBYTE,
    "video": 10 * MEBIBYTE,
    "thumb": 64 * 1024,
}


async def create_menu(request: web.Request) -> web.Response:
    """POST /cgi-bin/menu/create"""
    account_of(request, mini_program=False)
    platform_of(request).menu = check_menu(await read_object(request))
    return answer_ok()


async def get_menu(request: web.Request) -> web.Response:
    """GET /cgi-bin/menu/get"""
    account_of(request, mini_program=False)
    menu = platform_of(request).menu
    if menu is None:
        raise RefusalError(46003)
    return answer_json({"menu": menu})


async def delete_menu(request: web.Request) -> web.Response:
    """GET /cgi-bin/menu/delete"""
    account_of(request, mini_program=False)
    platform_of(request).menu = None
    return answer_ok()


async def create_qr_code(request: web.Request) -> web.Response:
    """POST /cgi-bin/qrcode/create"""
    account_of(request, mini_program=False)
    data = await read_object(request)
    action = str(data.get("action_name", ""))
    scene = _scene_of(action, data.get("action_info"))
    life = data.get("expire_seconds", 60)
    if not isinstance(life, int) or not 1 <= life <= LONGEST_QR_LIFE:
        raise RefusalError(40097)
    platform = platform_of(request)
    ticket = "gQ" + secrets.token_urlsafe(69)
    url = f"http://weixin.qq.com/q/0{secrets.token_urlsafe(17)}"
    while len(platform.tickets) >= TICKETS_KEPT:
        platform.tickets.pop(next(iter(platform.tickets)))
    platform.tickets[ticket] = {"scene": scene, "url": url}
    answer: dict[str, Any] = {"ticket": ticket, "url": url}
    if "LIMIT" not in action:
        answer["expire_seconds"] = life
    return answer_json(answer)


def _scene_of(action: str, info: object) -> str | int:
    """Raises 40053 where the scene does not fit the action."""
    scene = info.get("scene") if isinstance(info, dict) else None
    if isinstance(scene, dict):
        text, number = scene.get("scene_str"), scene.get("scene_id")
        if action in ("QR_STR_SCENE", "QR_LIMIT_STR_SCENE"):
            if isinstance(text, str) and 1 <= len(text) <= 64:
                return text
        elif action in ("QR_SCENE", "QR_LIMIT_SCENE"):
            most = 100_000 if action == "QR_LIMIT_SCENE" else 2**32 - 1
            if isinstance(number, int) and 1 <= number <= most:
                return number
    raise RefusalError(40053)


async def show_qr_code(request: web.Request) -> web.Response:
    """GET /cgi-bin/showqrcode (on mp.weixin.qq.com, without a token)"""
    known = platform_of(request).tickets.get(request.query.get("ticket", ""))
    if known is None:
        return web.Response(status=404)
    return web.Response(body=draw_pattern(known["url"]), content_type="image/png")


async def draw_mini_program_code(request: web.Request) -> web.Response:
    """POST /wxa/getwxacodeunlimit"""
    account_of(request, mini_program=True)
    data = await read_object(request)
    scene, page, width = data.get("scene"), data.get("page"), data.get("width", 430)
    if not isinstance(scene, str) or not 1 <= len(scene) <= 32:
        raise RefusalError(40169)
    if not SCENE.fullmatch(scene):
        raise RefusalError(40129)
    if page is not None and (not isinstance(page, str) or page.startswith("/") or "?" in page):
        raise RefusalError(41030)
    if not isinstance(width, int) or not 280 <= width <= 1280:
        raise RefusalError(40097)
    return web.Response(body=draw_pattern(f"{page} {scene}", width), content_type="image/jpeg")


async def generate_url_link(request: web.Request) -> web.Response:
    """POST /wxa/generate_urllink"""
    account_of(request, mini_program=True)
    data = await read_object(request)
    interval = data.get("expire_interval", 30)
    if not isinstance(interval, int) or not 1 <= interval <= 30:
        raise RefusalError(40097)
    return answer_ok(url_link=f"https://wxaurl.cn/{secrets.token_urlsafe(8)}")


async def upload_media(request: web.Request) -> web.Response:
    """POST /cgi-bin/media/upload"""
    account_of(request)
    kind = request.query.get("type", "")
    if kind not in MEDIA_SIZES:
        raise RefusalError(40004)
    try:
        file = (await request.post()).get("media")
    except ValueError:
        raise RefusalError(41005) from None
    if not isinstance(file, web.FileField):
        raise RefusalError(41005)
    with file.file as opened:
        content = opened.read()
    if not content:
        raise RefusalError(41005)
    if len(content) > MEDIA_SIZES[kind]:
        raise RefusalError(45001)
    platform = platform_of(request)
    media_id = secrets.token_urlsafe(48)
    stored = StoredMedia(content, file.content_type, file.filename, platform.now(), kind)
    platform.keep_media(media_id, stored)
    name = "thumb_media_id" if kind == "thumb" else "media_id"
    return answer_json({"type": kind, name: media_id, "created_at": int(platform.now())})


async def download_media(request: web.Request) -> web.Response:
    """GET /cgi-bin/media/get"""
    account_of(request)
    stored = platform_of(request).find_media(request.query.get("media_id", ""))
    name = re.sub(r"[^\w.-]", "_", stored.filename, flags=re.ASCII)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=stored.content, content_type=stored.content_type, headers=headers)


ROUTES = [
    web.post("/cgi-bin/menu/create", create_menu),
    web.get("/cgi-bin/menu/get", get_menu),
    web.get("/cgi-bin/menu/delete", delete_menu),
    web.post("/cgi-bin/qrcode/create", create_qr_code),
    web.get("/cgi-bin/showqrcode", show_qr_code),
    web.post("/wxa/getwxacodeunlimit", draw_mini_program_code),
    web.post("/wxa/generate_urllink", generate_url_link),
    web.post("/cgi-bin/media/upload", upload_media),
    web.get("/cgi-bin/media/get", download_media),
]
