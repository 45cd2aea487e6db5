"""The bench's stage of scale, at sizes that take no time: it fills what it says, and measures."""

from scripts.bench.scale import measure_scale


async def test_costs_are_measured_at_each_size(database_url: str) -> None:
    costs = await measure_scale(database_url, (500, 1500))
    assert [cost.rows for cost in costs] == [500, 1500]
    for cost in costs:
        assert min(cost.scanned, cost.typed, cost.sheet) > 0
