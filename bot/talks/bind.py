"""Being known by name (实名绑定): name, citizen ID, consent; one question at a time."""

import dataclasses
import re
import unicodedata
from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

from bot.replies import SILENCE, Text
from bot.talks.bind_erasing import ERASE, ask_whether_to_erase, step_erase
from bot.talks.contract import Context, NotMine, Opens, Said, State, Step
from content.schema import PrivacyNotice
from domain.actor import Trainee, Visitor
from domain.errors import DomainError
from domain.people.binding import Bound, begin_binding, bind_identity
from domain.people.consents import current_notice
from domain.people.queries import find_masked
from domain.people.rules import mask_id_number, mask_name, normalise_id_number, normalise_name
from domain.person_names import LONG_SURNAMES, SURNAMES
from web.words import fill

#: Fifteen digits or more, parted as people type them: meant for the ID.
_ID = re.compile(r"(?:[0-9][\s\-\u2010-\u2015\u2212_]{0,3}){14,}[0-9Xx×*]")
#: What stands around a name and an ID that come together.
_LABELS = re.compile(
    "我的|我叫|我是|本人|姓名|名字|身份证号码|身份证号|身份证|证件号码|证件号|号码|绑定|实名|[是为：:,，;；、/]"
)
_AGREED = frozenset(
    [
        "同意",
        "我同意",
        "确认",
        "好",
        "好的",
        "可以",
        "行",
        "是",
        "是的",
        "对",
        "嗯",
        "ok",
        "OK",
        "1",
    ]
)
_DECLINED = frozenset(["不同意", "我不同意", "不", "不行", "不要", "不绑", "不绑了", "否", "2"])
_PRIVACY = frozenset(["隐私", "隐私说明", "看隐私", "全文"])
#: To be deleted, and not what else is called so.
_FAREWELL = re.compile(
    "^(?!.*(?:恢复|执照|号码?注销|换|别人)).*(?:注销|删|解绑|解除|退绑|取消绑定)"
)
_LONGEST_FAREWELL = 20
#: A name of more characters without a dot is rather a sentence.
_LONGEST_PLAIN_NAME = 4


class Read(NamedTuple):
    """What a message holds of the two things, as it was written; "" for what it does not."""

    name: str
    id_number: str


class Bind:
    """Asks, checks each answer when it comes, and binds when all is agreed to."""

    name = "bind"
    version = 2
    active_for = timedelta(minutes=30)
    kept_for = timedelta(hours=24)
    private = True
    offline = False
    urgent = False

    async def begin(self, said: Said, context: Context) -> Step | Opens:
        """Ask for the name, or take what the message has brought along."""
        actor, words = context.actor, said.words or ""
        if is_farewell(words, context.texts) or _hints_at_farewell(words):
            return await ask_whether_to_erase(context)
        if not isinstance(actor, Visitor):
            return await _say_who(context)
        following = _take(State("name"), _read(said.words or ""), context, asked=False)

        async def meet() -> object:
            return await begin_binding(
                actor,
                context.vault,
                sender=actor.sender,
                openid=context.openid,
                now=context.now,
            )

        return dataclasses.replace(following, action=meet)

    async def step(self, state: State, said: Said, context: Context) -> Step | Opens | NotMine:
        """Take an answer, or leave it where it is none."""
        if state.at == ERASE:
            return await step_erase(state, said, context)
        if is_farewell(said.words or "", context.texts):
            return await ask_whether_to_erase(context)
        if isinstance(context.actor, Trainee):
            # Bound meanwhile: in the mini-program, or because WeChat says that it is one user.
            return await _say_who(context)
        if said.command == "go_on":
            return _ask(state, context)
        if said.command == "back":
            return _go_back(state, context)
        if said.words is None:
            return NotMine.STAYS
        if state.at == "consent":
            return _conclude(state, said.words.strip(" 。.！!～~"), context)
        read = _read(said.words)
        if state.at == "name" and not read.id_number and _is_question(read.name, said, context):
            return NotMine.STAYS
        if state.at == "id" and not read.id_number:
            if not re.search(r"[0-9]{4}", unicodedata.normalize("NFKC", said.words)):
                asks = context.route(said.words).kind in ("policy", "service")
                return NotMine.STAYS if asks else _ask(state, context)
            read = Read("", said.words)
        return _take(state, read, context)

    def remind(self, state: State, context: Context) -> str:
        """One line."""
        return context.texts[f"bind.remind_{state.at}"]

    def upgrade(self, state: State) -> State | None:
        """The first version could not erase; all else is the same."""
        return state


def is_farewell(words: str, texts: Mapping[str, str]) -> bool:
    """Whether somebody says, in so many words, that they do not want to be known any longer."""
    return words.strip(" 。.！!～~") in texts["bind.leave_words"].split()


def _hints_at_farewell(words: str) -> bool:
    """Whether words that are about being bound ask, in whatever way, to be deleted."""
    return len(words) <= _LONGEST_FAREWELL and bool(_FAREWELL.search(words))


def holds_id_number(words: str) -> bool:
    """Whether something in `words` is as long as an ID, in whatever way it is parted."""
    return _ID.search(unicodedata.normalize("NFKC", words)) is not None


def _read(words: str) -> Read:
    plain = unicodedata.normalize("NFKC", words)
    found = _ID.search(plain)
    if found is None:
        return Read(_LABELS.sub(" ", words).strip(), "")
    rest = plain[: found.start()] + " " + plain[found.end() :]
    return Read(_LABELS.sub(" ", rest).strip(" 。.！!"), found[0])


def _take(state: State, read: Read, context: Context, *, asked: bool = True) -> Step:
    """The state with what was read and fits, and the next question; first what does not fit.

    Raises DomainError for a single answer that does not fit: the talk stands where it stood.
    """
    answers = dict(state.answers)
    faults: list[DomainError] = []
    if read.name and (asked or read.id_number) and (state.at == "name" or read.id_number):
        try:
            answers["name"] = normalise_name(read.name)
        except DomainError as fault:
            faults.append(fault)
    if read.id_number:
        try:
            answers["id_number"] = normalise_id_number(read.id_number, context.now.date())
        except DomainError as fault:
            faults.append(fault)
    at = next((key for key, kept in _NEEDED if kept not in answers), "consent")
    following = dataclasses.replace(state, at=at, answers=answers)
    if not faults:
        return _ask(following, context, opening=not asked and not answers)
    if asked and answers == dict(state.answers):
        raise faults[0]
    return Step(following, Text("\n".join(_word(context.texts, fault) for fault in faults)))


_NEEDED = (("name", "name"), ("id", "id_number"))


def _word(texts: Mapping[str, str], fault: DomainError) -> str:
    about = fault.facts.get("about", "")
    text = texts.get(f"errors.{fault.code}.about.{about}") or texts[f"errors.{fault.code}.detail"]
    return fill(text, fault.facts)


def _ask(state: State, context: Context, *, opening: bool = False) -> Step:
    texts = context.texts
    if state.at == "consent":
        return Step(state, Text(_word_consent(state, context)))
    key = "bind.open" if opening else f"bind.ask_{state.at}"
    return Step(state, Text(texts[key]))


def _word_consent(state: State, context: Context) -> str:
    notice = _notice_of(context)
    return context.texts["bind.ask_consent"].format(
        name=mask_name(state.answers["name"]),
        id_number=mask_id_number(state.answers["id_number"]),
        summary=notice.summary,
    )


def _notice_of(context: Context) -> PrivacyNotice:
    notice = current_notice(context.content.privacy, context.now.date())
    if notice is None:
        # Without one nobody can agree to anything.
        raise DomainError("unavailable")
    return notice


def _go_back(state: State, context: Context) -> Step:
    """One question back; what was answered there is asked again. Beyond the first one is what
    has opened this talk."""
    if state.at == "name":
        if state.after is not None:
            return Step(None, SILENCE)
        return Step(state, Text(context.texts["bind.first"]))
    at, kept = {"consent": ("id", "id_number")}.get(state.at, ("name", "name"))
    answers = {key: value for key, value in state.answers.items() if key != kept}
    return _ask(dataclasses.replace(state, at=at, answers=answers), context)


def _conclude(state: State, words: str, context: Context) -> Step | NotMine:
    texts = context.texts
    if words in _DECLINED:
        return Step(None, Text(texts["bind.declined"]))
    if words in _PRIVACY:
        return Step(state, Text(_word_privacy(_notice_of(context), texts)))
    if words not in _AGREED:
        read = _read(words)
        if read.id_number:
            return _take(state, read, context)
        return NotMine.STAYS if context.route(words).kind != "none" else _ask(state, context)
    actor = context.actor
    assert isinstance(actor, Visitor)
    notice = _notice_of(context)

    async def bind() -> Bound:
        return await bind_identity(
            actor,
            context.vault,
            context.content.privacy,
            identity=actor.sender,
            name=state.answers["name"],
            id_number=state.answers["id_number"],
            consent=notice.version,
            counties=[county.code for county in context.content.counties],
            now=context.now,
        )

    return Step(
        state,
        Text(""),
        action=bind,
        done=lambda bound: Step(None, Text(_word_done(bound, texts))),
        refused=lambda refusal: _refuse(refusal, state, texts),
    )


def _refuse(refusal: DomainError, state: State, texts: Mapping[str, str]) -> Step | None:
    """Where another answer may help the talk goes on, elsewhere it ends with a way to a person."""
    if refusal.code == "identity_name_differs":
        return Step(
            State("name", {"id_number": state.answers["id_number"]}),
            Text(texts["bind.name_differs"]),
        )
    if refusal.code == "identity_taken":
        by_officer = refusal.facts.get("about") == "officer"
        return Step(None, Text(texts["bind.taken_officer"] if by_officer else texts["bind.taken"]))
    if refusal.code == "not_found":
        return Step(None, Text(texts["bind.begin_again"]))
    return None


def _word_done(bound: Bound, texts: Mapping[str, str]) -> str:
    return texts["bind.done"].format(
        name=mask_name(bound.name), id_number=mask_id_number(bound.id_number)
    )


def _word_privacy(notice: PrivacyNotice, texts: Mapping[str, str]) -> str:
    lines = [f"{one.heading}：{one.text.splitlines()[0]}" for one in notice.sections]
    head = f"{notice.title}（{notice.version}版）"
    return "\n".join([head, *lines, texts["bind.after_privacy"]])


async def _say_who(context: Context) -> Step:
    """Somebody who is bound: as whom, and what can be changed and how."""
    assert isinstance(context.actor, Trainee)
    masked = (await find_masked(context.vault, [context.actor.id]))[context.actor.id]
    told = context.texts["bind.already"].format(name=masked.name, id_number=masked.id_number)
    return Step(None, Text(told))


def _is_question(name: str, said: Said, context: Context) -> bool:
    """Whether what came in place of a name is rather a question: one that is known, and neither
    begins as names do nor is as short."""
    if "·" in name or "•" in name:
        return False
    has_surname = name[:2] in LONG_SURNAMES or name[:1] in SURNAMES
    if has_surname and len(name) <= _LONGEST_PLAIN_NAME:
        return False
    return context.route(said.words or "").kind != "none"
