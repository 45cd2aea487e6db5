"""What tests and the phone tell the stand-in: faults, acts of people, time, and what was sent."""

from typing import Any

from aiohttp import web

from sandbox.phone.conversations import CONVERSATIONS
from sandbox.platform.answers import RefusalError, answer_json
from sandbox.platform.inputs import platform_of, read_object
from sandbox.platform.templates import check_template
from sandbox.platform.windows import ALLOWANCES

LONGEST_AHEAD = 100 * 365 * 86_400.0


async def check_health(_request: web.Request) -> web.Response:
    """GET /sandbox/healthz"""
    return answer_json({"status": "ok"})


async def add_fault(request: web.Request) -> web.Response:
    """POST /sandbox/faults {"endpoint", "times", and errcode, delay_ms, status or body}"""
    try:
        platform_of(request).faults.add(await read_object(request))
    except (ValueError, TypeError) as error:
        raise web.HTTPBadRequest(text=str(error)) from None
    return await list_faults(request)


async def list_faults(request: web.Request) -> web.Response:
    """GET /sandbox/faults: those that still wait."""
    return answer_json({"items": platform_of(request).faults.listed()})


async def clear_faults(request: web.Request) -> web.Response:
    """DELETE /sandbox/faults: also those that the phone has switched on."""
    platform_of(request).faults.clear()
    return await list_faults(request)


async def list_sent(request: web.Request) -> web.Response:
    """GET /sandbox/sent?openid=&after=: what went to people, oldest first."""
    openid, after = request.query.get("openid"), int(request.query.get("after") or 0)
    items = [
        message
        for message in platform_of(request).sent
        if message["number"] > after and openid in (None, message["openid"])
    ]
    return answer_json({"items": items})


async def list_calls(request: web.Request) -> web.Response:
    """GET /sandbox/calls: how often each endpoint was called."""
    return answer_json(dict(platform_of(request).calls))


async def record_interaction(request: web.Request) -> web.Response:
    """POST /sandbox/interactions {"openid", "kind"}: a person acted towards an account.

    `kind`: message, click, subscribe, scan, enter, unsubscribe; `app_id` where it is not the
    official account.
    """
    data = await read_object(request)
    platform = platform_of(request)
    openid, kind = str(data.get("openid", "")), data.get("kind", "message")
    official = platform.settings.official_account
    app_id = str(data.get("app_id") or (official.app_id if official else ""))
    platform.people.meet(openid)
    if kind != "unsubscribe" and kind not in ALLOWANCES:
        raise web.HTTPBadRequest(text="unknown kind")
    platform.note_act(app_id, openid, str(kind))
    return answer_json({"openid": openid, "kind": kind})


async def give_consent(request: web.Request) -> web.Response:
    """POST /sandbox/consents {"openid", "template_id", "count", "app_id"}"""
    data = await read_object(request)
    platform = platform_of(request)
    mini = platform.settings.mini_program
    app_id = str(data.get("app_id") or (mini.app_id if mini else ""))
    openid = platform.people.meet(str(data.get("openid", ""))).openid
    template_id = check_template(data.get("template_id"))
    platform.consents.give(app_id, openid, template_id, int(data.get("count", 1)))
    return answer_json({"openid": openid, "template_id": template_id})


async def make_codes(request: web.Request) -> web.Response:
    """POST /sandbox/codes {"openid", "phone"}: a login code and a phone code, each good once."""
    data = await read_object(request)
    people = platform_of(request).people
    openid = people.meet(str(data.get("openid", "")), str(data.get("phone", ""))).openid
    codes = {
        "login_code": people.make_login_code(openid),
        "phone_code": people.make_phone_code(openid),
    }
    return answer_json(codes)


async def list_people(request: web.Request) -> web.Response:
    """GET /sandbox/people: names and openids, for the phone."""
    items: list[dict[str, Any]] = [
        {"name": person.name, "openid": person.openid, "login_code": person.login_code}
        for person in platform_of(request).people.all()
    ]
    return answer_json({"items": items})


async def advance_clock(request: web.Request) -> web.Response:
    """POST /sandbox/clock {"advance_s"} or {"ahead_s"}: the platform's time goes on, ours does not.

    `ahead_s` says how far ahead of ours it is from now on: 0 takes it back to now.
    """
    platform = platform_of(request)
    data = await read_object(request)
    ahead = data.get("ahead_s", platform.ahead + _seconds(data.get("advance_s", 0)))
    platform.advance(_seconds(ahead) - platform.ahead)
    request.app[CONVERSATIONS].tell_clock(platform.show_clock())
    return answer_json(platform.show_clock())


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise web.HTTPBadRequest(text="时间要写秒数")
    if not -LONGEST_AHEAD <= value <= LONGEST_AHEAD:
        raise web.HTTPBadRequest(text="最多往前或往后一百年")
    return float(value)


async def take_back_tokens(request: web.Request) -> web.Response:
    """POST /sandbox/tokens/revoke: as if another program had fetched a token."""
    platform_of(request).tokens.take_back_all()
    return answer_json({})


async def reset(request: web.Request) -> web.Response:
    """POST /sandbox/reset: forget the chats; the accounts keep tokens, menu and codes."""
    platform_of(request).forget()
    request.app[CONVERSATIONS].forget()
    return answer_json({})


def refuse_in_plain_http(refusal: RefusalError) -> web.Response:
    """The control door speaks HTTP: a refusal here is a 400."""
    return web.Response(status=400, text=f"{refusal.errcode} {refusal.errmsg}")


ROUTES = [
    web.get("/sandbox/healthz", check_health),
    web.post("/sandbox/faults", add_fault),
    web.get("/sandbox/faults", list_faults),
    web.delete("/sandbox/faults", clear_faults),
    web.get("/sandbox/sent", list_sent),
    web.get("/sandbox/calls", list_calls),
    web.post("/sandbox/interactions", record_interaction),
    web.post("/sandbox/consents", give_consent),
    web.post("/sandbox/codes", make_codes),
    web.get("/sandbox/people", list_people),
    web.post("/sandbox/clock", advance_clock),
    web.post("/sandbox/tokens/revoke", take_back_tokens),
    web.post("/sandbox/reset", reset),
]
