"""What is kept with a class: where its video lies (L02), its final test (L10), and that its
institution was suspended while it ran (L12). Each is one transaction of its own."""

from datetime import datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from content.schema import Content
from domain.actor import Actor
from domain.calendar import LOCAL
from domain.errors import DomainError
from domain.institutions.queries import standing_of
from domain.training.details import Test, Video, require_test, require_video
from domain.training.life import RUNNING, TAKES_PROOF, Side, Status
from domain.training.locking import HeldClass, hold_class, require_side, save_change, write_event
from domain.training.roster import read_roster
from domain.training.views import find_programme
from models.final_tests import TEST_KINDS, FinalTest, TestResult
from models.training import TrainingClass
from models.transactions import transaction


async def record_video(
    actor: Actor, class_id: UUID, version: int, video: Video, *, now: datetime
) -> TrainingClass:
    """Note where the video of the class lies, its SHA-256 and who holds it (L02).

    Raises DomainError: as hold_class; no_permission, class_step_refused, class_details_wrong.
    """
    require_video(video)
    async with transaction() as connection:
        held = await _hold_for_proof(connection, actor, class_id, version, "video")
        require_side(held, Side.HOLDER)
        row = held.row
        row.video_location, row.video_holder = video.location, video.holder
        row.video_sha256 = video.sha256
        await save_change(connection, actor, held, "video", facts={"sha256": video.sha256}, now=now)
    return row


async def record_test(
    actor: Actor, content: Content, class_id: UUID, version: int, test: Test, *, now: datetime
) -> TrainingClass:
    """Note a final test and its results. The same kind on the same day again replaces it.

    By the holder, or by the office, which patrols (巡考, L10). Raises DomainError: as hold_class;
    class_step_refused, class_details_wrong.
    """
    async with transaction() as connection:
        held = await _hold_for_proof(connection, actor, class_id, version, "test")
        row = held.row
        if find_programme(content, row.programme).on_the_job:
            raise DomainError("class_step_refused", step="test", status=row.status)
        roster = await read_roster(connection, class_id)
        today = now.astimezone(LOCAL).date()
        require_test(test, TEST_KINDS, roster.enrolments, row.starts_on, today)
        await _store_test(connection, actor, class_id, test, now)
        passed = sum(result.result == "passed" for result in test.results)
        await save_change(
            connection,
            actor,
            held,
            "test",
            facts={"kind": test.kind, "results": len(test.results), "passed": passed},
            now=now,
        )
    return row


async def _store_test(
    connection: BaseDBAsyncClient, actor: Actor, class_id: UUID, test: Test, now: datetime
) -> None:
    await (
        FinalTest.filter(training_class_id=class_id, kind=test.kind, held_on=test.held_on)
        .using_db(connection)
        .delete()
    )
    kept = await FinalTest.create(
        training_class_id=class_id,
        kind=test.kind,
        held_on=test.held_on,
        recording_location=test.recording_location,
        recording_sha256=test.recording_sha256,
        patrol=test.patrol,
        made_by=actor.key,
        made_at=now,
        using_db=connection,
    )
    await TestResult.bulk_create(
        [
            TestResult(
                test_id=kept.id,
                enrolment_id=result.enrolment,
                result=result.result,
                certificate=result.certificate,
            )
            for result in test.results
        ],
        using_db=connection,
    )


async def _hold_for_proof(
    connection: BaseDBAsyncClient, actor: Actor, class_id: UUID, version: int, what: str
) -> HeldClass:
    held = await hold_class(connection, actor, class_id, version)
    if held.before not in TAKES_PROOF:
        raise DomainError("class_step_refused", step=what, status=held.before.value)
    return held


async def flag_classes(actor: Actor, institution_id: UUID, *, now: datetime) -> int:
    """Flag the running classes of an institution that is suspended or removed today (L12);
    answers how many. Doing so again flags none twice."""
    async with transaction() as connection:
        day = now.astimezone(LOCAL).date()
        standing = await standing_of(institution_id, day, connection)
        if standing is None or standing.status == "listed":
            return 0
        since = await _stopped_at(connection, institution_id)
        running = TrainingClass.filter(
            institution_id=institution_id, status__in=[status.value for status in RUNNING]
        )
        rows = await running.using_db(connection).select_for_update(no_key=True).order_by("id")
        flagged = 0
        for row in rows:
            if row.flagged_at is not None and since is not None and row.flagged_at >= since:
                continue
            row.flagged_at = now
            row.version += 1
            await row.save(using_db=connection, update_fields=["flagged_at", "version"])
            before = Status(row.status)
            facts = {"standing": standing.status}
            await write_event(connection, actor, row, "flag", before=before, facts=facts, now=now)
            flagged += 1
    return flagged


async def _stopped_at(connection: BaseDBAsyncClient, institution_id: UUID) -> datetime | None:
    """When the last suspension or removal was written down."""
    rows = await connection.execute_query_dict(
        "SELECT max(made_at) AS at FROM institution_records"
        " WHERE institution_id = $1 AND kind IN ('suspended', 'removed')",
        [institution_id],
    )
    at: datetime | None = rows[0]["at"]
    return at
