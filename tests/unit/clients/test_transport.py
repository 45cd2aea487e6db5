"""How calls go out and how failures come back."""

import asyncio
import time
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import unused_port

from clients.wechat import AsyncWeChatClient, Limits
from clients.wechat import errors as e
from tests.unit.clients.conftest import Recorder, make_client


async def test_easywechat_935_json_goes_out_as_raw_utf8(
    client: AsyncWeChatClient, recorder: Recorder
):
    await client.send_text("oPerson", "补贴“已到账”😀")
    _, path, query, content_type, body = recorder.asked[0]
    assert path == "/cgi-bin/message/custom/send"
    assert query == {"access_token": "TOKEN"}
    assert content_type.startswith("application/json")
    assert "补贴“已到账”😀".encode() in body
    assert b"\\u" not in body


async def test_easywechat_935_a_lone_surrogate_does_not_raise(
    client: AsyncWeChatClient, recorder: Recorder
):
    await client.send_text("oPerson", "坏\ud83d字")
    assert "坏?字".encode() in recorder.asked[0][4]


@pytest.mark.parametrize(
    ("errcode", "kind"),
    [
        (45009, e.QuotaExceededError),
        (45011, e.RateLimitedError),
        (45015, e.CustomerServiceWindowError),
        (45047, e.CustomerServiceCountError),
        (43101, e.ConsentMissingError),
        (43004, e.NotFollowingError),
        (40003, e.InvalidOpenidError),
        (40037, e.TemplateError),
        (47003, e.TemplateFieldError),
        (40029, e.LoginCodeError),
        (40163, e.LoginCodeError),
        (40226, e.BlockedUserError),
        (41030, e.PageError),
        (40018, e.MenuError),
        (40007, e.MediaError),
        (40164, e.CredentialError),
        (48001, e.UnauthorisedApiError),
        (99999, e.WeChatApiError),
    ],
)
async def test_each_errcode_has_its_type_and_remedy(
    client: AsyncWeChatClient, recorder: Recorder, errcode: int, kind: type[e.WeChatApiError]
):
    recorder.answers = [{"errcode": errcode, "errmsg": "words of the platform rid: 1-2"}]
    with pytest.raises(e.WeChatApiError) as caught:
        await client.send_text("oPerson", "x")
    assert type(caught.value) is kind
    assert caught.value.errcode == errcode
    assert caught.value.endpoint == "/cgi-bin/message/custom/send"
    for part in (str(errcode), "words of the platform", kind.remedy):
        assert part in str(caught.value)
    assert len(recorder.asked) == 1  # what cannot succeed is not tried again


def test_codes_of_errors_are_unique():
    codes = [kind.code for kind in e.WeChatApiError.__subclasses__()]
    assert len(codes) == len(set(codes))


async def test_busy_is_tried_again_and_then_given_up(client: AsyncWeChatClient, recorder: Recorder):
    busy = {"errcode": -1, "errmsg": "system error"}
    recorder.answers = [busy, busy, {"errcode": 0}]
    await client.send_text("oPerson", "x")
    assert len(recorder.asked) == 3
    recorder.answers = [busy]
    with pytest.raises(e.BusyError) as caught:
        await client.send_text("oPerson", "x")
    assert caught.value.transient
    assert len(recorder.asked) == 6


@pytest.mark.alone
async def test_a_slow_answer_is_given_up_and_not_sent_twice(recorder: Recorder):
    async def be_slow(_request: web.Request) -> Any:
        await asyncio.sleep(1)
        return {}

    recorder.answers = [be_slow]
    async with make_client(recorder.url, Limits(total=0.15)) as client:
        started = time.monotonic()
        with pytest.raises(e.NoAnswerError):
            await client.send_text("oPerson", "x")
        assert time.monotonic() - started < 0.6
    assert len(recorder.asked) == 1


async def test_nobody_there(recorder: Recorder):
    url = f"http://127.0.0.1:{unused_port()}"
    async with make_client(url) as client:
        with pytest.raises(e.UnreachableError) as caught:
            await client.send_text("oPerson", "x")
    assert caught.value.code == "wechat_unreachable"
    assert caught.value.__context__ is None


async def test_a_connection_that_breaks_is_unreachable_and_sent_once(
    client: AsyncWeChatClient, recorder: Recorder
):
    async def hang_up(request: web.Request) -> Any:
        assert request.transport is not None
        request.transport.close()
        return {}

    recorder.answers = [hang_up]
    with pytest.raises(e.UnreachableError):
        await client.send_text("oPerson", "x")
    assert len(recorder.asked) == 1


@pytest.mark.parametrize("status", [500, 502, 404, 302])
async def test_another_status_is_a_server_error(
    client: AsyncWeChatClient, recorder: Recorder, status: int
):
    headers = {"Location": "http://127.0.0.1:1/steal"} if status == 302 else {}
    recorder.answers = [web.Response(status=status, text="<html>", headers=headers)]
    with pytest.raises(e.ServerError) as caught:
        await client.send_text("oPerson", "x")
    assert caught.value.errcode == status


@pytest.mark.parametrize(
    "answer",
    [
        web.Response(text="<html>login to the hotel</html>", content_type="text/html"),
        web.Response(text="{", content_type="application/json"),
        web.Response(text="[]", content_type="application/json"),
        web.Response(text="", content_type="text/plain"),
        web.Response(text='{"errcode": "many"}', content_type="text/plain"),
        web.Response(text="[" * 100_000, content_type="text/plain"),
        web.Response(body=b"\xff\xfe", content_type="text/plain"),
    ],
    ids=["html", "half", "list", "empty", "errcode", "deep", "bytes"],
)
async def test_what_is_no_answer_is_malformed(
    client: AsyncWeChatClient, recorder: Recorder, answer: web.Response
):
    recorder.answers = [answer]
    with pytest.raises(e.MalformedAnswerError):
        await client.send_text("oPerson", "x")


async def test_an_answer_without_end_is_cut(
    client: AsyncWeChatClient, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("clients.wechat.transport.LARGEST_ANSWER", 1000)
    recorder.answers = [b"x" * 5000]
    with pytest.raises(e.MalformedAnswerError):
        await client.download_media("m")


async def test_control_characters_in_names_are_read(client: AsyncWeChatClient, recorder: Recorder):
    text = '{"openid": "o1", "remark": "a\x1db\nc"}'
    recorder.answers = [web.Response(text=text, content_type="text/plain")]
    assert (await client.user.get("o1"))["remark"] == "a\x1db\nc"


async def test_no_more_calls_at_once_than_allowed(recorder: Recorder):
    running, most = 0, 0

    async def count(_request: web.Request) -> Any:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.02)
        running -= 1
        return {"errcode": 0}

    recorder.answers = [count]
    async with make_client(recorder.url, Limits(concurrency=3)) as client:
        await asyncio.gather(*(client.send_text("o", "x") for _ in range(15)))
    assert most == 3


async def test_connections_are_used_again(client: AsyncWeChatClient, recorder: Recorder):
    peers = set()

    async def note_peer(request: web.Request) -> Any:
        assert request.transport is not None
        peers.add(request.transport.get_extra_info("peername"))
        return {"errcode": 0}

    recorder.answers = [note_peer]
    for _ in range(5):
        await client.send_text("o", "x")
    assert len(peers) == 1


async def test_a_closed_client_says_so(recorder: Recorder):
    client = make_client(recorder.url)
    await client.close()
    with pytest.raises(RuntimeError):
        await client.code_to_session("c")


async def test_the_token_goes_to_no_other_host(client: AsyncWeChatClient, recorder: Recorder):
    for url in (
        "https://example.com/x",
        "http://api.weixin.qq.com/x",
        "https://api.weixin.qq.com.evil.cn/",
    ):
        with pytest.raises(e.UnsupportedCallError):
            await client.get(url)
    assert recorder.asked == []


@pytest.mark.parametrize(
    "text",
    [
        "https://x/y?access_token=70_abc-DEF&z=1",
        '{"secret": "70_abc-DEF"}',
        "appsecret=70_abc-DEF",
        "session_key:'70_abc-DEF'",
    ],
)
def test_secrets_are_hidden_in_what_the_platform_repeats(text: str):
    assert "70_abc" not in e.hide_secrets(text)
    assert "70_abc" not in str(e.error_for(40001, text, "/x"))
