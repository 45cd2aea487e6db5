"""A POST that is sent twice under one key is done once, also when something breaks in between."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest
from aiohttp import web
from aiohttp_pydantic.oas.typing import r201

import domain.idempotency.actions
from api.idempotency import answer_once, idempotent
from api.views import Shape, View, send
from domain.actor import System, Trainee
from domain.calendar import local_now
from domain.errors import DomainError
from domain.idempotency.actions import forget_answers
from domain.idempotency.rules import Answer, Asked, read_answer, write_answer
from models.idempotency import FirstAnswer
from models.people import Person
from models.transactions import transaction
from tests.integration.api.applications import VAULT, make_application
from web.access import ACTOR, Access, allow
from web.body_limits import body

KEY = {"Idempotency-Key": "0193-a-key"}
MAKE = "/api/v1/trial/things"


class Wish(Shape):
    county: str
    refuse: str = ""


class Made(Shape):
    id: UUID


async def make_thing(wish: Wish, *, hold: Callable[[], Awaitable[object]]) -> Person:
    """As an action does it: one transaction, its own."""
    async with transaction() as connection:
        made = await Person.create(
            index_key_id="k1",
            county=wish.county,
            source="trial",
            created_at=local_now(),
            using_db=connection,
        )
        if wish.refuse == "inside":
            raise DomainError("invalid_input")
        await hold()
    if wish.refuse == "afterwards":
        raise DomainError("invalid_input")
    if wish.refuse == "bug":
        raise RuntimeError("a fault of ours")
    return made


async def go_on() -> None:
    """Nothing holds it up."""


class Trial:
    """The served application, and what holds its views up."""

    def __init__(self) -> None:
        self.hold: Callable[[], Awaitable[object]] = go_on
        self.now = local_now()

    def extend(self, app: web.Application) -> None:
        trial = self

        @allow(Access.SIGNED_IN)
        @body(most_bytes=1024, seconds=5)
        class ThingsView(View):
            @idempotent
            async def post(self, wish: Wish) -> r201[Made]:
                made = await make_thing(wish, hold=trial.hold)
                return send(Made.model_validate(made), status=201)

        app.middlewares.append(answer_once(VAULT, lambda: self.now))
        app.router.add_view("/v1/trial/things", ThingsView)
        app.router.add_view("/v1/trial/others", ThingsView)


async def let_in(request: web.Request) -> None:
    request[ACTOR] = Trainee(UUID(int=int(request.headers.get("X-Trial-Person", "1"))))


@pytest.fixture
def trial() -> Trial:
    return Trial()


@pytest.fixture
async def client(aiohttp_client, database: str, trial: Trial):
    app = make_application(guards={Access.SIGNED_IN: let_in}, extend=trial.extend)
    return await aiohttp_client(app)


async def ask(client, wish: object = None, headers=KEY, path: str = MAKE):
    response = await client.post(path, json=wish or {"county": "371502"}, headers=headers)
    return response, await response.json()


async def test_the_first_answer_is_given_again(client) -> None:
    first, made = await ask(client)
    again, same = await ask(client)
    assert (first.status, again.status) == (201, 201)
    assert made == same
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["Content-Type"] == first.headers["Content-Type"]
    assert await Person.all().count() == 1


async def test_without_a_key_each_is_its_own(client) -> None:
    assert (await ask(client, headers={}))[1] != (await ask(client, headers={}))[1]
    assert await FirstAnswer.all().count() == 0


@pytest.mark.parametrize(
    ("headers", "path"),
    [
        ({"Idempotency-Key": "another"}, MAKE),
        ({**KEY, "X-Trial-Person": "2"}, MAKE),
        (KEY, "/api/v1/trial/others"),
    ],
    ids=["another key", "another person", "another route"],
)
async def test_others_do_not_meet_it(client, headers: dict[str, str], path: str) -> None:
    _, made = await ask(client)
    response, other = await ask(client, headers=headers, path=path)
    assert response.status == 201
    assert made != other


async def test_another_body_under_the_key_is_refused(client) -> None:
    await ask(client)
    response, problem = await ask(client, {"county": "371521"})
    assert (response.status, problem["code"]) == (422, "idempotency_key_reused")
    assert await Person.all().count() == 1


@pytest.mark.parametrize("key", ["", "a b", "x" * 201, "钥匙"])
async def test_a_key_that_is_none_is_told(client, key: str) -> None:
    response, problem = await ask(client, headers={"Idempotency-Key": key})
    assert (response.status, problem["code"]) == (422, "invalid_input")
    assert problem["facts"]["fields"][0]["in"] == "header"


async def test_of_ten_at_once_one_runs(client, trial: Trial) -> None:
    async def wait_a_little() -> None:
        await asyncio.sleep(0.2)

    trial.hold = wait_a_little
    answers = await asyncio.gather(*(ask(client) for _ in range(10)))
    assert {response.status for response, _ in answers} == {201}
    assert len({made["id"] for _, made in answers}) == 1
    assert await Person.all().count() == 1


async def test_whoever_waits_too_long_is_told_to_come_back(
    client, trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(domain.idempotency.actions, "_TRIES", 3)
    running, finish = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        running.set()
        await finish.wait()

    trial.hold = wait
    first = asyncio.create_task(ask(client))
    await running.wait()
    response, problem = await ask(client)
    assert (response.status, problem["code"]) == (409, "request_in_progress")
    assert response.headers["Retry-After"] == "1"
    finish.set()
    assert (await first)[1] == (await ask(client))[1]


@pytest.mark.parametrize(("refuse", "stays"), [("inside", 0), ("afterwards", 1)])
async def test_a_refusal_is_not_kept_and_what_was_stored_before_stays(
    client, refuse: str, stays: int
) -> None:
    response, _ = await ask(client, {"county": "371502", "refuse": refuse})
    assert response.status == 422
    assert await Person.all().count() == stays
    response, _ = await ask(client)
    assert response.status == 201, "put right under the same key"


async def test_a_fault_of_ours_leaves_nothing(client) -> None:
    response, _ = await ask(client, {"county": "371502", "refuse": "bug"})
    assert response.status == 500
    assert (await Person.all().count(), await FirstAnswer.all().count()) == (0, 0)


async def test_what_dies_in_the_middle_has_done_nothing_and_is_done_once_later(
    client, trial: Trial, database: str
) -> None:
    """The connection is cut after the action has written, as by the kill of the process."""

    async def die() -> None:
        killer = await asyncpg.connect(database)
        await killer.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await killer.close()

    trial.hold = die
    response, _ = await ask(client)
    assert response.status == 503
    trial.hold = go_on
    assert (await Person.all().count(), await FirstAnswer.all().count()) == (0, 0)
    _, made = await ask(client)
    assert (await ask(client))[1] == made
    assert await Person.all().count() == 1


async def test_after_a_day_it_is_a_new_request_and_the_record_goes(client, trial: Trial) -> None:
    _, first = await ask(client)
    assert await forget_answers(System("trial"), now=trial.now + timedelta(hours=23)) == 0
    trial.now += timedelta(hours=25)
    _, second = await ask(client)
    assert first != second
    assert (await ask(client))[1] == second
    assert await forget_answers(System("trial"), now=trial.now + timedelta(hours=25)) == 1
    assert await FirstAnswer.all().count() == 0


async def test_old_ones_go_in_batches(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        await FirstAnswer.create(id=UUID(int=number), answer_sealed=b"x", answered_at=local_now())
    monkeypatch.setattr(domain.idempotency.actions, "_PURGE_BATCH", 2)
    assert await forget_answers(System("trial"), now=local_now() + timedelta(hours=25)) == 5
    assert await FirstAnswer.all().count() == 0


async def test_nothing_of_the_body_or_the_answer_can_be_read_in_the_table(client) -> None:
    _, made = await ask(client)
    row = await FirstAnswer.get()
    assert b"371502" not in row.answer_sealed
    assert made["id"].encode() not in row.answer_sealed


def test_an_answer_belongs_to_what_was_asked() -> None:
    asked = Asked("POST /api/v1/x", "k", b"{}")
    written = write_answer(asked, Answer(201, '{"名":1}'))
    assert read_answer(asked, written) == Answer(201, '{"名":1}')
    with pytest.raises(DomainError, match="idempotency_key_reused"):
        read_answer(replace(asked, body=b"{ }"), written)


def test_parts_of_an_identity_cannot_run_into_one_another() -> None:
    one = Asked("POST /a", "b", b"").identify("c")
    assert one != Asked("POST /", "ab", b"").identify("c")
    assert one != Asked("POST /a", "", b"").identify("bc")
    assert one == Asked("POST /a", "b", b"other").identify("c")


async def test_the_document_tells_of_the_key(client) -> None:
    document = await (await client.get("/api/openapi.json")).json()
    operation = document["paths"][MAKE]["post"]
    (header,) = [one for one in operation["parameters"] if one["in"] == "header"]
    assert header["name"] == "Idempotency-Key"
    assert header["description"]
    assert not header["required"]
    codes = {code for one in operation["responses"].values() for code in one.get("x-codes", ())}
    assert {"request_in_progress", "idempotency_key_reused"} <= codes
