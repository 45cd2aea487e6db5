"""GET /sandbox/phone/events: server-sent events for all people."""

from aiohttp import web

from sandbox.phone.conversations import Conversations, TooManyListenersError

HEARTBEAT_SECONDS = 15.0
#: What a browser waits before it comes again.
RETRY_MS = 1000

_HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-cache",
    "X-Accel-Buffering": "no",
}


async def send_events(
    request: web.Request, conversations: Conversations, heartbeat: float = HEARTBEAT_SECONDS
) -> web.StreamResponse:
    """Stream until the reader goes or the stand-in stops.

    Last-Event-ID, or ?after=, says what was seen last; without either it begins now.
    """
    after = request.headers.get("Last-Event-ID") or request.query.get("after") or ""
    try:
        with conversations.listen() as listener:
            # What was missed is read with the listener already there: nothing falls between.
            missed = []
            if after:
                known = after.isascii() and after.isdigit() and len(after) < 20
                missed = conversations.list_missed(int(after) if known else -1)
            response = web.StreamResponse(headers=_HEADERS)
            await response.prepare(request)
            await response.write(f": 职培通\nretry: {RETRY_MS}\n\n".encode())
            for event in missed:
                await response.write(event)
            while not listener.closed:
                events, lost = await listener.take(heartbeat)
                if lost:
                    events = [conversations.reload_event()]
                await response.write(b"".join(events or [b": \n\n"]))
    except TooManyListenersError:
        return web.Response(status=503, text="看的人太多了，请关掉几个页面再试")
    except ConnectionError:
        pass  # the reader has gone
    return response
