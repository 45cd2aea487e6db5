"""A talk as those to come will be: private, of several steps, with an action in PostgreSQL.

It is no part of the product; its words are the tests' own.
"""

import dataclasses
from datetime import timedelta

import asyncpg

from bot.replies import Text
from bot.talks.contract import Context, NotMine, Opens, Said, State, Step
from domain.errors import DomainError
from models.transactions import transaction

#: What is asked at each step, in their order.
QUESTIONS = {
    "school": "是哪所学校？",
    "story": "出了什么事？",
    "contact": "留电话，还是匿名？",
    "confirm": "回复“确认”就提交。",
}
_ORDER = list(QUESTIONS)
PICTURE = "图片收下了。"
#: A rule refuses this one.
REFUSED_SCHOOL = "没有这所学校"
#: A refusal that the talk words by itself.
CLOSED_SCHOOL = "关了门的学校"
CLOSED = "这所学校已经关了，换一所？"


async def make_table(database_url: str) -> None:
    """The table of the action."""
    connection = await asyncpg.connect(database_url)
    await connection.execute(
        "CREATE TABLE IF NOT EXISTS grievances (id serial PRIMARY KEY, key bytea UNIQUE,"
        " school text, story text, contact text, pictures int)"
    )
    await connection.close()


async def file_grievance(key: bytes, state: State) -> int:
    """As an action of the domain: its own transaction, a unique key, a rule that refuses."""
    answers = state.answers
    async with transaction() as connection:
        rows = await connection.execute_query_dict(
            "INSERT INTO grievances (key, school, story, contact, pictures)"
            " VALUES ($1, $2, $3, $4, $5) RETURNING id",
            [
                *(key, answers["school"], answers["story"], answers["contact"]),
                answers.get("pictures", 0),
            ],
        )
        if answers["school"] == REFUSED_SCHOOL:
            raise DomainError("not_found")
        if answers["school"] == CLOSED_SCHOOL:
            raise DomainError("no_permission")
        return int(rows[0]["id"])


class Grievance:
    """School, story, contact, confirm."""

    name = "complaint_new"
    version = 2
    active_for = timedelta(minutes=30)
    kept_for = timedelta(hours=24)
    private = True
    offline = False
    urgent = False

    async def begin(self, said: Said, context: Context) -> Step | Opens:
        return _ask(State("school"))

    async def step(self, state: State, said: Said, context: Context) -> Step | Opens | NotMine:
        if said.command == "go_on":
            return _ask(state)
        if said.command == "back":
            before = max(0, _ORDER.index(state.at) - 1)
            return _ask(dataclasses.replace(state, at=_ORDER[before]))
        if said.media is not None and said.media.kind == "image":
            pictures = state.answers.get("pictures", 0) + 1
            with_picture = _answer(state, "pictures", pictures, state.at)
            return Step(with_picture, Text(PICTURE))
        if said.words is None:
            return NotMine.STAYS
        if state.at != "contact" and context.route(said.words).kind == "policy":
            return NotMine.STAYS
        if state.at == "confirm":
            return self._confirm(state, said.words, context)
        following = _ORDER[_ORDER.index(state.at) + 1]
        return _ask(_answer(state, state.at, said.words, following))

    def _confirm(self, state: State, words: str, context: Context) -> Step | NotMine:
        if words != "确认":
            return NotMine.STAYS

        def refuse(refusal: DomainError) -> Step | None:
            if refusal.code == "no_permission":
                return Step(dataclasses.replace(state, at="school"), Text(CLOSED))
            return None

        return Step(
            state,
            Text("(nobody reads this)"),
            action=lambda: file_grievance(context.key, state),
            done=lambda number: Step(None, Text(f"收到了，编号{number}。")),
            refused=refuse,
        )

    def remind(self, state: State, context: Context) -> str:
        return f"接着刚才的：{QUESTIONS[state.at]}"

    def upgrade(self, state: State) -> State | None:
        """Version 1 called the school `name`."""
        if state.version < 1:
            return None
        answers = {**state.answers}
        answers["school"] = answers.pop("name", "")
        return dataclasses.replace(state, answers=answers)


def _ask(state: State) -> Step:
    return Step(state, Text(QUESTIONS[state.at]))


def _answer(state: State, key: str, value: str | int, following: str) -> State:
    return dataclasses.replace(state, at=following, answers={**state.answers, key: value})
