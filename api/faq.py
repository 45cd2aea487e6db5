"""`GET /api/v1/faq`: a policy question, answered."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from aiohttp import web
from aiohttp_pydantic.oas.typing import r200
from pydantic import Field

from api.limits import QUESTIONS
from api.views import Shape, View, send
from web.access import Access, allow
from web.limits import limited

MAX_QUESTION = 20_000

#: The routing result of one question as plain values; see the Answer shape.
AnswerQuestion = Callable[[str], Mapping[str, Any]]

ANSWER_QUESTION = web.AppKey[AnswerQuestion]("answer_question")


class Option(Shape):
    title: str
    entry: str | None = None
    intent: str | None = None
    sources: list[str]


class Candidate(Shape):
    entry: str
    score: float


class Answer(Shape):
    q: str
    kind: Literal["policy", "service", "clarify", "none"]
    entry: str | None
    intent: str | None
    sources: list[str]
    options: list[Option]
    score: Annotated[float, Field(ge=0, le=1)]
    answer: str
    unstated: bool = False
    ranked: list[Candidate]


@allow(Access.ANYONE)
@limited(QUESTIONS)
class FaqView(View):
    async def get(
        self, q: Annotated[str, Field(min_length=1, max_length=MAX_QUESTION)]
    ) -> r200[Answer]:
        return send(self.request.app[ANSWER_QUESTION](q))
