"""HTTP to the platform: bounded, timed, without secrets in what it raises.

It knows nothing of tokens. Redirects are refused, for the query carries the access token.
"""

import asyncio
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from clients.wechat.errors import (
    BusyError,
    MalformedAnswerError,
    NoAnswerError,
    ServerError,
    UnreachableError,
    WeChatApiError,
    error_for,
)

#: The largest answer is a video of 10 MB; anything near twice that is not the platform's.
LARGEST_ANSWER = 20 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """How hard one process leans on the platform. Times in seconds."""

    concurrency: int = 32
    connect: float = 2.0
    #: One attempt, from the wait for a free place to the last byte.
    total: float = 6.0
    #: Attempts at a call the platform answered with -1, or that never left this machine.
    attempts: int = 3
    #: The first pause is drawn from 0 to this, each next from twice as long.
    backoff: float = 0.2


@dataclass(frozen=True, slots=True)
class Upload:
    """One file of a multipart form, wholly in memory so that an attempt can be repeated."""

    name: str
    filename: str
    content: bytes = field(repr=False)
    content_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Call:
    """One call. `query` may hold the access token, so it is kept out of `repr`."""

    method: str
    url: str
    endpoint: str
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    uploads: tuple[Upload, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """`data` is the decoded JSON object or list, None where the body is none."""

    data: Any = field(repr=False)
    content: bytes = field(repr=False)
    content_type: str
    filename: str | None

    def expect_object(self, endpoint: str) -> dict[str, Any]:
        """The JSON object. Raises MalformedAnswerError where the answer is none."""
        if not isinstance(self.data, dict):
            raise MalformedAnswerError(0, f"期待 JSON，得到 {self.content_type}", endpoint)
        return self.data


class Transport:
    """A pool of connections to the platform. Closed with `close`; usable from one event loop."""

    def __init__(self, limits: Limits | None = None, rng: random.Random | None = None) -> None:
        self._limits = limits or Limits()
        self._rng = rng or random.SystemRandom()
        self._places = asyncio.Semaphore(self._limits.concurrency)
        self._session: aiohttp.ClientSession | None = None
        self._closed = False

    async def close(self) -> None:
        self._closed = True
        if self._session is not None:
            await self._session.close()

    async def send(self, call: Call) -> Answer:
        """The answer, its errcode being 0 or absent. Raises WeChatApiError.

        Tried again are only -1 ("busy", the platform did nothing) and a connection that could
        not be made; after a time-out nobody knows whether a message went out.
        """
        for attempt in range(1, self._limits.attempts + 1):
            try:
                return await self._attempt(call)
            except (BusyError, _NotConnectedError) as error:
                if attempt == self._limits.attempts:
                    raise error from None
            await asyncio.sleep(self._rng.uniform(0, self._limits.backoff * 2 ** (attempt - 1)))
        raise AssertionError("unreachable")

    async def _attempt(self, call: Call) -> Answer:
        # What aiohttp raises holds the URL, and with it the token. Our error is therefore
        # raised outside the except block, where it takes no context along.
        failure: WeChatApiError
        try:
            async with asyncio.timeout(call.timeout or self._limits.total), self._places:
                return await self._exchange(call)
        except TimeoutError:
            failure = NoAnswerError(0, "", call.endpoint)
        except aiohttp.ClientConnectorError:
            failure = _NotConnectedError(0, "", call.endpoint)
        except aiohttp.ClientPayloadError:
            failure = MalformedAnswerError(0, "回答不完整", call.endpoint)
        except (aiohttp.ClientError, OSError) as error:
            failure = UnreachableError(0, type(error).__name__, call.endpoint)
        raise failure

    async def _exchange(self, call: Call) -> Answer:
        headers = {"Content-Type": "application/json; charset=utf-8"} if call.body else {}
        async with self._open_session().request(
            call.method,
            call.url,
            params=call.query,
            data=_form(call) if call.uploads else call.body,
            headers=headers,
            allow_redirects=False,
        ) as response:
            if response.status != 200:
                raise ServerError(response.status, f"HTTP {response.status}", call.endpoint)
            content = await _read(response, call.endpoint)
            disposition = response.content_disposition
            filename = disposition.filename if disposition else None
            return _decode(content, response.content_type, filename, call.endpoint)

    def _open_session(self) -> aiohttp.ClientSession:
        if self._closed:
            raise RuntimeError("the WeChat client is closed")
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=self._limits.concurrency, keepalive_timeout=15, ttl_dns_cache=60
                ),
                timeout=aiohttp.ClientTimeout(
                    total=None, sock_connect=self._limits.connect
                ),  # the total is ours: it covers the wait for a place too
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
            )
        return self._session


class _NotConnectedError(UnreachableError):
    """Nothing was sent, so trying again cannot do anything twice."""


def _form(call: Call) -> aiohttp.FormData:
    form = aiohttp.FormData()
    for name, value in call.fields.items():
        form.add_field(name, value)
    for upload in call.uploads:
        form.add_field(
            upload.name,
            upload.content,
            filename=upload.filename,
            content_type=upload.content_type,
        )
    return form


async def _read(response: aiohttp.ClientResponse, endpoint: str) -> bytes:
    content = bytearray()
    async for chunk in response.content.iter_any():
        content += chunk
        if len(content) > LARGEST_ANSWER:
            raise MalformedAnswerError(0, "回答太长", endpoint)
    return bytes(content)


def _decode(content: bytes, content_type: str, filename: str | None, endpoint: str) -> Answer:
    """The platform says text/plain for JSON and, on errors, JSON where a picture was asked."""
    data: Any = None
    if content_type == "text/html":
        raise MalformedAnswerError(0, "回答是一个网页", endpoint)
    if content[:1] in (b"{", b"["):
        try:
            # strict=False: nicknames come with raw control characters in them.
            data = json.loads(content.decode("utf-8", "replace"), strict=False)
        except (ValueError, RecursionError):
            data = None
    if isinstance(data, dict):
        _raise_errcode(data, endpoint)
    return Answer(data, content, content_type, filename)


def _raise_errcode(data: dict[str, Any], endpoint: str) -> None:
    nested = data.get("base_resp")
    if isinstance(nested, dict):  # the device interfaces wrap it
        data.update(data.pop("base_resp"))
    try:
        errcode = int(data.get("errcode") or 0)
    except (TypeError, ValueError):
        raise MalformedAnswerError(0, "errcode 不是数字", endpoint) from None
    if "errcode" in data:
        data["errcode"] = errcode
    if errcode != 0:
        raise error_for(errcode, str(data.get("errmsg", "")), endpoint)
