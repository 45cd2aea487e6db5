"""`zpt faq`: how well questions are answered, and which are not."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer

from domain.calendar import LOCAL
from scripts.beside import beside_servers
from scripts.supervisor.running_demo import find_running_demo
from settings import Need, Settings, read_settings

if TYPE_CHECKING:
    from domain.faq.evaluation import Labelled, Report
    from domain.faq.routing import Routing

Result = TypeVar("Result")

faq = typer.Typer(help="问答的质量。", no_args_is_help=True)

_SHARES = {
    "policy_right": "政策问题，直接答对",
    "policy_offered": "政策问题，答对或在选项里",
    "policy_wrong": "政策问题，答错",
    "fact_stated": "答对的里面，要的事实说到了",
    "service_right": "办事，直接打开",
    "service_offered": "办事，打开或在选项里",
    "out_answered": "不该答的，当政策答了",
}
_SHOWN_CONFUSIONS = 20

ContentOption = Annotated[
    Path | None, typer.Option(metavar="DIR", help="内容所在的文件夹，默认是自带的。")
]
AsOfOption = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="按哪一天回答，默认今天。"),
]


def register(cli: typer.Typer) -> None:
    """Add this file's commands to `zpt`."""
    cli.add_typer(faq, name="faq")


@faq.command("eval")
def evaluate_file(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE.jsonl", help="每行一个 JSON：q、kind（policy/service/out）、gold、must。"
        ),
    ],
    as_of: AsOfOption = None,
    content: ContentOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="只输出数字，一个 JSON 对象。")] = False,
    faults: Annotated[bool, typer.Option("--faults", help="列出每一个没答好的问题。")] = False,
    without: Annotated[
        list[str] | None,
        typer.Option(help="去掉一部分再算：sound keywords classifier pairs concepts。"),
    ] = None,
) -> None:
    """用有标准答案的问题来考：数字，和答到哪里去了。"""
    from assembly.faq import build_router
    from domain.faq.evaluation import evaluate
    from domain.faq.queries import answer_question
    from domain.faq.routing.race import Part

    try:
        left_out = frozenset(Part[name.upper()] for name in without or ())
    except KeyError as error:
        _refuse(f"没有这一部分：{error.args[0].lower()}")
    questions = list(_read_questions(file))
    router = build_router(read_settings(os.environ, Need.NOTHING), content, left_out)
    day = _day(as_of)
    report = evaluate(questions, lambda q: answer_question(router, q, day))
    if as_json:
        typer.echo(json.dumps(_describe(report), ensure_ascii=False))
        return
    _print_report(report, faults=faults)


@faq.command()
def crossval(
    folds: Annotated[int, typer.Option(min=2, max=100, help="分几份轮流留出来。")] = 10,
    content: ContentOption = None,
    without: Annotated[
        list[str] | None,
        typer.Option(help="去掉一部分再算：sound keywords classifier pairs concepts。"),
    ] = None,
) -> None:
    """把问法轮流留出来不学，看留出来的还能不能找到自己那一条。"""
    from content.loader import PACKAGE_CONTENT, load_content
    from domain.faq.crossval import cross_validate
    from domain.faq.routing.race import Part

    left_out = frozenset(Part[name.upper()] for name in without or ())
    loaded = load_content(content or PACKAGE_CONTENT)
    result = cross_validate(loaded, folds, left_out)
    for name, share in result.items():
        typer.echo(f"{name}：{share.hits}/{share.of} = {share.rate:.3f}")


@faq.command()
def unanswered(
    days: Annotated[int, typer.Option(min=1, max=90, help="最近多少天。")] = 30,
    most: Annotated[int, typer.Option(min=1, max=1000, help="最多列几组。")] = 50,
) -> None:
    """没有答上来的问题，分好组，个人信息已遮住；列出的问法可以直接贴到最合适的那条里。"""
    beside_servers(_settings_of_data(), lambda settings: _list_unanswered(settings, days, most))


@faq.command()
def useful(
    days: Annotated[int, typer.Option(min=1, max=90, help="最近多少天。")] = 30,
) -> None:
    """每条答案有多少人说有用、多少人说没帮上，没帮上多的排前面。"""
    beside_servers(_settings_of_data(), lambda settings: _list_useful(settings, days))


def _list_unanswered(settings: Settings, days: int, most: int) -> None:
    from assembly.faq import build_router
    from assembly.outside import make_vault
    from domain.faq.routing.segment import list_names
    from domain.faq.unanswered import group_unanswered
    from domain.messaging.queries import list_sealed_texts
    from domain.messaging.records import TEXT_PLACE
    from domain.person_names import NameFinder
    from domain.personal_data import mask_person
    from domain.vault import SealBroken

    now = datetime.now(LOCAL)
    sealed = _ask_database(
        settings, lambda: list_sealed_texts(("none", "clarify"), now - timedelta(days=days))
    )
    vault = make_vault(settings)
    said: list[str] = []
    unreadable = 0
    for key, text in sealed:
        try:
            said.append(vault.open(text, TEXT_PLACE, key).decode("utf-8", "replace"))
        except SealBroken:
            unreadable += 1
    router = build_router(settings)
    names = NameFinder(router.reader.segmenter.cut, list_names(), router.race.list_own_words())
    groups = group_unanswered(router, said, lambda text: mask_person(text, names), now.date())
    titles = {entry.id: entry.title for entry in router.content.entries}
    for group in groups[:most]:
        typer.echo(f"# {group.asked} 次，其中 {group.declined} 次没有答，其余反问。最近的：")
        for entry, chance in group.nearest:
            typer.echo(f"#   {entry}《{titles[entry]}》 {chance:.0%}")
        for question in group.questions:
            # JSON's quotes are YAML's too, whatever stands between them.
            typer.echo(f"    - {json.dumps(question, ensure_ascii=False)}")
    typer.echo(f"# 最近 {days} 天共 {len(groups)} 组。" if groups else "# 没有。")
    if unreadable:
        typer.echo(f"# 另有 {unreadable} 条是用已经不在的密钥存的，读不出来。")


def _list_useful(settings: Settings, days: int) -> None:
    from domain.messaging.queries import count_opinions

    since = datetime.now(LOCAL) - timedelta(days=days)
    counts = _ask_database(settings, lambda: count_opinions(since))
    for entry, opinions in sorted(
        counts.items(), key=lambda item: (-item[1].useless, item[1].useful, item[0])
    ):
        typer.echo(f"{entry}：有用 {opinions.useful}，没帮上 {opinions.useless}")
    if not counts:
        typer.echo("还没有人点过。")


def _settings_of_data() -> Settings:
    """The settings, with the demo's key where they name none and the demo is running."""
    demo = find_running_demo(os.environ)
    return read_settings({**os.environ, **(demo or {})}, Need.DATA_KEYS)


def _ask_database(settings: Settings, question: Callable[[], Awaitable[Result]]) -> Result:
    from assembly.outside import database

    async def ask() -> Result:
        async with database(settings):
            return await question()

    return asyncio.run(ask())


def _describe(report: Report) -> dict[str, Any]:
    return {
        name: {"hits": share.hits, "of": share.of, "rate": round(share.rate, 4)}
        for name, share in report.shares.items()
    }


def _print_report(report: Report, *, faults: bool) -> None:
    for name, share in report.shares.items():
        typer.echo(f"{_SHARES[name]}：{share.hits}/{share.of} = {share.rate:.3f}")
    if report.confusions:
        typer.echo("\n最常答错的（该是 → 成了）：")
    for wanted, got, count in report.confusions[:_SHOWN_CONFUSIONS]:
        typer.echo(f"{count:4}  {wanted} → {got}")
    if faults and report.faults:
        typer.echo("\n每一个没答好的：")
        for labelled, routing in report.faults:
            typer.echo(_word_fault(labelled, routing))


def _word_fault(labelled: Labelled, routing: Routing) -> str:
    got = routing.entry or routing.intent or routing.kind
    options = "、".join(option.entry or option.intent or "" for option in routing.options)
    wanted = "、".join(sorted(labelled.gold)) or "不该答"
    return f"[{wanted}] {labelled.q}\n    → {got} {routing.score:.2f} {options}"


def _read_questions(file: Path) -> Iterator[Labelled]:
    from domain.faq.evaluation import read_labelled

    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        _refuse(f"读不了这个文件：{file}")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
            if not isinstance(item, dict):
                raise ValueError("要是一个 JSON 对象")
            yield read_labelled(item)
        except ValueError as error:
            _refuse(f"{file}:{number}: {error}")


def _day(as_of: datetime | None) -> date:
    return (as_of or datetime.now(LOCAL)).date()


def _refuse(reason: str) -> NoReturn:
    typer.echo(reason, err=True)
    raise typer.Exit(2)
