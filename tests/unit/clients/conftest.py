import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from clients.wechat import AccountKind, AsyncWeChatClient, Limits


@dataclass
class Recorder:
    """A platform that writes down what it is asked and answers what it is told."""

    url: str = ""
    #: (method, path, query, content type, body), the token call left out.
    asked: list[tuple[str, str, dict[str, str], str, bytes]] = field(default_factory=list)
    tokens_given: int = 0
    #: Answered in turn, the last again and again: a dict, bytes, or a ready response.
    answers: list[object] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        if request.path == "/cgi-bin/stable_token":
            self.tokens_given += 1
            return web.json_response({"access_token": "TOKEN", "expires_in": 7200})
        content_type = request.headers.get("Content-Type", "")
        self.asked.append((request.method, request.path, dict(request.query), content_type, body))
        told: object = {"errcode": 0, "errmsg": "ok"}
        if self.answers:
            told = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if callable(told):
            told = await told(request)
        if isinstance(told, web.StreamResponse):
            return told
        if isinstance(told, bytes):
            return web.Response(body=told, content_type="image/jpeg")
        # The platform says text/plain for its JSON.
        return web.Response(text=json.dumps(told, ensure_ascii=False), content_type="text/plain")


@pytest.fixture
async def recorder() -> AsyncIterator[Recorder]:
    recorder = Recorder()
    application = web.Application()
    application.router.add_route("*", "/{tail:.*}", recorder.answer)
    server = TestServer(application)
    await server.start_server(access_log=None)
    recorder.url = str(server.make_url("")).rstrip("/")
    try:
        yield recorder
    finally:
        await server.close()


@pytest.fixture
async def client(recorder: Recorder) -> AsyncIterator[AsyncWeChatClient]:
    async with make_client(recorder.url) as opened:
        yield opened


def make_client(
    url: str, limits: Limits | None = None, kind: AccountKind = AccountKind.OFFICIAL_ACCOUNT
) -> AsyncWeChatClient:
    limits = limits or Limits(backoff=0.01, total=2.0)
    return AsyncWeChatClient("wxapp", "SECRET", kind=kind, api_base=url, limits=limits)
