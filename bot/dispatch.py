"""Event, service word, or policy question: what a message wants, from the message alone."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from bot.refusals import word_refusal
from bot.replies import SILENCE, Reply, Text
from bot.schools import INTENT
from bot.talks import TALKS
from bot.talks.bind import is_farewell
from bot.talks.check_in_reading import CHECK_IN, read_asked, read_scanned
from bot.talks.contract import Command, Talk
from bot.talks.hearing import read_command
from bot.taps import read_opinion, word_routing
from bot.wire.inbound import UNKNOWN_KIND, Inbound
from content.schema import Content
from domain.errors import DomainError
from domain.faq.live import LiveRouter
from domain.faq.queries import answer_question, answer_target
from domain.faq.routing.result import Routing
from domain.faq.wording import Contact
from domain.messaging import actions, rules
from domain.messaging.records import FORGETTING_KINDS, SCENE_LENGTH
from domain.vault import Vault

log = structlog.get_logger(__name__)

#: What is said to a message that is not words; keys of content/texts/bot.yaml. With text and voice
#: these are all of the platform's (bot/wire/inbound.py).
REPLY_TO_MESSAGE = {
    "image": "bot.image",
    "video": "bot.video",
    "shortvideo": "bot.video",
    "location": "bot.location",
    "link": "bot.link",
    "miniprogrampage": "bot.mini_program_page",
    "file": "bot.file",
}
#: What is said to a command where no talk is open.
_REPLY_TO_COMMAND: dict[Command, str] = {
    "cancel": "bot.nothing_to_cancel",
    "back": "bot.nothing_to_go_on",
    "restart": "bot.nothing_to_go_on",
    "go_on": "bot.nothing_to_go_on",
}
#: Where a school's classes are.
_ENROL = "intent:enrol"
_REPLY_TO_OPINION = {"useful": "bot.useful", "useless": "bot.useless"}
_REPLY_TO_EVENT = {
    "subscribe": "bot.welcome",
    "scan": "bot.scan",
    "scancode_waitmsg": "bot.scan_code",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done with one message, decided from the message alone."""

    #: The reply if no dialogue is open.
    reply: Reply
    #: How it is recorded: policy, service, clarify, none, useful, useless, dialogue, event,
    #: message, unknown, refused, failed. Handling adds slow_down.
    outcome: str
    topic: str = ""
    score: float | None = None
    #: What the person said in words, None for anything else.
    said: str | None = None
    #: What the record carries, already sealed, in the place of what was said.
    keepsake: bytes = b""
    #: Nobody is being talked to: open dialogues and the order of messages do not matter.
    aside: bool = False
    #: The use case that the message sets off, if any. Where a talk has decided on it, it answers
    #: the reply.
    action: Callable[[], Awaitable[object]] | None = None
    #: The action deletes what is known of the person; an open dialogue goes with it.
    forgets: bool = False
    #: The talk that begins with the message, by name; `reply` is then none of it.
    begins: str = ""
    #: The message is that talk's, whatever other talk is open: nothing else is meant by it.
    comes_first: bool = False
    #: What is done where the talk that it begins says that it was not meant after all.
    otherwise: "Plan | None" = None
    #: What the words mean as a question, where they were taken for one.
    routing: Routing | None = None

    @property
    def at_once(self) -> bool:
        """The reply needs nothing but the message, as long as no dialogue is open."""
        return self.action is None and not self.begins


class Dispatcher:
    """Decides what each message wants. Holds no state of a person."""

    def __init__(
        self,
        live: LiveRouter,
        vault: Vault,
        count_unknown: Callable[[], object] = lambda: None,
        talks: Mapping[str, Talk] = TALKS,
        asks_after_school: Callable[[str], bool] = lambda _said: False,
        wants_class_of_school: Callable[[str], bool] = lambda _said: False,
    ) -> None:
        """`asks_after_school`: whether a message names a school of the directory, and asks no more
        than how it stands; `wants_class_of_school`: than for its classes."""
        self._live = live
        self._vault = vault
        self._count_unknown = count_unknown
        self.asks_after_school = asks_after_school
        self._wants_class_of_school = wants_class_of_school
        #: Everything the official account says besides answers.
        self.texts = live.texts
        #: Every talk by name.
        self.talks = talks

    def plan(self, inbound: Inbound, sender: bytes, now: datetime) -> Plan:
        """What `inbound` wants, if no dialogue is open. Does nothing but log and count what is
        unknown."""
        if inbound.kind == UNKNOWN_KIND:
            return self._ignore_unknown(inbound)
        if inbound.type == "text":
            return self._plan_words(inbound.text("Content"), inbound.text("bizmsgmenuid"), now)
        if inbound.type == "voice":
            heard = inbound.text("Recognition")
            return self._plan_words(heard, "", now) if heard else self._say("bot.voice", "message")
        if inbound.type == "event":
            return self._plan_event(inbound, sender, now)
        return self._say(REPLY_TO_MESSAGE[inbound.type], "message")

    @property
    def content(self) -> Content:
        """What is said at the moment."""
        return self._live.content

    @property
    def contact(self) -> Contact | None:
        """Whom people may ask, and where they complain."""
        return self._live.current.contact

    def route(self, words: str, now: datetime) -> Routing:
        """What words mean as a question."""
        return answer_question(self._live.current, words, now.date())

    def plan_target(self, target: str, now: datetime, said: str | None) -> Plan:
        """A menu key, a tapped option: "entry:ID" or "intent:NAME"."""
        routing = answer_target(self._live.current, target, now.date())
        if routing is None:
            # Menus stay on phones for a while after they have changed.
            return Plan(self.say("bot.gone"), "none", said=said)
        return self._plan_routing(routing, said)

    def refuse(self, plan: Plan, refusal: DomainError) -> Plan | None:
        """What is said where a rule refuses what `plan` sets off; None where no table knows it."""
        words = word_refusal(self.texts, refusal)
        if words is None:
            return None
        return Plan(Text(words), "refused", topic=refusal.code, said=plan.said)

    def say(self, key: str) -> Text:
        """A text of content/texts/bot.yaml."""
        return Text(self.texts[key])

    def _say(self, key: str, outcome: str) -> Plan:
        return Plan(self.say(key), outcome)

    def _plan_words(self, said: str, menu_id: str, now: datetime) -> Plan:
        if not said:
            return self._say("bot.empty", "message")
        command = read_command(said, self.texts)
        if command is not None:
            return Plan(self.say(_REPLY_TO_COMMAND[command]), "message", said=said)
        opinion = read_opinion(menu_id)
        if opinion is not None and self._live.current.has_entry(opinion.entry):
            return Plan(
                self.say(_REPLY_TO_OPINION[opinion.outcome]),
                opinion.outcome,
                topic=opinion.entry,
                said=said,
            )
        if menu_id:
            return self.plan_target(menu_id, now, said)
        if is_farewell(said, self.texts):
            # By itself the word is asked of business licences too: who is bound here means this.
            return self.plan_target("intent:bind", now, said)
        asked = read_asked(said, self.texts)
        if asked is not None:
            plan = self._plan_check_in(said, now)
            if plan is not None:
                # Six digits alone are a code where the person has a class now, which nobody knows
                # here.
                alone = asked.what is None
                return replace(plan, otherwise=self._plan_rest(said, now) if alone else None)
        return self._plan_rest(said, now)

    def _plan_check_in(self, said: str | None, now: datetime) -> Plan | None:
        """The message is a check-in; None where there is none (a foreign folder's content)."""
        routing = answer_target(self._live.current, f"intent:{CHECK_IN}", now.date())
        if routing is None or CHECK_IN not in self.talks:
            return None
        return replace(self._plan_routing(routing, said), comes_first=True)

    def _plan_rest(self, said: str, now: datetime) -> Plan:
        if self.asks_after_school(said):
            # No phrasing of the content has the name: the directory alone knows it.
            return self.plan_target(f"intent:{INTENT}", now, said)
        if self._wants_class_of_school(said):
            return self.plan_target(_ENROL, now, said)
        return self._plan_routing(self.route(said, now), said)

    def _plan_routing(self, routing: Routing, said: str | None) -> Plan:
        return Plan(
            Text(word_routing(routing, self.texts)),
            routing.kind,
            topic=routing.entry or routing.intent or "",
            score=routing.score,
            said=said,
            begins=self._talk_of(routing),
            routing=routing,
        )

    def _talk_of(self, routing: Routing) -> str:
        if routing.kind == "service" and routing.intent in self.talks:
            return str(routing.intent)
        return rules.CHOICE if routing.kind == "clarify" else ""

    def _plan_event(self, inbound: Inbound, sender: bytes, now: datetime) -> Plan:
        if inbound.event == "click":
            return self.plan_target(inbound.text("EventKey"), now, None)
        if inbound.kind in FORGETTING_KINDS:
            return Plan(
                SILENCE, "event", forgets=True, action=lambda: actions.forget_sender(sender, now)
            )
        if inbound.event == "subscribe":
            scene = inbound.text("EventKey").removeprefix("qrscene_")[:SCENE_LENGTH]
            openid_sealed = self._vault.seal(
                inbound.sender.encode(), actions.FOLLOWER_OPENID_PLACE, sender
            )
            return Plan(
                self.say("bot.welcome"),
                "event",
                topic=scene,
                keepsake=openid_sealed,
                action=lambda: actions.remember_follower(
                    sender=sender, openid_sealed=openid_sealed, scene=scene, now=now
                ),
            )
        if read_scanned(inbound.scanned) is not None:
            plan = self._plan_check_in(None, now)
            if plan is not None:
                return plan
        if inbound.event in _REPLY_TO_EVENT:
            return self._say(_REPLY_TO_EVENT[inbound.event], "event")
        # Known, and deliberately not answered: nobody has said anything, or a message follows.
        return Plan(SILENCE, "event", aside=True)

    def _ignore_unknown(self, inbound: Inbound) -> Plan:
        # The names come from outside: only ones that look like names go into the log.
        name = inbound.name if inbound.name.replace(".", "").replace("_", "").isalnum() else "?"
        log.warning("unknown_message", kind=name)
        self._count_unknown()
        return Plan(SILENCE, "unknown", aside=True)
