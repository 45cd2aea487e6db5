"""Pages out of a real PostgreSQL, while rows come and go."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import DomainError
from domain.paging import Page, after
from models.accounts import Follower
from models.messages import InboundMessage

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ORDERS = [
    (),
    ("id",),
    ("-id",),
    ("followed_at",),
    ("-followed_at",),
    ("scene", "-followed_at"),
    ("-scene", "followed_at", "id"),
]


@pytest.fixture
async def followers(database: str) -> AsyncIterator[None]:
    yield


async def insert(rows: list[tuple[int, int]], first: int) -> None:
    """Followers at few different times and scenes: most of the order is decided late."""
    await Follower.bulk_create(
        Follower(
            sender=number.to_bytes(16),
            openid_sealed=b"",
            scene="甲乙c"[scene],
            followed_at=NOON + timedelta(microseconds=moment),
        )
        for number, (scene, moment) in enumerate(rows, first)
    )


rows = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), max_size=12)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    order=st.sampled_from(ORDERS),
    limit=st.integers(1, 5),
    standing=rows,
    inserted=st.lists(rows, min_size=1, max_size=4),
)
async def test_no_row_comes_twice_or_is_missing(followers, order, limit, standing, inserted):
    await Follower.all().delete()
    await insert(standing, first=1)
    there_all_the_time = {row.id for row in await Follower.all()}
    number = 1000
    seen: list[Follower] = []
    page: Page[Follower] | None = None
    while page is None or page.position is not None:
        page = await after(Follower.all(), order, page.position if page else None, limit)
        assert len(page.rows) == limit or page.position is None
        seen += page.rows
        if inserted:
            batch = inserted.pop()
            await insert(batch, first=number)
            number += len(batch)
    ids = [row.id for row in seen]
    assert len(ids) == len(set(ids))
    assert there_all_the_time <= set(ids)
    # The rows stand in one order over all pages: PostgreSQL's own.
    whole = [row.id for row in await Follower.filter(id__in=ids).order_by(*_whole_order(order))]
    assert ids == whole


def _whole_order(order: tuple[str, ...]) -> list[str]:
    if any(name.strip("-") == "id" for name in order):
        return list(order)
    return [*order, "-id" if order and order[-1].startswith("-") else "id"]


async def test_rows_that_go_move_nothing(followers):
    await insert([(0, 0)] * 6, first=1)
    page = await after(Follower.all(), ("-followed_at",), None, 2)
    await Follower.filter(id=page.rows[0].id).delete()
    await Follower.filter(id=page.rows[1].id).delete()
    rest = await after(Follower.all(), ("-followed_at",), page.position, 10)
    assert len(rest.rows) == 4
    assert rest.position is None


async def test_a_position_of_another_order_is_refused(followers):
    with pytest.raises(DomainError, match="invalid_input"):
        await after(Follower.all(), ("scene",), (1,), 2)


@pytest.mark.parametrize("field", ["no_such_field", "person__id", "score"])
async def test_an_order_that_cannot_be_is_a_fault_of_ours(followers, field):
    with pytest.raises(ValueError, match=field):
        await after(InboundMessage.all(), (field,), None, 2)
