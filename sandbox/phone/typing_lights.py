"""“对方正在输入”: goes out by itself after 15 seconds, as on WeChat."""

import asyncio

from aiohttp import web

from sandbox.phone.conversations import Conversations

SECONDS = 15.0


class TypingLights:
    """By openid, those that are on. Nothing of it is kept among the items."""

    def __init__(self, conversations: Conversations, seconds: float = SECONDS) -> None:
        self._conversations = conversations
        self._seconds = seconds
        self._ends: dict[str, asyncio.TimerHandle] = {}

    def switch(self, openid: str, *, on: bool) -> None:
        """Tell all pages, and tell them again when it goes out."""
        self._forget(openid)
        self._conversations.tell(openid, "typing", on=on)
        if on:
            loop = asyncio.get_running_loop()
            self._ends[openid] = loop.call_later(
                self._seconds, lambda: self.switch(openid, on=False)
            )

    def close(self) -> None:
        """None goes out any more."""
        for openid in list(self._ends):
            self._forget(openid)

    def _forget(self, openid: str) -> None:
        handle = self._ends.pop(openid, None)
        if handle is not None:
            handle.cancel()


TYPING_LIGHTS: web.AppKey[TypingLights] = web.AppKey("typing lights", TypingLights)
