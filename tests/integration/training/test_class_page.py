"""What stands where on the page of a class, and what of it is printed."""

from datetime import datetime, timedelta

from domain.actor import Staff
from domain.calendar import LOCAL
from models.training import ClassEvent, TrainingClass
from tests.integration.training.conftest import NOW, Trial
from tests.integration.training.test_pages import opened, read, words_of

OPEN = datetime(2026, 12, 7, 9, tzinfo=LOCAL)


async def test_what_may_be_done_stands_above_what_there_is_to_read(
    trial: Trial, officer: Staff
) -> None:
    await trial.lead_to("open")
    for staff, acts in (
        (trial.clerk, ("看名单", "排课次", "登记培训视频", "登记结业考核")),
        (officer, ("看名单", "登记结业考核", "取消这个班")),
    ):
        async with opened(staff, OPEN) as client:
            page = await read(client, f"/{trial.id}")
        assert page.count("data-print") == 1
        for act in acts:
            assert page.index(f">{act}</") < page.index("基本情况"), act
        assert "<h2>培训视频</h2>" not in page, "nothing is recorded of one"
    await TrainingClass.filter(id=trial.id).update(video_location="县局档案室")
    async with opened(officer, OPEN) as client:
        assert "县局档案室" in await read(client, f"/{trial.id}")


async def test_older_history_is_folded_away(trial: Trial, officer: Staff) -> None:
    await trial.lead_to("open")
    events = await ClassEvent.filter(training_class_id=trial.id).count()
    async with opened(officer, OPEN) as client:
        page = await read(client, f"/{trial.id}")
    assert f"更早的{events - 4}条" in page and page.count('<p class="history-title">') == events
    assert page.index("开班</span>") < page.index("更早的") < page.index("写了草稿</span>")


async def test_paper_says_since_when_and_of_which_year(trial: Trial, officer: Staff) -> None:
    await trial.lead_to("filed")
    async with opened(officer, NOW + timedelta(days=2)) as client:
        page, queue = await read(client, f"/{trial.id}"), await read(client)
    assert "交来2天了" in words_of(page) and "2天" in words_of(queue)
    for one in (page, queue):
        assert 'data-paper="2026年11月30日（周一）交来"' in one
    assert '<time datetime="2026-12-07" data-paper="2026年12月7日（周一）">' in page
