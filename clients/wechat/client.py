"""The platform's API for one account, by asyncio: wechatpy's catalogue over our transport."""

import asyncio
import json
import logging
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import Enum
from typing import Any, NoReturn
from urllib.parse import parse_qsl, urlsplit

from redis.asyncio import Redis
from wechatpy.client import WeChatClient
from wechatpy.client.api.base import BaseWeChatAPI

from clients.wechat import catalogue
from clients.wechat.calls import TypedCalls
from clients.wechat.errors import InvalidTokenError, MalformedAnswerError, UnsupportedCallError
from clients.wechat.token_store import TokenStore
from clients.wechat.tokens import TokenKeeper
from clients.wechat.transport import Answer, Call, Limits, Transport, Upload
from settings import REAL_WECHAT_API

logger = logging.getLogger(__name__)

#: What wechatpy writes out in full. They all become `api_base`, so that a stand-in is asked
#: for everything; the token goes to no other host.
PLATFORM_HOSTS = frozenset({"api.weixin.qq.com", "mp.weixin.qq.com"})
#: These are authorised by the secret or need nothing.
WITHOUT_TOKEN = ("/sns/", "/cgi-bin/showqrcode", "/cgi-bin/stable_token", "/cgi-bin/token")


class AccountKind(Enum):
    OFFICIAL_ACCOUNT = "公众号"
    MINI_PROGRAM = "小程序"


class AsyncWeChatClient(TypedCalls, WeChatClient):  # type: ignore[misc]
    """One account's calls; implements `WeChatApi`.

    wechatpy's whole catalogue is there to be awaited (`await client.user.get(openid)`); bytes
    come back where the platform sends a file. Everything raises WeChatApiError. `redis` is
    shared by all processes for the access token; None keeps it in this process. Create and
    use it in one event loop; `close` it, or use it as `async with`.
    """

    API_BASE_URL = REAL_WECHAT_API + "/cgi-bin/"

    card = catalogue.Card()
    cloud = catalogue.Cloud()
    customservice = catalogue.CustomService()
    datacube = catalogue.DataCube()
    device = catalogue.Device()
    jsapi = catalogue.JSAPI()
    material = catalogue.Material()
    media = catalogue.MediaFiles()
    menu = catalogue.Menu()
    qrcode = catalogue.QRCode()
    tag = catalogue.Tag()
    user = catalogue.User()

    def __new__(cls, *_args: object, **_kwargs: object) -> "AsyncWeChatClient":
        # wechatpy finds its areas by reading every attribute, properties too. This reads none.
        self: AsyncWeChatClient = object.__new__(cls)
        for owner in reversed(cls.__mro__):
            for name, area in vars(owner).items():
                if isinstance(area, BaseWeChatAPI):
                    setattr(self, name, type(area)(self))
        return self

    def __init__(  # wechatpy's own would open a requests session
        self,
        app_id: str,
        secret: str,
        *,
        kind: AccountKind = AccountKind.OFFICIAL_ACCOUNT,
        api_base: str = REAL_WECHAT_API,
        redis: "Redis | None" = None,
        limits: Limits | None = None,
        clock: Callable[[], float] = time.monotonic,
        rng: random.Random | None = None,
    ) -> None:
        self.appid = app_id
        self.secret = secret
        self.kind = kind
        self._api_base = api_base.rstrip("/")
        self._transport = Transport(limits, rng)
        self._tokens = TokenKeeper(
            app_id,
            secret,
            api_base=self._api_base,
            transport=self._transport,
            store=TokenStore(redis, app_id),
            clock=clock,
            rng=rng,
        )

    def __repr__(self) -> str:
        return f"AsyncWeChatClient({self.appid!r}, {self.kind.value})"

    async def __aenter__(self) -> "AsyncWeChatClient":
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Give the connections back. Redis belongs to whoever gave it."""
        await self._tokens.close()
        await self._transport.close()

    @property
    def access_token(self) -> NoReturn:
        catalogue.refuse("access_token 不能同步读取", "任何一个接口调用（令牌自动带上）")

    @property
    def session(self) -> NoReturn:
        catalogue.refuse("session 是同步的", "自己的缓存")

    def fetch_access_token(self) -> NoReturn:
        catalogue.refuse("fetch_access_token", "任何一个接口调用（令牌自动换新）")

    async def _request(self, method: str, url_or_endpoint: str, **kwargs: Any) -> Any:
        """What wechatpy's `get` and `post` end in. JSON comes back decoded, else bytes."""
        process = kwargs.pop("result_processor", None)
        answer = await self._exchange(method, url_or_endpoint, **kwargs)
        result = answer.content if answer.data is None else answer.data
        if process is None:
            return result
        try:
            return process(result)
        except (KeyError, TypeError, IndexError, ValueError):
            raise MalformedAnswerError(0, "回答里缺字段", url_or_endpoint) from None

    async def _exchange(self, method: str, url_or_endpoint: str, **kwargs: Any) -> Answer:
        call, wants_token = await self._describe(method, url_or_endpoint, **kwargs)
        if not wants_token:
            return await self._transport.send(call)
        token = await self._tokens.get()
        try:
            return await self._transport.send(_with_token(call, token))
        except InvalidTokenError as error:
            refusal = error
        # Once: a second refusal is the caller's to see, never a loop.
        renewed = await self._tokens.replace(token)
        if renewed is None:
            raise refusal
        logger.info("access token replaced after errcode %d", refusal.errcode)
        return await self._transport.send(_with_token(call, renewed))

    async def _describe(
        self,
        method: str,
        url_or_endpoint: str,
        *,
        api_base_url: str | None = None,
        params: Mapping[str, object] | str | None = None,
        data: object = None,
        json: object = None,
        files: Any = None,
        timeout: float | None = None,
    ) -> tuple[Call, bool]:
        """The call in our terms, and whether it needs a token; the shapes are wechatpy's."""
        url = self._locate(url_or_endpoint, api_base_url or self.API_BASE_URL)
        path = urlsplit(url).path.removeprefix(urlsplit(self._api_base).path)
        query = _query(params)
        call = Call(
            method=method.upper(),
            url=url,
            endpoint=path,
            query=query,
            body=None if files else _body(json if json is not None else data),
            uploads=await _uploads(files) if files else (),
            fields=_fields(data) if files else {},
            timeout=timeout,
        )
        return call, not path.startswith(WITHOUT_TOKEN) and "access_token" not in query

    def _locate(self, url_or_endpoint: str, base: str) -> str:
        url = url_or_endpoint
        if not url.startswith(("http://", "https://")):
            url = base + url
        if url.startswith(self._api_base + "/"):
            return url
        parts = urlsplit(url)
        if parts.scheme != "https" or parts.netloc not in PLATFORM_HOSTS:
            raise UnsupportedCallError(0, f"{parts.hostname} 不是微信的地址", parts.path)
        if self._api_base == REAL_WECHAT_API:
            return url
        return self._api_base + parts.path + (f"?{parts.query}" if parts.query else "")


def _with_token(call: Call, token: str) -> Call:
    return replace(call, query={**call.query, "access_token": token})


def _query(params: Mapping[str, object] | str | None) -> dict[str, str]:
    if isinstance(params, str):
        return dict(parse_qsl(params, keep_blank_values=True))
    return {name: str(value) for name, value in (params or {}).items() if value is not None}


def _body(data: object) -> bytes | None:
    """JSON as raw UTF-8: escapes like \\u4f60 are shown literally in some message types."""
    if data is None or isinstance(data, bytes):
        return data
    if isinstance(data, str):
        return data.encode()
    return json.dumps(data, ensure_ascii=False).encode("utf-8", "replace")


def _fields(data: object) -> dict[str, str]:
    if not isinstance(data, Mapping):
        return {}
    return {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in data.items()
    }


async def _uploads(files: Any) -> tuple[Upload, ...]:
    """`requests`' shapes: {name: file} or pairs; a file is bytes, an open file or a tuple
    (filename, bytes or open file[, content type]). Files are read whole: a repeated attempt
    needs them again, and the platform takes no more than 10 MB."""
    pairs = files.items() if isinstance(files, Mapping) else files
    uploads = []
    for name, file in pairs:
        parts = file if isinstance(file, tuple) else (getattr(file, "name", None) or name, file)
        filename, source, *kind = parts
        is_bytes = isinstance(source, bytes)
        content = source if is_bytes else await asyncio.to_thread(source.read)
        if isinstance(content, str):
            content = content.encode()
        short = str(filename).replace("\\", "/").rsplit("/", 1)[-1]
        uploads.append(Upload(name, short, content, *kind))
    return tuple(uploads)
