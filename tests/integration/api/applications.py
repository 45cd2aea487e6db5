"""Real applications for these tests, and the few records they serve."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import aiohttp.web
import yaml

import api.application
import web.application
from api.tools import Tools
from domain.vault import Vault
from observing.metrics import Metrics
from settings import DataKey
from web.health import Check
from web.limits import Limiter

VAULT = Vault([DataKey("k1", bytes(range(32)))])
TEXTS = Path(__file__).parents[3] / "content" / "texts"


def read_texts() -> dict[str, str]:
    """The real words of the HTTP doors under the keys that Content.texts has."""

    def flatten(prefix: str, value: Any) -> Iterator[tuple[str, str]]:
        if isinstance(value, Mapping):
            for key, inner in value.items():
                yield from flatten(f"{prefix}.{key}", inner)
        else:
            yield prefix, str(value)

    return {
        key: text
        for name in ("errors", "home")
        for key, text in flatten(
            name, yaml.safe_load((TEXTS / f"{name}.yaml").read_text(encoding="utf-8"))
        )
    }


@dataclass(frozen=True)
class Clause:
    id: str
    label: str
    heading: str
    summary: str
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True)
class Policy:
    id: str
    number: str | None
    name: str
    title: str
    issuers: tuple[str, ...]
    issued_on: date
    clauses: tuple[Clause, ...]
    valid_from: date | None = None
    valid_until: date | None = None


POLICIES = (
    Policy(
        id="city-2021",
        number=None,
        name="市里的通知",
        title="关于做好培训工作的通知",
        issuers=("市人社局", "市财政局"),
        issued_on=date(2021, 5, 10),
        clauses=(
            Clause(
                "L01",
                "第1条",
                "以工代训",
                "每人每月五百元。",
                valid_from=date(2021, 1, 1),
                valid_until=date(2021, 12, 31),
            ),
            Clause("L02", "第2条", "范围", "看企业类型。"),
        ),
    ),
    Policy(
        id="province-2021",
        number="省字〔2021〕1号",
        name="省里的通知",
        title="关于印发实施方案的通知",
        issuers=("省厅",),
        issued_on=date(2021, 3, 17),
        clauses=(Clause("P1", "第1项", "目标", "全年任务。"),),
    ),
)


def answer_question(question: str) -> dict[str, Any]:
    """A routing result with the keys that interfaces.md names."""
    return {
        "q": question,
        "kind": "policy",
        "entry": "work-training-amount",
        "intent": None,
        "sources": ["L01"],
        "options": [],
        "score": 0.9,
        "answer": f"回答：{question[:20]}",
        "unstated": False,
        "ranked": [{"entry": "work-training-amount", "score": 0.9}],
    }


def make_application(
    *,
    metrics: Metrics | None = None,
    checks: Mapping[str, Check] | None = None,
    limiter: Limiter | None = None,
    tools: Tools | None = None,
    extend: Callable[[aiohttp.web.Application], None] = lambda _app: None,
    **shared: Any,
) -> aiohttp.web.Application:
    """The shared application with the API below /api, as the composition root builds it.

    `tools` is what the views of people and training work with; without it they are not there.
    `extend` may add routes of a test's own to the part below /api.
    """
    texts = read_texts()
    app = web.application.create(
        texts=texts,
        metrics=metrics or Metrics(),
        checks=checks or {},
        limiter=limiter or Limiter(VAULT, redis=None),
        **shared,
    )
    documented = api.application.create(
        answer_question=answer_question,
        list_policies=lambda: POLICIES,
        texts=texts,
        public_url="http://127.0.0.1:8080",
        tools=tools,
    )
    extend(documented)
    app.add_subapp("/api", documented)
    return app
