"""WeChat, a load balancer and a crowd, as one driver that keeps a ledger of its own.

The driver believes nobody: what it sent, to which server, when, and what came back stands in its
ledger, and at the end the ledger is compared with what the service says of itself.
"""

import asyncio
import bisect
import itertools
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bot.wire.inbound import Inbound
from bot.wire.xml import read_xml
from sandbox.callback.messages import build_event, build_message, render_xml
from sandbox.callback.posting import PhoneAccount, read_reply, report_act, seal

#: The platform gives up after 5 s, and calls three times in all.
PATIENCE_SECONDS = 5.0
POSTS = 3
#: Between two posts where no server took the first.
PAUSE_SECONDS = 1.0
#: A server that refused is left alone for this long, as load balancers do.
REST_SECONDS = 0.5
#: Statuses of a delivery that are not the server's.
BROKEN, LATE = -1, -2

#: Each has one answer and opens no dialogue.
POLICY_QUESTIONS = (
    "以工代训补贴一个月多少钱",
    "企业自己培训员工要不要开发票",
    "外地户口能领补贴吗",
)
#: Is answered with numbered options: a dialogue, written to PostgreSQL.
UNCLEAR = "补贴"
_OPENIDS = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt at one server. `status` is BROKEN where the connection was refused or died,
    LATE where nothing came in time."""

    server: str
    began: float
    seconds: float
    status: int
    text: str = ""
    xml: str = ""


@dataclass(slots=True)
class Sent:
    """One message and all its deliveries. Times are of the loop's clock."""

    kind: str
    openid: str
    fields: dict[str, Any]
    began: float = 0.0
    deliveries: list[Delivery] = field(default_factory=list)
    #: What came when the platform asked again though it had an answer.
    again: list[Delivery] = field(default_factory=list)

    @property
    def answer(self) -> Delivery | None:
        """The first that WeChat takes for an answer."""
        return next((one for one in self.deliveries if one.status == 200), None)

    @property
    def seconds(self) -> float:
        """From the first post to the answer, whatever broke in between."""
        answer = self.answer
        return float("inf") if answer is None else answer.began + answer.seconds - self.began

    @property
    def identity(self) -> str:
        """What makes it one message (domain.messaging.rules)."""
        return Inbound(read_xml(render_xml(self.fields).encode())).identity()


class Driver:
    """Posts to `servers` (base URLs) by turns; what one refuses the next one gets at once.

    A server that refused rests for a moment; where all rest, the post is broken by that alone.
    """

    def __init__(
        self,
        account: PhoneAccount,
        servers: Sequence[str],
        session: aiohttp.ClientSession,
        platform_url: str,
    ) -> None:
        self._account = account
        self._servers = servers
        self._turn = itertools.cycle(range(len(servers)))
        self._session = session
        self._platform_url = platform_url
        #: Until when (loop time) each server is left alone.
        self._resting = dict.fromkeys(servers, 0.0)
        self.ledger: list[Sent] = []

    # --- people ---------------------------------------------------------------------------------

    def text(self, kind: str, openid: str, words: str) -> Sent:
        """A text message that is not sent yet."""
        fields = build_message("text", openid, self._account.original_id, Content=words)
        return Sent(kind, openid, fields)

    async def ask(self, number: int) -> Sent:
        """Somebody new asks about the policy."""
        words = POLICY_QUESTIONS[number % len(POLICY_QUESTIONS)]
        return await self.deliver(self.text("policy", new_openid(), words))

    async def ask_and_retry(self, number: int) -> Sent:
        """The same, and the answer is lost on WeChat's side: it asks again, whichever server."""
        sent = await self.ask(number)
        if sent.answer is not None:
            await self._post(sent, sent.again)
        return sent

    async def talk(self, _number: int = 0) -> Sent:
        """Somebody asks what has several answers, reads the options, and takes the first."""
        openid = new_openid()
        options = self.text("options", openid, UNCLEAR)
        # Their customer-service window is open, should the service promise an answer.
        await report_act(self._session, self._platform_url, options.fields)
        await self.deliver(options)
        if options.answer is None:
            return options
        return await self.deliver(self.text("choice", openid, "1"))

    async def follow(self, openid: str) -> Sent:
        """Somebody follows the account: their openid is kept, sealed."""
        return await self.deliver(self._event("subscribe", openid, EventKey=""))

    async def leave(self, openid: str) -> Sent:
        """Somebody leaves it, and must be forgotten."""
        return await self.deliver(self._event("unsubscribe", openid, EventKey=""))

    def _event(self, event: str, openid: str, **fields: Any) -> Sent:
        return Sent(event, openid, build_event(event, openid, self._account.original_id, **fields))

    # --- the platform ---------------------------------------------------------------------------

    async def deliver(self, sent: Sent) -> Sent:
        """Post it as WeChat does, until an answer comes or three posts had none."""
        self.ledger.append(sent)
        clock = asyncio.get_running_loop().time
        sent.began = clock()
        for post in range(POSTS):
            if post:
                await asyncio.sleep(PAUSE_SECONDS)
            # WeChat shows a fault at once where a server answers anything else.
            if await self._post(sent, sent.deliveries) not in (BROKEN, LATE):
                break
        return sent

    async def _post(self, sent: Sent, deliveries: list[Delivery]) -> int:
        """One post of the platform: one connection after the other until a server takes it."""
        first = next(self._turn)
        status = BROKEN
        for number in range(len(self._servers)):
            server = self._servers[(first + number) % len(self._servers)]
            if asyncio.get_running_loop().time() < self._resting[server]:
                continue
            deliveries.append(await self._try(sent, server))
            status = deliveries[-1].status
            if status != BROKEN:
                break
        return status

    async def _try(self, sent: Sent, server: str) -> Delivery:
        clock = asyncio.get_running_loop().time
        now = str(int(time.time()))
        nonce = str(time.perf_counter_ns() % 10**10)
        query, body = seal(self._account, render_xml(sent.fields), now, nonce, sent.openid)
        began = clock()
        try:
            async with self._session.post(
                f"{server}/wechat",
                params=query,
                data=body,
                headers={"Content-Type": "text/xml"},
                timeout=aiohttp.ClientTimeout(total=PATIENCE_SECONDS),
            ) as response:
                content = await response.read()
                seconds = clock() - began
                reply = read_reply(self._account, response.status, content)
                return Delivery(server, began, seconds, reply.status, reply.text, reply.xml)
        except TimeoutError:
            return Delivery(server, began, clock() - began, LATE)
        except aiohttp.ClientConnectionError as error:
            if isinstance(error, aiohttp.ClientConnectorError):
                self._resting[server] = clock() + REST_SECONDS
            return Delivery(server, began, clock() - began, BROKEN)


Act = Callable[[int], Coroutine[Any, Any, Sent]]


async def burst(act: Act, per_second: float, until: asyncio.Event) -> None:
    """Begin `per_second` acts each second, in even steps, whatever becomes of them; when `until`
    is set, wait for those that are under way."""
    clock = asyncio.get_running_loop().time
    started = clock()
    async with asyncio.TaskGroup() as group:
        for number in itertools.count():
            due = started + number / per_second
            await asyncio.sleep(max(0.0, due - clock()))
            if until.is_set():
                return
            group.create_task(act(number))


class Stalls:
    """How late this process's own loop is, all the time: its share of whatever it measures.

    The machine may be busy with other things; what the driver loses by it, the service cannot
    have lost on the same answer a second time, and is taken off.
    """

    EVERY_SECONDS = 0.02

    def __init__(self) -> None:
        self._ticks: list[tuple[float, float]] = []

    async def watch(self, until: asyncio.Event) -> None:
        """Note the stalls until `until` is set."""
        clock = asyncio.get_running_loop().time
        while not until.is_set():
            due = clock() + self.EVERY_SECONDS
            await asyncio.sleep(self.EVERY_SECONDS)
            self._ticks.append((due, clock() - due))

    def between(self, began: float, ended: float) -> float:
        """Seconds lost between two moments."""
        first = bisect.bisect_left(self._ticks, (began,))
        last = bisect.bisect_right(self._ticks, (ended,))
        return sum(lost for _, lost in self._ticks[first:last])

    @property
    def share(self) -> float:
        """Of all the time that was watched."""
        lost = sum(lost for _, lost in self._ticks)
        return lost / (lost + self.EVERY_SECONDS * len(self._ticks)) if self._ticks else 0.0


def new_openid() -> str:
    """A person of the driver's own making."""
    return f"oKILLS{next(_OPENIDS):022d}"
