"""wechatpy_33: its whole catalogue can be awaited, and nothing in it blocks."""

import contextlib
import inspect
import io
from datetime import date

import pytest
import requests
from aiohttp import web
from wechatpy.client.api.base import BaseWeChatAPI

from clients.wechat import AccountKind, AsyncWeChatClient
from clients.wechat.errors import MalformedAnswerError, UnsupportedCallError
from tests.unit.clients.conftest import Recorder, make_client


@pytest.fixture(autouse=True)
def no_blocking_http(monkeypatch: pytest.MonkeyPatch):
    def refuse(*_args, **_kwargs):
        raise AssertionError("requests was used")

    monkeypatch.setattr(requests.Session, "__init__", refuse)


def areas_of(client: AsyncWeChatClient) -> list[BaseWeChatAPI]:
    areas = [area for area in vars(client).values() if isinstance(area, BaseWeChatAPI)]
    below = [sub for area in areas for sub in vars(area).values() if isinstance(sub, BaseWeChatAPI)]
    return areas + below


def argument_for(name: str) -> object:
    """Something that fits what wechatpy calls its arguments."""
    if "date" in name:
        return date(2021, 5, 10)
    if name in ("media_file", "media", "pdf"):
        return io.BytesIO(b"x")
    if name.endswith(("_list", "_ids", "devices", "articles")) or name in ("user_ids", "pages"):
        return []
    if name in ("number", "count", "offset", "index", "status", "msgid", "tag_id", "group_id"):
        return 1
    if name.endswith(("_time",)):
        return 1_600_000_000
    if name.endswith(("data", "_data", "ticket_info", "msg")):
        return {}
    return "1"


async def test_wechatpy_175_every_call_of_the_catalogue_is_awaitable(
    client: AsyncWeChatClient, recorder: Recorder
):
    called, odd = 0, []
    for area in areas_of(client):
        for name, _function in inspect.getmembers_static(type(area), inspect.isfunction):
            if name.startswith("_"):
                continue
            method = getattr(area, name)
            required = [
                argument_for(parameter.name)
                for parameter in inspect.signature(method).parameters.values()
                if parameter.default is parameter.empty
                and parameter.kind is parameter.POSITIONAL_OR_KEYWORD
            ]
            try:
                result = method(*required)
            except UnsupportedCallError:
                continue
            except Exception as error:  # an argument that does not suit, before any call
                odd.append((type(area).__name__, name, type(error).__name__))
                continue
            if inspect.isasyncgen(result):
                await result.aclose()
            elif inspect.isawaitable(result):
                called += 1
                # The recorder's answer has not the fields that some calls want.
                with contextlib.suppress(MalformedAnswerError, KeyError):
                    await result
            elif not isinstance(result, str | dict):
                odd.append((type(area).__name__, name, type(result).__name__))
    assert called > 290
    assert len(odd) < 25, odd
    assert {query.get("access_token") for _, _, query, _, _ in recorder.asked} >= {"TOKEN"}
    assert recorder.tokens_given == 1


async def test_wechatpy_580_iterators_page_through(client: AsyncWeChatClient, recorder: Recorder):
    pages = [
        {"data": {"openid": ["o1", "o2"]}, "next_openid": "o2"},
        {"data": {"openid": ["o3"]}, "next_openid": "o3"},
        {"count": 0, "next_openid": ""},
    ]
    recorder.answers = list(pages)
    assert [openid async for openid in client.user.iter_followers()] == ["o1", "o2", "o3"]
    assert [asked[2].get("next_openid") for asked in recorder.asked] == [None, "o2", "o3"]
    recorder.answers = list(pages)
    assert [openid async for openid in client.tag.iter_tag_users(5)] == ["o1", "o2", "o3"]


async def test_mended_calls_give_what_they_gave(client: AsyncWeChatClient, recorder: Recorder):
    recorder.answers = [{"ticket": "T1", "expires_in": 7200}]
    assert await client.jsapi.get_jsapi_ticket() == "T1"
    assert await client.jsapi.get_jsapi_card_ticket() == "T1"
    recorder.answers = [{"list": [{"new_user": 3}]}]
    day = date(2021, 5, 10)
    assert await client.datacube.get_user_summary(day, day) == [{"new_user": 3}]
    recorder.answers = [{"errcode": 0}]
    await client.customservice.delete_account("a@b")
    assert recorder.asked[-1][2] == {"kf_account": "a@b", "access_token": "TOKEN"}
    recorder.answers = [{"code": "C1"}]
    url = await client.card.get_redirect_url("https://x.cn/", "E1", "K1")
    assert url.startswith("https://x.cn/?encrypt_code=E1&card_id=K1&signature=")
    recorder.answers = [{"errcode": 46003, "errmsg": "menu no exist"}]
    assert await client.menu.get() is None
    recorder.answers = [b"PICTURE"]
    assert await client.qrcode.show({"ticket": "gQ/8+="}) == b"PICTURE"
    assert recorder.asked[-1][2] == {"ticket": "gQ/8+="}


async def test_a_permanent_video_has_its_description_in_the_form(
    client: AsyncWeChatClient, recorder: Recorder
):
    await client.material.add("video", io.BytesIO(b"MOVIE"), "题目", "说明")
    _, path, query, content_type, body = recorder.asked[0]
    assert path == "/cgi-bin/material/add_material"
    assert query == {"type": "video", "access_token": "TOKEN"}
    assert content_type.startswith("multipart/form-data")
    assert b"MOVIE" in body and b'name="description"' in body and "题目".encode() in body


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.media.get_url("m"),
        lambda client: client.cloud.upload_file("env", "path"),
        lambda client: client.fetch_access_token(),
        lambda client: client.access_token,
        lambda client: client.session,
    ],
)
async def test_what_would_block_says_so(client: AsyncWeChatClient, call):
    with pytest.raises(UnsupportedCallError):
        call(client)


async def test_query_as_a_string_and_none_in_it(client: AsyncWeChatClient, recorder: Recorder):
    await client.get("user/info", params="openid=o%2F1&lang=")
    await client.get("user/info", params={"openid": "o1", "lang": None, "n": 3})
    assert recorder.asked[0][2] == {"openid": "o/1", "lang": "", "access_token": "TOKEN"}
    assert recorder.asked[1][2] == {"openid": "o1", "n": "3", "access_token": "TOKEN"}


async def test_bodies_as_text_bytes_json_and_none(client: AsyncWeChatClient, recorder: Recorder):
    for body in ({"data": "文"}, {"data": b"\x01"}, {"json": {"a": "文"}}, {"data": None}):
        await client.post("x", **body)
    sent = [asked[4] for asked in recorder.asked]
    assert sent == ["文".encode(), b"\x01", '{"a": "文"}'.encode(), b""]


async def test_a_file_is_sent_whole_again_after_a_new_token(
    client: AsyncWeChatClient, recorder: Recorder
):
    recorder.answers = [{"errcode": -1}, {"errcode": -1}, {"media_id": "M1"}]
    assert (await client.media.upload("image", io.BytesIO(b"PICTURE")))["media_id"] == "M1"
    assert len(recorder.asked) == 3
    assert all(b"PICTURE" in asked[4] for asked in recorder.asked)


async def test_a_missing_field_is_malformed_not_a_key_error(
    client: AsyncWeChatClient, recorder: Recorder
):
    recorder.answers = [web.json_response({"errcode": 0})]
    with pytest.raises(MalformedAnswerError):
        await client.tag.get()


async def test_a_mini_program_sends_where_mini_programs_send(recorder: Recorder):
    async with make_client(recorder.url, kind=AccountKind.MINI_PROGRAM) as mini:
        await mini.send_subscribe("o", "t", {"thing1": "x"}, page="p")
    assert recorder.asked[0][1] == "/cgi-bin/message/subscribe/send"


async def test_a_base_with_a_path_keeps_it(recorder: Recorder):
    async with make_client(recorder.url + "/proxy") as client:
        recorder.answers = [{"session_key": "k", "openid": "o"}]
        with pytest.raises(MalformedAnswerError):
            await client.send_text("o", "x")  # the token is asked at /proxy/cgi-bin/stable_token
        await client.code_to_session("c")
    assert recorder.asked[-1][1] == "/proxy/sns/jscode2session"
    assert "access_token" not in recorder.asked[-1][2]
