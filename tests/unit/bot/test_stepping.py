"""How talks lie upon one another, hand over and give way, without any store."""

import dataclasses
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.dispatch import Dispatcher
from bot.handling.stepping import Decision, NeedsPostgres, layers
from bot.replies import Text
from bot.talks.clarify import Clarify
from bot.talks.contract import Context, Media, NotMine, Opens, Place, Said, State, Step
from bot.talks.hearing import hear, read_command
from bot.talks.states import read_state, write_state
from domain.actor import Visitor
from domain.calendar import local_now
from domain.errors import DomainError
from domain.faq.live import LiveRouter
from domain.faq.routing.router import Router
from domain.vault import Vault
from settings import DataKey
from tests.support import make_settings
from tests.talks import deciding
from tests.talks.deciding import text_message


class Binding:
    """One question: the name."""

    name = "bind"
    version = 1
    active_for = timedelta(minutes=30)
    kept_for = timedelta(hours=24)
    private = True
    offline = False
    urgent = False

    async def begin(self, said: Said, context: Context) -> Step | Opens | NotMine:
        return Step(State("name"), Text("您叫什么？"))

    async def step(self, state: State, said: Said, context: Context) -> Step | Opens | NotMine:
        if said.words == "王":
            raise DomainError("invalid_input")
        return Step(None, Text("记下了。"))

    def remind(self, state: State, context: Context) -> str:
        return "名字？"

    def upgrade(self, state: State) -> State | None:
        return None


class Enrolling(Binding):
    """Needs to know who it is, so another talk comes before its own last step."""

    name = "enrol"
    private = False

    async def begin(self, said: Said, context: Context) -> Step | Opens:
        return Opens("intent:bind", after=State("chosen", {"class": 7}))

    async def step(self, state: State, said: Said, context: Context) -> Step | Opens | NotMine:
        assert said.command == "go_on"
        return Step(None, Text(f"报上了第{state.answers['class']}班。"))


class Arriving(Binding):
    """Cannot wait; "999999" it does not know."""

    name = "checkin"
    private = False
    urgent = True

    async def begin(self, said: Said, context: Context) -> Step | Opens | NotMine:
        if said.words == "999999":
            return NotMine.ENDS
        if said.words == "签退":
            return Opens("intent:bind", after=State("who", {}), lead="先要知道您是谁。")
        return Step(State("code"), Text("大屏上的数字？"))

    async def step(self, state: State, said: Said, context: Context) -> Step | Opens | NotMine:
        return Step(None, Text(f"签上了{said.scanned}。"))

    def remind(self, state: State, context: Context) -> str:
        return "数字？"


class Circle(Binding):
    name = "survey"

    async def begin(self, said: Said, context: Context) -> Step | Opens:
        return Opens("intent:survey", after=State("again"))


@pytest.fixture
def dispatcher(package_router: Router, tmp_path: Path) -> Dispatcher:
    vault = Vault(make_settings("", "", tmp_path).data_keys)
    talks = {talk.name: talk for talk in (Clarify(), Binding(), Enrolling(), Circle(), Arriving())}
    return Dispatcher(LiveRouter(package_router), vault, talks=talks)


Decide = Callable[..., Awaitable[tuple[Decision, bool]]]


@pytest.fixture
def decide(dispatcher: Dispatcher) -> Decide:
    """What becomes of one message, and whether it is private."""

    async def decide_one(
        words: str, state: State | None = None, *, active: bool = True, away: bool = False
    ) -> tuple[Decision, bool]:
        async def attempt(action: Callable[[], Awaitable[Any]]) -> Any:
            return await action()

        return await deciding.decide(
            dispatcher,
            Vault([DataKey("trial", bytes(32))]),
            Visitor(b"p" * 16),
            text_message(words),
            state,
            attempt=None if away else attempt,
            active=active,
            now=local_now(),
        )

    return decide_one


def told(decision: Decision) -> str:
    assert isinstance(decision.plan.reply, Text)
    return decision.plan.reply.content


ENROL, BIND = "我要报名", "我要实名认证"


async def test_one_talk_opens_another_and_goes_on_after_it(decide: Decide) -> None:
    decision, private = await decide(ENROL)
    state = decision.state
    assert told(decision) == "您叫什么？"
    assert private, "the one above is"
    assert state is not None and state.after is not None
    assert (state.talk, state.at, state.after.talk, state.after.at) == (
        *("bind", "name"),
        *("enrol", "chosen"),
    )
    assert read_state(write_state(state)) == state
    decision, private = await decide("王秀兰", state)
    assert told(decision) == "记下了。\n报上了第7班。"
    assert (decision.state, private) == (None, True)


async def test_who_calls_the_upper_one_off_calls_both_off(decide: Decide) -> None:
    decision, _ = await decide(ENROL)
    cancelled, _ = await decide("取消", decision.state)
    assert (cancelled.state, cancelled.touched) == (None, True)


async def test_talks_that_open_one_another_for_ever_are_a_fault(decide: Decide) -> None:
    with pytest.raises(RuntimeError, match="circle"):
        await decide("我要填问卷")


async def test_a_second_talk_does_not_begin(decide: Decide) -> None:
    begun, _ = await decide(BIND)
    decision, _ = await decide(ENROL, begun.state, active=False)
    assert "一次只能办一件" in told(decision)
    assert (decision.state, decision.touched) == (begun.state, False)


async def test_a_refusal_of_a_step_is_told_and_changes_nothing(decide: Decide) -> None:
    begun, _ = await decide(BIND)
    decision, _ = await decide("王", begun.state)
    assert (decision.plan.outcome, decision.plan.topic) == ("refused", "invalid_input")
    assert (decision.state, decision.touched) == (begun.state, False)


async def test_without_postgres_only_a_choice_goes_on(decide: Decide) -> None:
    options, _ = await decide("补贴", away=True)
    assert options.state is not None
    chosen, _ = await decide("1", options.state, away=True)
    assert (chosen.state, chosen.plan.outcome) == (None, "policy")
    begun, _ = await decide(BIND)
    for words, state in ((BIND, None), ("王秀兰", begun.state), (BIND, options.state)):
        with pytest.raises(NeedsPostgres):
            await decide(words, state, away=True)


async def test_what_is_no_state_is_not_read() -> None:
    good = State("at", {"a": [1]}, "enrol", 1, State("b", {}, "bind", 2))
    assert read_state(write_state(good)) == good
    deep = good
    for _ in range(6):
        deep = dataclasses.replace(good, after=deep)
    assert read_state(write_state(deep)) is None
    for plain in (b"", b"7", b"[]", b"{", b'{"dialogue": "clarify"}', b"null"):
        assert read_state(plain) is None


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ("取消", "cancel"),
        ("取消。", "cancel"),
        (" 返回 ", "back"),
        ("上一步！", "back"),
        ("重来", "restart"),
        ("继续", "go_on"),
        ("继续上课要交钱吗", None),
        ("", None),
        ("取消报名怎么办手续都要什么", None),
    ],
)
def test_commands(dispatcher: Dispatcher, words: str, command: str | None) -> None:
    assert read_command(words, dispatcher.texts) == command


def test_what_is_heard(dispatcher: Dispatcher) -> None:
    texts = dispatcher.texts
    assert hear(text_message("好", bizmsgmenuid="x"), texts) == Said(words="好", tapped="x")
    voice = text_message("", MsgType="voice", Recognition="继续。", MediaId="m")
    assert hear(voice, texts) == Said(words="继续。", media=Media("voice", "m"), command="go_on")
    here = text_message("", MsgType="location", Location_X="36.4", Location_Y="116.0", Label="家")
    assert hear(here, texts).place == Place(36.4, 116.0, "家")
    nowhere = text_message("", MsgType="location", Location_X="x", Location_Y="")
    assert hear(nowhere, texts) == Said()
    click = text_message("", MsgType="event", Event="CLICK", EventKey="intent:bind")
    assert hear(click, texts) == Said(tapped="intent:bind")


async def test_an_urgent_talk_lies_upon_whatever_is_open(decide: Decide) -> None:
    below = (await decide(BIND))[0].state
    decision, private = await decide("签到", below)
    assert told(decision) == "大屏上的数字？" and private, "something private waits below"
    assert decision.state is not None
    assert (decision.state.talk, decision.state.after) == ("checkin", below)
    assert read_state(write_state(decision.state)) == decision.state
    done, _ = await decide("482913", decision.state)
    assert told(done).startswith("签上了。\n您还有一件没办完的事：回复“继续”"), (
        "and nothing is asked"
    )
    assert (done.state, done.paused) == (below, True)


async def test_an_urgent_talk_makes_no_heap_of_itself(decide: Decide) -> None:
    below = (await decide(BIND))[0].state
    first = (await decide("签退", below))[0]
    assert told(first) == "先要知道您是谁。\n您叫什么？"
    assert [one.talk for one in layers(first.state)] == ["bind", "checkin", "bind"]
    again = (await decide("签退", first.state))[0]
    assert [one.talk for one in layers(again.state)] == ["bind", "checkin", "bind"]
    unclear = (await decide("发票"))[0]
    if unclear.state is not None:
        assert [one.talk for one in layers((await decide("签到", unclear.state))[0].state)] == [
            "checkin"
        ], "a choice gives way"


async def test_what_is_not_meant_for_an_urgent_talk_reaches_the_one_that_is_open(
    decide: Decide,
) -> None:
    below = (await decide(BIND))[0].state
    decision, _ = await decide("999999", below)
    assert (told(decision), decision.state) == ("记下了。", None)
    alone, _ = await decide("999999")
    assert alone.state is None and alone.plan.outcome == "none" and not alone.touched


async def test_without_postgres_nothing_urgent_is_said_to_be_done(decide: Decide) -> None:
    with pytest.raises(NeedsPostgres):
        await decide("签到", away=True)
    with pytest.raises(NeedsPostgres):
        await decide("482913", away=True)
