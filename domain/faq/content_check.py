"""The editors' linter: what the loader cannot see in one record alone.

The router itself is the judge of phrasings: each has to find its own entry first.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from unicodedata import normalize

from content.loader import ContentFolder, Problem
from content.menu_targets import read_menu_targets
from content.schema import Content, Entry, Service
from content.versions import check_versions
from domain.faq import wording
from domain.faq.routing import Router
from domain.faq.routing.candidates import Candidate, Kind
from domain.faq.routing.text import normalise
from domain.faq.routing.training import ModelStore
from domain.faq.wording import Contact, Sources, Wording

MIN_PHRASINGS = 8
MAX_ANSWER_LENGTH = 300
MAX_TITLE_LENGTH = 20
#: What knows what to do with a scanned code (bot/talks/check_in.py).
_SCANNED = "intent:checkin"

#: A sum, a number of months or a share: what only a notice can say.
_FIGURE = re.compile(r"[\d.,一二两三四五六七八九十百千万半]+\s*(?:元|块钱|个月|%)|百分之")

_PLACE_KINDS = {Kind.ENTRY: "entry", Kind.SERVICE: "service", Kind.SMALL_TALK: "smalltalk"}


@dataclass(frozen=True, slots=True)
class Report:
    """problems: what has to be mended. clauses: how many the folder has."""

    problems: tuple[Problem, ...]
    clauses: int


def check_content(
    loaded: ContentFolder,
    contact: Contact | None = None,
    models: ModelStore | None = None,
    asked_for: Iterable[str] = (),
) -> Report:
    """Everything wrong in a folder. One that did not load is reported as far as it was read.

    `contact` as the answers will name it: its line counts in their length. `models` keeps the
    classifier that is trained on the way. `asked_for`: the texts that the doors say, by key.
    """
    content = loaded.content
    if content is None:
        return Report(tuple(sorted(loaded.problems)), 0)
    problems: list[Problem] = []
    worded = Wording(Sources.of(content), content.texts, contact)
    problems += _check_policies(loaded, content, worded.sources)
    problems += _check_entries(loaded, content, worded)
    problems += _check_services(loaded, content, worded)
    problems += _check_topics(loaded, content)
    problems += _check_lexicon(loaded, content)
    problems += _check_menu(loaded, content)
    problems += check_versions(loaded.folder / "privacy")
    for key in asked_for:
        if not content.texts.get(key):
            name = key.partition(".")[0]
            problems.append(Problem(loaded.folder / "texts" / f"{name}.yaml", 1, f"缺少文字 {key}"))
    faults = list(wording.find_text_faults(content.texts))
    if faults:
        file = loaded.folder / "texts" / "faq.yaml"
        problems += [Problem(file, 1, fault) for fault in faults]
    elif not any(wording.find_lost_targets(content)):
        problems += _check_phrasings(loaded, Router(content, contact=contact, models=models))
    problems += loaded.problems  # The menu is read here and may have added some.
    return Report(tuple(sorted(set(problems))), len(worded.sources.clauses))


def _problem(
    loaded: ContentFolder, kind: str, name: str, location: Iterable[object], message: str
) -> Problem:
    file, line = loaded.place(kind, name, *location)
    return Problem(file, line, f"{name}：{message}")


def _check_policies(loaded: ContentFolder, content: Content, sources: Sources) -> Iterator[Problem]:
    """Every clause is answered by an entry, and what a notice replaces is there."""
    cited = {source for entry in content.entries for source in entry.sources}
    notices = {policy.id for policy in content.policies}
    for policy in content.policies:
        for number, name in enumerate(policy.supersedes):
            if name == policy.id or (name not in notices and name not in sources.clauses):
                yield _problem(
                    loaded,
                    "policy",
                    policy.id,
                    ("supersedes", number),
                    f"没有 {name} 这份通知或这一条",
                )
        for clause in policy.clauses:
            if clause.id not in cited:
                yield _problem(loaded, "clause", clause.id, (), "还没有一条问答引它")


def _check_entries(loaded: ContentFolder, content: Content, worded: Wording) -> Iterator[Problem]:
    sources = worded.sources
    known = {entry.id for entry in content.entries}
    intents = {service.intent for service in content.services}

    def problem(entry: Entry, location: Iterable[object], message: str) -> Problem:
        return _problem(loaded, "entry", entry.id, location, message)

    for entry in content.entries:
        for number, source in enumerate(entry.sources):
            # Without notices there is nothing to look a source up in: answers name its id.
            if content.policies and source not in sources.clauses:
                yield problem(entry, ("sources", number), f"没有 {source} 这一条")
        if not entry.sources and not entry.unstated:
            yield problem(entry, (), "没有写依据 sources")
        if len(entry.phrasings) < MIN_PHRASINGS:
            yield problem(entry, ("phrasings",), _too_few(len(entry.phrasings)))
        if len(entry.title) > MAX_TITLE_LENGTH:
            yield problem(
                entry, ("title",), f"标题 {len(entry.title)} 个字，最多 {MAX_TITLE_LENGTH} 个"
            )
        yield from (problem(entry, ("answer",), message) for message in _find_long(entry, worded))
        for number, related in enumerate(entry.related):
            if related not in known or related == entry.id:
                yield problem(entry, ("related", number), f"related 里的 {related} 不是别的问答")
        if entry.service is not None and entry.service not in intents:
            yield problem(entry, ("service",), f"services.yaml 里没有 {entry.service}")
        for location, message in _find_false_end(entry, sources):
            yield problem(entry, location, message)


def _find_false_end(entry: Entry, sources: Sources) -> Iterator[tuple[tuple[str, ...], str]]:
    """(field, message): where all clauses of an entry have an end, so has the entry, and no later
    one. What the notices leave unstated may outlast them, and what says of itself that it does."""
    end = sources.find_end_of_sources(entry)
    if end is None:
        return
    until = f"依据的条款都写明到 {wording.format_date(end)} 为止"
    if "valid_until" not in entry.model_fields_set:
        yield (), f"{until}，要写 valid_until"
    elif entry.valid_until is None:
        if not (entry.unstated or entry.outlasts):
            message = "valid_until 写了 null，过了期也不会说：要写日期，或者补上没有期限的依据"
            yield ("valid_until",), f"{until}，{message}"
    elif entry.valid_until > end:
        yield ("valid_until",), f"{until}，valid_until 比依据的条款晚"


def _find_long(entry: Entry, worded: Wording) -> Iterator[str]:
    if len(entry.answer) > MAX_ANSWER_LENGTH:
        yield f"答案 {len(entry.answer)} 个字，最多 {MAX_ANSWER_LENGTH} 个"
    if any(wording.find_text_faults(worded.texts)):
        return
    for as_of in worded.list_turning_days(entry):
        if entry.answer not in worded.compose_answer(entry, as_of):
            yield f"答案加上头尾超过 {wording.MAX_ANSWER_BYTES} 字节，微信发不出"
            return


def _check_services(loaded: ContentFolder, content: Content, worded: Wording) -> Iterator[Problem]:
    intents = {service.intent for service in content.services}
    for service in content.services:
        name: str = service.intent
        if len(service.phrasings) < MIN_PHRASINGS:
            message = _too_few(len(service.phrasings))
            yield _problem(loaded, "service", name, ("phrasings",), message)
        if len(service.title) > MAX_TITLE_LENGTH:
            message = f"标题 {len(service.title)} 个字，最多 {MAX_TITLE_LENGTH} 个"
            yield _problem(loaded, "service", name, ("title",), message)
        for location, message in _find_policy_faults(service, content, worded):
            yield _problem(loaded, "service", name, (location,), message)
    for talk in content.smalltalk:
        if talk.service is not None and talk.service not in intents:
            message = f"services.yaml 里没有 {talk.service}"
            yield _problem(loaded, "smalltalk", talk.id, ("service",), message)
    answers: list[tuple[str, str, str]] = [
        ("service", service.intent, service.answer) for service in content.services
    ]
    answers += [("smalltalk", talk.id, talk.answer) for talk in content.smalltalk]
    for kind, name, answer in answers:
        if len(answer.encode()) > wording.MAX_ANSWER_BYTES:
            message = f"答案超过 {wording.MAX_ANSWER_BYTES} 字节，微信发不出"
            yield _problem(loaded, kind, name, ("answer",), message)


def _find_policy_faults(
    service: Service, content: Content, worded: Wording
) -> Iterator[tuple[str, str]]:
    """(field, message): policy is said by an entry, which names its sources and knows the date."""
    if service.policy is None:
        figure = _FIGURE.search(normalize("NFKC", service.answer))
        if figure is not None:
            yield (
                "answer",
                f"“{figure[0]}”是政策里的数，要写出处：写到问答里，这里用 policy 指过去",
            )
        return
    policy = next((entry for entry in content.entries if entry.id == service.policy), None)
    if policy is None:
        yield "policy", f"没有 {service.policy} 这条问答"
    elif not any(wording.find_text_faults(content.texts)):
        for as_of in worded.list_turning_days(policy):
            said = worded.compose_service_answer(service, policy, as_of)
            if policy.answer not in said:
                message = f"答案连同 {policy.id} 的超过 {wording.MAX_ANSWER_BYTES} 字节，微信发不出"
                yield "answer", message
                return


def _check_topics(loaded: ContentFolder, content: Content) -> Iterator[Problem]:
    targets = {f"entry:{entry.id}" for entry in content.entries}
    targets |= {f"intent:{service.intent}" for service in content.services}
    seen: dict[str, str] = {}
    for topic in content.topics:
        for number, offer in enumerate(topic.offers):
            if offer not in targets:
                yield _problem(loaded, "topic", topic.id, ("offers", number), f"{offer} 不存在")
            elif offer in topic.offers[:number]:
                yield _problem(loaded, "topic", topic.id, ("offers", number), f"{offer} 写了两次")
        for number, word in enumerate(topic.words):
            first = seen.setdefault(normalise(word), topic.id)
            if first != topic.id or word in topic.words[:number]:
                message = f"“{word}”写了两次（{first}）"
                yield _problem(loaded, "topic", topic.id, ("words", number), message)


def _check_lexicon(loaded: ContentFolder, content: Content) -> Iterator[Problem]:
    groups: dict[str, int] = {}
    for number, group in enumerate(content.lexicon.synonyms):
        for position, word in enumerate(group):
            first = groups.setdefault(normalise(word), number)
            if first != number or word in group[:position]:
                file, line = loaded.place("lexicon", "synonyms", number, position)
                yield Problem(file, line, f"{word} 已经在别处，一个词只能在一组同义词里写一次")
    for slip, right in content.lexicon.typos.items():
        file, line = loaded.place("lexicon", "typos", slip)
        if len(normalise(slip)) < 2:
            yield Problem(file, line, f"{slip}：错别字至少写两个字，一个字会改坏别的词")
        elif normalise(slip) == normalise(right):
            yield Problem(file, line, f"{slip}：改前改后一样")


def _check_menu(loaded: ContentFolder, content: Content) -> Iterator[Problem]:
    entries = {entry.id for entry in content.entries}
    intents = {str(service.intent) for service in content.services}
    for button in read_menu_targets(loaded):
        file, line, target = button.file, button.line, button.target
        kind, _, name = target.partition(":")
        if kind not in ("entry", "intent"):
            yield Problem(file, line, f"菜单的 key 要写 entry:编号 或 intent:名字，不是 {target}")
        elif name not in (entries if kind == "entry" else intents):
            yield Problem(file, line, f"菜单指向的 {target} 不存在")
        elif button.scans and target != _SCANNED:
            yield Problem(file, line, f"扫码的按钮现在只能是 {_SCANNED}，不是 {target}")


def _check_phrasings(loaded: ContentFolder, router: Router) -> Iterator[Problem]:
    """Each phrasing finds its own candidate first, and is written once."""
    seen: dict[str, Candidate] = {}
    for candidate in router.candidates:
        kind = _PLACE_KINDS[candidate.kind]
        for number, phrasing in enumerate(candidate.record.phrasings):
            location = ("phrasings", number)
            text = normalise(phrasing)
            if not text and candidate is router.wordless:
                continue
            other = seen.setdefault(text, candidate)
            repeated = text in map(normalise, candidate.record.phrasings[:number])
            if other is not candidate or repeated:
                message = f"问法“{phrasing}”写了两次（{other.name}）"
                yield _problem(loaded, kind, candidate.name, location, message)
                continue
            ranking = router.rank(router.reader.read(phrasing))
            if not ranking:
                message = f"问法“{phrasing}”对不上自己，是不是有自己的排除词"
                yield _problem(loaded, kind, candidate.name, location, message)
            elif ranking[0][0] is not candidate:
                winner, score = ranking[0]
                message = f"问法“{phrasing}”会答到 {winner.name} 去（{score:.2f}）"
                yield _problem(loaded, kind, candidate.name, location, message)


def _too_few(count: int) -> str:
    return f"只有 {count} 个问法，至少要 {MIN_PHRASINGS} 个"
