"""How the platform brings a person's message to the service, and what becomes of the answer.

It waits 5 s for an answer and posts three times in all, each sealed anew with the same MsgId.
The first answer counts. What is no answer that WeChat accepts shows the person one sentence.
"""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp

from sandbox.callback.posting import (
    ATTEMPTS,
    PATIENCE,
    PhoneAccount,
    PhoneError,
    PhoneReply,
    make_nonce,
    read_reply,
    seal,
)
from sandbox.phone.cards import show_reply
from sandbox.phone.conversations import Conversations, Item
from sandbox.platform.memory import Platform

#: What WeChat shows where the service fails.
FAILED = "该公众号提供的服务出现故障，请稍后再试"
HANDED_OVER = "公众号把您的话转给了人工客服"
#: Of an answer so much is kept to be looked at.
ANSWER_KEPT = 64 * 1024
#: Of one message, all that are brought again counted.
MOST_DELIVERIES = 20
#: Messages under way at one time.
MOST_UNDER_WAY = 200


@dataclass(frozen=True, slots=True)
class Trip:
    """What a message meets on its way, as the contract of POST /sandbox/phone/acts says."""

    delay_ms: int = 0
    lose_answers: int = 0
    copies: int = 1


@dataclass(slots=True)
class Delivery:
    """One post. `result`: waiting, reply, silence, fault, lost, gave_up."""

    attempt: int
    message_xml: str
    url: str = ""
    envelope_xml: str = ""
    posted_at: float = 0.0
    took_ms: int = 0
    status: int = 0
    answer_raw: str = ""
    answer_xml: str = ""
    result: str = "waiting"
    note: str = ""
    #: Whether the decrypted answer is that of the first delivery that got one; None: no answer.
    same_as_first: bool | None = None
    #: Its answer is the one that the person sees.
    counted: bool = False

    @property
    def answered(self) -> bool:
        return self.result in ("reply", "silence", "lost")

    def to_json(self) -> dict[str, Any]:
        return {
            "attempt": self.attempt,
            "posted_at": round(self.posted_at, 3),
            "took_ms": self.took_ms,
            "url": self.url,
            "envelope_xml": self.envelope_xml,
            "message_xml": self.message_xml,
            "status": self.status,
            "answer_raw": self.answer_raw,
            "answer_xml": self.answer_xml,
            "result": self.result,
            "note": f"第 {self.attempt} 次投递，{self.note}",
            "same_as_first": self.same_as_first,
            "counted": self.counted,
        }


@dataclass(slots=True)
class _Outcome:
    """What one post brought: None where no answer came in time."""

    reply: PhoneReply | None
    fault: str = ""


@dataclass(slots=True)
class Deliverer:
    """Brings messages to `service`, the address that has /wechat below it."""

    platform: Platform
    conversations: Conversations
    service: str
    patience: float = PATIENCE
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _session: aiohttp.ClientSession | None = None

    @property
    def account(self) -> PhoneAccount:
        """The official account as the platform knows it. Raises LookupError where there is none."""
        official = self.platform.settings.official_account
        if official is None:
            raise LookupError("no official account")
        wechat = self.platform.people.read_demo().get("wechat", {})
        return PhoneAccount(
            app_id=official.app_id,
            token=official.token,
            aes_key="" if official.plain else official.aes_key,
            original_id=str(wechat.get("original_id") or "gh_sandbox"),
        )

    @property
    def is_busy(self) -> bool:
        """So much is under way that nothing more should be sent."""
        return len(self._tasks) >= MOST_UNDER_WAY

    def send(self, parcels: list["Parcel"], trip: Trip, *, attempts: int = ATTEMPTS) -> None:
        """Bring what is to be brought, one after the other."""
        task = asyncio.create_task(self._bring(parcels, trip, attempts))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Give up what is under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def _bring(self, parcels: list["Parcel"], trip: Trip, attempts: int) -> None:
        await asyncio.sleep(trip.delay_ms / 1000)
        for parcel in parcels:
            if parcel.act is not None:
                self.platform.note_act(self.account.app_id, parcel.item["openid"], parcel.act)
            await self._deliver(parcel, trip, attempts)

    async def _deliver(self, parcel: "Parcel", trip: Trip, attempts: int) -> None:
        loop = asyncio.get_running_loop()
        for attempt in range(attempts):
            ends = loop.time() + self.patience
            lost = attempt < trip.lose_answers
            copies = trip.copies if attempt == 0 else 1
            got = await asyncio.gather(*(self._post(parcel, lost=lost) for _ in range(copies)))
            if any(got):
                return
            # For an answer that was lost the platform waits to the end; where nobody listens it
            # comes again a little later.
            left = max(ends - loop.time(), 0)
            await asyncio.sleep(left if lost else min(left, self.patience / 10))
        if parcel.item["state"] == "on_the_way":
            self.conversations.change(parcel.item, state="failed")
            self._show_failure(parcel)

    async def _post(self, parcel: "Parcel", *, lost: bool) -> bool:
        """One delivery; whether an answer reached the platform."""
        account, item = self.account, parcel.item
        query, body = seal(account, parcel.xml, str(int(time.time())), make_nonce(), item["openid"])
        deliveries: list[Delivery] = item["deliveries"]
        delivery = Delivery(
            attempt=len(deliveries) + 1,
            message_xml=parcel.xml,
            url=f"{self.service}/wechat?{urlencode(query)}",
            envelope_xml=body.decode("utf-8", "replace"),
            posted_at=time.time(),
            note="等公众号答复",
        )
        deliveries.append(delivery)
        self.conversations.change(item)
        started = time.monotonic()
        outcome = await self._exchange(account, delivery, query, body)
        delivery.took_ms = round((time.monotonic() - started) * 1000)
        before = item["state"]
        reply = _judge(item, delivery, outcome, lost=lost)
        _compare(deliveries)
        self.conversations.change(item)
        if reply is not None:
            self._show(parcel, reply)
        elif item["state"] == "failed" != before:
            self._show_failure(parcel)
        return outcome.reply is not None and not lost

    async def _exchange(
        self, account: PhoneAccount, delivery: Delivery, query: dict[str, str], body: bytes
    ) -> _Outcome:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        try:
            async with self._session.post(
                f"{self.service}/wechat",
                params=query,
                data=body,
                headers={"Content-Type": "text/xml"},
                timeout=aiohttp.ClientTimeout(total=self.patience),
                allow_redirects=False,
            ) as response:
                delivery.status = response.status
                answer = await response.content.read(ANSWER_KEPT)
                while more := await response.content.read(ANSWER_KEPT):
                    answer += more[: ANSWER_KEPT + 1 - len(answer)]
        except TimeoutError:
            return _Outcome(None, f"等了 {self.patience:g} 秒没有答复")
        except aiohttp.ClientError:
            return _Outcome(None, "连不上公众号的服务")
        delivery.answer_raw = answer[:ANSWER_KEPT].decode("utf-8", "replace")
        try:
            reply = read_reply(account, response.status, answer)
        except PhoneError as error:
            failed = PhoneReply(response.status, "", "", "fault")
            return _Outcome(failed, f"答复不能用：签名、加密或格式不对（{error}）")
        if response.status != 200:
            return _Outcome(reply, f"服务答了 HTTP {response.status}")
        return _Outcome(reply, "答复里没有消息类型" if reply.kind == "fault" else "")

    def _show(self, parcel: "Parcel", reply: PhoneReply) -> None:
        openid = parcel.item["openid"]
        if parcel.is_unseen:
            return
        if reply.kind == "transfer_customer_service":
            self.conversations.add(openid, "system", kind="handed_over", text=HANDED_OVER)
            return
        shown = show_reply(self.platform, reply)
        answers = parcel.item["number"]
        self.conversations.add(openid, "theirs", channel="reply", answers=answers, **shown)

    def _show_failure(self, parcel: "Parcel") -> None:
        if not parcel.is_unseen:
            openid, number = parcel.item["openid"], parcel.item["number"]
            self.conversations.add(openid, "system", kind="failed", text=FAILED, answers=number)


@dataclass(frozen=True, slots=True)
class Parcel:
    """A mine-item, or a report of the platform's own, and its message.

    `act` is what the platform's windows are told.
    """

    item: Item
    xml: str
    act: str | None = None

    @property
    def is_unseen(self) -> bool:
        """What becomes of it shows on no phone: the person has left, or has not done it."""
        return self.act == "unsubscribe" or self.item["side"] != "mine"


def _judge(item: Item, delivery: Delivery, outcome: _Outcome, *, lost: bool) -> PhoneReply | None:
    """Say what this delivery was, and what has become of the item; the reply to be shown."""
    reply, took = outcome.reply, f"{delivery.took_ms} 毫秒"
    if reply is None:
        delivery.result, delivery.note = "gave_up", outcome.fault
        return None
    if reply.kind not in ("silence", "fault"):
        delivery.answer_xml = reply.xml
    if lost:
        delivery.result = "lost"
        delivery.note = f"{took}后服务答复了，但答复在路上丢了"
        return None
    # One that is brought again may still mend what has failed.
    delivery.counted = item["state"] in ("on_the_way", "failed")
    if reply.kind == "fault":
        delivery.result, delivery.note = "fault", outcome.fault
    elif reply.kind == "silence":
        delivery.result, delivery.note = "silence", f"{took}后收下了，没有要回的话"
    else:
        delivery.result, delivery.note = "reply", f"{took}后有了答复"
    if not delivery.counted:
        delivery.note += "，前面已经有过答复，手机上不再显示"
        return None
    item["state"] = {"fault": "failed", "silence": "silent"}.get(reply.kind, "answered")
    return reply if item["state"] == "answered" else None


def _compare(deliveries: list[Delivery]) -> None:
    """Note which answers are word for word the first."""
    answered = [delivery for delivery in deliveries if delivery.answered]
    for delivery in answered[1:]:
        if delivery.same_as_first is None:
            delivery.same_as_first = delivery.answer_xml == answered[0].answer_xml
            how = "相同" if delivery.same_as_first else "不同"
            delivery.note += f"，内容与第 {answered[0].attempt} 次{how}"
