"""How a message reached its answer, in words for whoever looks at the sandbox's phone.

What was really answered stands in the record of the message, which comes about a second after the
answer; until then it is said what the message alone wants. The router's own lines are given only
where the words were routed as a question.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from bot.dispatch import Dispatcher, Plan
from bot.schools import INTENT
from bot.talks.clarify import read_number
from bot.talks.hearing import read_command
from bot.taps import read_opinion
from bot.wire.inbound import UNKNOWN_KIND, Inbound
from bot.wire.xml import XmlError, read_xml
from domain.calendar import Clock
from domain.faq.live import LiveRouter
from domain.faq.queries import answer_question, answer_target
from domain.faq.routing.result import Routing
from domain.messaging.queries import Answered, find_answered
from domain.messaging.rules import CHOICE
from domain.vault import Vault
from models.availability import Database, DatabaseUnavailable

#: Of longer texts the router's lines are left out: they would take seconds.
MOST_CHARACTERS = 2000

_TYPED, _HEARD = "打的字，按问法找", "语音里听到的字，按问法找"
_TAPPED = "点了消息里的链接，直接打开这一条，不用猜"
_NAMED = "里面是目录里一家学校的名字，问的就是它，直接查机构，不用猜"
_CHECK_IN = "这是签到、签退，或者是签到码，不用猜"
_SCANNED = "从菜单里扫了大屏上的码，就是签到"
_CLICKED = "点了菜单，直接打开这一条，不用猜"
_GONE = "点的这一条现在没有了，照实说"
_COMMAND = "这是“取消、上一步、重来、继续”一类的话，不当问题找"
_IN_A_TALK = "答的是正在办的事，不当问题找"
_NOT_CHOSEN = "上一条给了选项，这句没有选中哪一项"
_CHOSEN_BY_TITLE = "说的是上一条里的一项，直接打开这一条"
_UNKNOWN = "不认识的消息，收下，不回话"
_QUIET = "这种事件只收下，不回话"
_MESSAGES = {
    "image": "图片",
    "video": "视频",
    "shortvideo": "小视频",
    "location": "位置",
    "link": "链接",
    "miniprogrampage": "小程序卡片",
    "file": "文件",
}
_EVENTS = {
    "subscribe": "关注了公众号，回欢迎的话",
    "unsubscribe": "取消关注了公众号，忘掉这个人，不回话",
    "scan": "扫了二维码，直接回一句",
    "scancode_waitmsg": "从菜单里扫了码，直接回一句",
}
_OPINIONS = {"useful": "点了“有用”，记下了", "useless": "点了“没帮上”，记下了"}
_WENT_WRONG = {
    "failed": "这会儿没能办成，照实说",
    "slow_down": "一下子发得太多，先请对方慢一点",
    "refused": "按规则不能办，照实说",
}


class NoMessage(ValueError):  # noqa: N818 (says what it is)
    """What is to be explained is no message; `str()` says so in plain Chinese."""


class _Way(NamedTuple):
    """How a message reached its answer. `routing`: what was opened; None where nothing was."""

    how: str
    routing: Routing | None = None
    #: The words were routed as a question.
    as_question: bool = False


FindAnswered = Callable[[bytes], Awaitable[Answered | None]]


class Explaining:
    """Explains texts and messages of one official account."""

    def __init__(
        self,
        live: LiveRouter,
        dispatcher: Dispatcher,
        vault: Vault,
        database: Database,
        clock: Clock,
    ) -> None:
        self._live = live
        self._dispatcher = dispatcher
        self._vault = vault
        self._database = database
        self._clock = clock
        self._one_at_a_time = asyncio.Semaphore()

    async def explain_text(self, text: str) -> dict[str, Any]:
        """How a text would be routed that is typed while no talk is open."""
        if self._dispatcher.asks_after_school(text):
            plan = self._dispatcher.plan_target(f"intent:{INTENT}", self._clock(), text)
            return await self._show(text, plan.outcome, _Way(_NAMED, plan.routing), None)
        routing = answer_question(self._live.current, text, self._clock().date())
        way = _Way(_TYPED, routing, as_question=True)
        return await self._show(text, routing.kind, way, None)

    async def explain_message(self, xml: str) -> dict[str, Any]:
        """The same of a message as WeChat has posted it, with what was really answered.

        Raises NoMessage.
        """
        try:
            inbound = Inbound(read_xml(xml.encode("utf-8", "replace")))
        except XmlError:
            raise NoMessage("这不是一条消息：XML 读不出来") from None
        words = _words_of(inbound)
        key = self._vault.index(inbound.identity(), "message")
        try:
            answered = await self._database.ask(find_answered(key))
        except DatabaseUnavailable:
            answered = None
        if inbound.kind == UNKNOWN_KIND:
            return await self._show(words, "unknown", _Way(_UNKNOWN), answered)
        # The sender matters to what an event sets off alone, and nothing is set off here.
        plan = self._dispatcher.plan(inbound, b"", self._clock())
        way = self._find_way(inbound, words, plan, answered)
        return await self._show(words, (answered or plan).outcome, way, answered)

    def _find_way(
        self, inbound: Inbound, words: str, plan: Plan, answered: Answered | None
    ) -> _Way:
        opened = self._open(answered.topic) if answered else plan.routing
        if answered is not None and answered.outcome in _WENT_WRONG:
            return _Way(_WENT_WRONG[answered.outcome])
        if inbound.type == "event":
            if inbound.event == "click":
                return _Way(_CLICKED if plan.routing else _GONE, opened)
            if plan.comes_first:
                return _Way(_SCANNED, opened)
            return _Way(_EVENTS.get(inbound.event, _QUIET))
        if inbound.type not in ("text", "voice"):
            return _Way(f"{_MESSAGES[inbound.type]}不找答案，直接回一句")
        if not words:
            what = "语音里没有听出字" if inbound.type == "voice" else "里面没有字"
            return _Way(f"{what}，直接回一句")
        opinion = read_opinion(inbound.text("bizmsgmenuid"))
        if opinion is not None and plan.outcome == opinion.outcome:
            return _Way(_OPINIONS[opinion.outcome], self._open(opinion.entry))
        if inbound.text("bizmsgmenuid"):
            return _Way(_TAPPED if plan.routing else _GONE, opened)
        return self._find_way_of_words(inbound, words, plan, answered)

    def _find_way_of_words(
        self, inbound: Inbound, words: str, plan: Plan, answered: Answered | None
    ) -> _Way:
        number = read_number(words)
        if answered is not None and answered.outcome == "dialogue":
            if read_command(words, self._dispatcher.texts):
                return _Way(_COMMAND)
            return _Way(_NOT_CHOSEN if answered.topic == CHOICE else _IN_A_TALK)
        if plan.routing is None:
            return _Way(_COMMAND)
        if plan.comes_first and (answered is None or answered.topic == plan.topic):
            return _Way(_CHECK_IN, plan.routing)
        plan = plan.otherwise or plan
        # What is picked is opened with a score of 1, whatever the words are as a question.
        as_question = (plan.outcome, plan.topic, plan.score)
        if answered is not None and answered != as_question:
            opened = self._open(answered.topic)
            if opened is not None and answered.score == opened.score:
                how = _CHOSEN_BY_TITLE if number is None else f"选了上一条里的第 {number} 项"
                return _Way(how, opened)
        if answered is None and number is not None:
            return _Way(f"像是选上一条里的第 {number} 项，还没有记下来")
        if plan.score == 1.0 and self._dispatcher.asks_after_school(words):
            return _Way(_NAMED, plan.routing)
        how = _HEARD if inbound.type == "voice" else _TYPED
        return _Way(how, plan.routing, as_question=True)

    def _open(self, topic: str) -> Routing | None:
        """What a record's topic names: an entry or a service."""
        if not topic:
            return None
        today = self._clock().date()
        router = self._live.current
        return answer_target(router, f"entry:{topic}", today) or answer_target(
            router, f"intent:{topic}", today
        )

    async def _show(
        self, words: str, kind: str, way: _Way, answered: Answered | None
    ) -> dict[str, Any]:
        router, routing = self._live.current, way.routing
        lines = await self._explain_routing(words) if way.as_question else []
        sources = list(routing.sources) if routing else []
        score = answered.score if answered else routing.score if routing else None
        named = self._open((routing.entry or routing.intent or "") if routing else "")
        return {
            "q": words,
            "read": lines[0].partition("：")[2] if lines else "",
            "kind": kind,
            "entry": routing.entry if routing else None,
            "intent": routing.intent if routing else None,
            # An entry that is opened by its id is called by its title there.
            "title": named.q if named else "",
            "score": score,
            "sources": sources,
            "sources_named": router.name_sources(sources),
            "how": way.how,
            "recorded": answered._asdict() if answered else None,
            "lines": lines,
        }

    async def _explain_routing(self, words: str) -> list[str]:
        if len(words) > MOST_CHARACTERS:
            return [f"超过 {MOST_CHARACTERS} 个字，不逐条解释"]
        # It reads the nearest entries' phrasings anew, half a second for a long text: in a thread,
        # so that answers go on, and one at a time. A router does not change once it is built.
        today = self._clock().date()
        async with self._one_at_a_time:
            said = await asyncio.to_thread(self._live.current.explain, words, today)
        return said.splitlines()


def _words_of(inbound: Inbound) -> str:
    if inbound.type == "text":
        return inbound.text("Content")
    return inbound.text("Recognition") if inbound.type == "voice" else ""
