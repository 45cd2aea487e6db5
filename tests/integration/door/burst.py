"""A rush of a thousand messages: what is sent, what must come back, and the driver's own ledger."""

import asyncio
import contextlib
import itertools
import secrets
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bot.replies import cut_to_bytes
from bot.taps import word_routing
from domain.calendar import local_now
from domain.faq.queries import answer_question, answer_target
from domain.faq.routing.result import Routing
from domain.faq.routing.router import Router
from sandbox.callback.messages import build_event, build_message, render_xml
from sandbox.callback.posting import PATIENCE, PhoneReply
from tests.integration.door.client import Answer, read_answer, render_post
from tests.integration.door.deliveries import ACCOUNT, new_openid, seal

MESSAGES = 1000
#: Of these so many people ask something unclear and then choose, one after the other.
CHOOSERS = 150
FOLLOWERS = 60
#: Every fifth message is delivered three times at once.
EVERY, TIMES = 5, 3
#: WeChat posts three times. The last is waited for until it comes: how long a busy machine needs
#: says nothing about the service.
POSTS, LAST_PATIENCE = 3, 90.0

_SERVICES = ["我要投诉", "转人工", "查一下补贴进度", "我要报名", "我要签到", "看看招聘"]
_SMALL_TALK = ["你好", "谢谢", "在吗", "今天天气怎么样", "哈哈哈", "你是机器人吗", "再见"]
_UNCLEAR = ["补贴", "培训", "证书", "报名", "材料", "企业", "学校", "考试"]


@dataclass(eq=False)
class Sent:
    """One message: what must be answered, and what came back for each of its deliveries."""

    message: dict[str, Any]
    expected: str
    outcome: str
    #: What a choice gets where nobody knows any more what was offered (docs/outages.md).
    unheard: str = ""
    opens_talk: bool = False
    replies: list[PhoneReply] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    @property
    def openid(self) -> str:
        return str(self.message["FromUserName"])

    @property
    def asks(self) -> bool:
        """Whether a talk waits for this person's next words: choices, or enrolling's question."""
        return self.outcome == "clarify" or self.opens_talk

    @property
    def texts(self) -> set[str]:
        """What was said; silence is not."""
        return {reply.xml for reply in self.replies if reply.kind != "silence"}


class Script:
    """What is asked and what the router, asked directly, says to it."""

    def __init__(self, router: Router, today: date) -> None:
        self._router = router
        self._today = today
        self._texts = texts = router.content.texts
        not_yet = texts["checkin.not_yet.in"].strip()
        who_first = texts["checkin.who_first"].format(verb="签到", not_yet=not_yet)
        self._talks = {
            "enrol": (texts["enrol.chat.ask"].strip(), "service"),
            # Read before the router, and by nobody whom we know.
            "checkin": (f"{who_first}\n{texts['bind.open'].strip()}", "dialogue"),
        }

    def chains(self) -> list[list[Sent]]:
        """A thousand messages in chains: of one person each, one after the other."""
        unclear = [text for text in _UNCLEAR if self._ask(text).kind == "clarify"]
        chains = [self._choose(text) for text in _first(CHOOSERS, itertools.cycle(unclear))]
        chains += [[self._follow()] for _ in range(FOLLOWERS)]
        questions = [entry.phrasings[0] for entry in self._router.content.entries]
        mixed = itertools.chain.from_iterable(
            zip(itertools.cycle(questions), *map(itertools.cycle, (_SERVICES, _SMALL_TALK)))
        )
        single = MESSAGES - 2 * CHOOSERS - FOLLOWERS
        texts = list(_first(single // 2, iter(itertools.cycle(questions))))
        texts += _first(single - len(texts), mixed)
        return chains + [[self._question(text, new_openid())] for text in texts]

    def _ask(self, text: str) -> Routing:
        return answer_question(self._router, text, self._today)

    def _word(self, routing: Routing) -> str:
        return cut_to_bytes(word_routing(routing, self._texts))

    def _expect(self, message: dict[str, Any], routing: Routing, unheard: str = "") -> Sent:
        """What is said, and the outcome that is recorded."""
        # Two services among them are talks, and ask first.
        service = routing.intent if routing.kind == "service" else None
        if service in self._talks:
            said, outcome = self._talks[service]
            return Sent(message, said, outcome, unheard, opens_talk=True)
        return Sent(message, self._word(routing), routing.kind, unheard)

    def _question(self, text: str, openid: str) -> Sent:
        routing = self._ask(text)
        message = build_message("text", openid, ACCOUNT.original_id, Content=text)
        return self._expect(message, routing)

    def _choose(self, text: str) -> list[Sent]:
        openid = new_openid()
        option = self._ask(text).options[0]
        target = f"entry:{option.entry}" if option.entry else f"intent:{option.intent}"
        chosen = answer_target(self._router, target, self._today)
        assert chosen is not None
        message = build_message("text", openid, ACCOUNT.original_id, Content="1")
        choice = self._expect(message, chosen, self._word(self._ask("1")))
        assert choice.unheard not in ("", choice.expected)
        return [self._question(text, openid), choice]

    def _follow(self) -> Sent:
        message = build_event("subscribe", new_openid(), ACCOUNT.original_id, EventKey="")
        return Sent(message, self._texts["bot.welcome"].strip(), "event")


def _first(number: int, texts: Iterator[str]) -> Iterable[str]:
    return itertools.islice(texts, number)


async def rush(chains: Sequence[list[Sent]], ports: Sequence[int]) -> None:
    """Send all chains at once, deliveries alternating between the doors.

    What can be done before or after is: the driver shares the machine with the service.
    """
    numbers = itertools.count()
    deliveries: dict[int, list[_Delivery]] = {}
    for sent in itertools.chain.from_iterable(chains):
        number = next(numbers)
        times = TIMES if number % EVERY == 0 else 1
        deliveries[id(sent)] = [_Delivery(sent, number + again) for again in range(times)]

    async def follow(chain: list[Sent]) -> None:
        for sent in chain:
            await asyncio.gather(*(one.deliver(ports) for one in deliveries[id(sent)]))

    await asyncio.gather(*map(follow, chains))
    for delivery in itertools.chain.from_iterable(deliveries.values()):
        delivery.read()


class _Delivery:
    """One delivery of a message, sealed before the rush and read after it."""

    def __init__(self, sent: Sent, first: int) -> None:
        self._sent = sent
        self._first = first
        self._request = self._render()
        self._answer = Answer(0)

    async def deliver(self, ports: Sequence[int]) -> None:
        """As WeChat does: what is not answered in 5 s is posted again, to whoever is there."""
        for attempt in range(POSTS):
            patience = PATIENCE if attempt + 1 < POSTS else LAST_PATIENCE
            if attempt:
                self._request = self._render()
            began = time.perf_counter()
            with contextlib.suppress(TimeoutError, ConnectionError):
                async with asyncio.timeout(patience):
                    self._answer = await self._post(ports[(self._first + attempt) % len(ports)])
            self._sent.seconds.append(time.perf_counter() - began)
            if self._answer.status:
                return

    def read(self) -> None:
        """Keep what came back with the message."""
        if self._answer.status:
            self._sent.replies.append(self._answer.read())

    def _render(self) -> bytes:
        nonce = str(secrets.randbelow(10**10))
        return render_post(*seal(render_xml(self._sent.message), nonce=nonce), Connection="close")

    async def _post(self, port: int) -> Answer:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(self._request)
            return await read_answer(reader)
        finally:
            writer.transport.abort()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()


def count_outcomes(all_sent: Iterable[Sent]) -> Counter[str]:
    return Counter(sent.outcome for sent in all_sent)


def make_chains(router: Router) -> list[list[Sent]]:
    """The rush of today."""
    return Script(router, local_now().date()).chains()
