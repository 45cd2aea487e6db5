"""What is done with messages. One function, one transaction (law 3)."""

from collections.abc import Sequence
from datetime import datetime

from tortoise.models import Model

from clients.wechat.errors import WeChatApiError
from clients.wechat.interface import OfficialAccountApi
from domain.followup import defer_job
from domain.messaging import rules
from domain.messaging.dialogues import forget_ended_dialogues
from domain.messaging.forgetting import forget_senders, has_left_since, lock_senders
from domain.messaging.queries import list_contacts, list_late_sendings
from domain.messaging.records import FOLLOWING_KIND, FORGETTING_KINDS, InboundRecord
from domain.vault import Vault
from models.accounts import Forgotten
from models.database import refuses_values
from models.messages import LateReply
from models.transactions import transaction

#: Places (domain.vault). A follower's row is the sender, a late reply's the message's key.
FOLLOWER_OPENID_PLACE = b"followers.openid"
LATE_OPENID_PLACE = b"late_replies.openid"
LATE_TEXT_PLACE = b"late_replies.text"

#: The task that sends a late reply; jobs/ registers it under this name.
SEND_LATE_REPLY = "messaging.send_late_reply"


async def store_records(records: Sequence[InboundRecord]) -> list[InboundRecord]:
    """Keep a batch of inbound messages; answers those that PostgreSQL refuses for their values.

    One that is kept already stays as it is. Runs behind the doors, in the order in which the
    messages came. One transaction, unless a record is refused: then the batch is halved until
    the culprit stands alone. Raises what the driver raises where trying again may help.
    """
    if not records:
        return []
    try:
        await _store_batch(records)
    except Exception as error:
        if not refuses_values(error):
            raise
        if len(records) == 1:
            return [*records]
        middle = len(records) // 2
        return await store_records(records[:middle]) + await store_records(records[middle:])
    return []


async def _store_batch(records: Sequence[InboundRecord]) -> None:
    """Where a person has asked to be forgotten, what came before goes in the same transaction."""
    asked: dict[bytes, datetime] = {}
    for record in records:
        if record.kind in FORGETTING_KINDS:
            known = asked.get(record.sender, record.received_at)
            asked[record.sender] = max(known, record.received_at)
    columns = zip(*(_row_of(record) for record in records), strict=True)
    async with transaction() as connection:
        await lock_senders(connection, (record.sender for record in records), forgetting=asked)
        if asked:
            await forget_senders(connection, asked)
        await connection.execute_query(_STORE, [list(column) for column in columns])
        for record in records:
            if record.kind == FOLLOWING_KIND and record.text_sealed:
                await connection.execute_query(
                    _REMEMBER,
                    [record.sender, record.text_sealed, record.topic, record.received_at],
                )


def _row_of(record: InboundRecord) -> tuple[object, ...]:
    """The columns of _STORE, in order."""
    text = None if record.kind == FOLLOWING_KIND else record.text_sealed or None
    return (
        record.key,
        record.sender,
        record.received_at,
        record.kind,
        record.outcome,
        record.topic,
        record.score,
        text,
    )


#: A follower as the record of the event tells it; what is known already may be newer, and the
#: person may have left since.
_REMEMBER = """
    INSERT INTO followers (person, openid_sealed, scene, followed_at)
    SELECT $1::bytea, $2::bytea, $3::text, $4::timestamptz
    WHERE NOT EXISTS (SELECT FROM forgotten WHERE person = $1 AND asked_at >= $4)
    ON CONFLICT (person) DO UPDATE SET openid_sealed = excluded.openid_sealed,
        scene = excluded.scene, followed_at = excluded.followed_at
    WHERE followers.followed_at < excluded.followed_at
"""

#: One statement for a whole batch: the ORM's bulk insert costs ten times as much a row. Of who
#: has asked to be forgotten since, a farewell's own sender included, only what is counted is kept.
_STORE = """
    INSERT INTO inbound_messages
        (key, person, received_at, kind, outcome, topic, score, text_sealed)
    SELECT
        key, CASE WHEN asked_at IS NULL THEN person END, received_at, kind, outcome, topic, score,
        CASE WHEN asked_at IS NULL THEN text_sealed END
    FROM unnest(
        $1::bytea[], $2::bytea[], $3::timestamptz[], $4::text[], $5::text[], $6::text[],
        $7::float8[], $8::bytea[]
    ) WITH ORDINALITY
        AS record (key, person, received_at, kind, outcome, topic, score, text_sealed, place)
    LEFT JOIN (SELECT person AS who, asked_at FROM forgotten) AS forgotten
        ON who = person AND asked_at >= received_at
    ORDER BY place
    ON CONFLICT (key) DO NOTHING
"""


async def remember_follower(
    *, sender: bytes, openid_sealed: bytes, scene: str, now: datetime
) -> None:
    """Somebody follows the account; doing so again renews the scene and the time.

    Done again behind the record, for PostgreSQL may be away now.
    """
    async with transaction() as connection:
        await lock_senders(connection, [sender])
        await connection.execute_query(_REMEMBER, [sender, openid_sealed, scene, now])


async def forget_sender(sender: bytes, asked_at: datetime) -> None:
    """Delete what WeChat told us of a person: openid, texts, dialogue, unsent answers.

    Asked for by the platform when somebody unsubscribes or withdraws an authorisation. The counts
    of messages stay, without anything that leads back. What came after `asked_at` stays: the
    person may have come back before this is done again behind the record. What came before and
    is stored later finds the mark that is left for 90 days.
    """
    async with transaction() as connection:
        await lock_senders(connection, (), forgetting=[sender])
        await forget_senders(connection, {sender: asked_at})


async def queue_late_reply(
    vault: Vault,
    *,
    message_key: bytes,
    sender: bytes,
    openid: str,
    text: str,
    opened_by: str,
    opened_at: datetime,
    private: bool = False,
) -> None:
    """Keep an answer that came too late for the callback, with the job that sends it.

    Who has asked to be forgotten since `opened_at` gets none. A `private` one goes as soon as it
    is sent or dropped.
    """
    async with transaction() as connection:
        await lock_senders(connection, [sender])
        if await has_left_since(connection, sender, opened_at):
            return
        if await LateReply.filter(message_key=message_key).using_db(connection).exists():
            return
        reply = await LateReply.create(
            message_key=message_key,
            sender=sender,
            openid_sealed=vault.seal(openid.encode(), LATE_OPENID_PLACE, message_key),
            text_sealed=vault.seal(text.encode(), LATE_TEXT_PLACE, message_key),
            opened_by=opened_by,
            opened_at=opened_at,
            private=private,
            using_db=connection,
        )
        await defer_job(connection, SEND_LATE_REPLY, late_reply_id=reply.id)


async def send_late_reply(
    vault: Vault, wechat: OfficialAccountApi, *, late_reply_id: int, now: datetime
) -> None:
    """Send one late answer if the person's channel still allows it.

    The network call stands between two transactions, never inside one. A row that is found in
    "sending" is one whose sender died on the way: it goes out again, for an answer twice is
    better than none. Raises WeChatApiError where trying again later may help.
    """
    async with transaction() as connection:
        reply = (
            await LateReply.filter(id=late_reply_id)
            .using_db(connection)
            .select_for_update()
            .get_or_none()
        )
        if reply is None or reply.status in ("sent", "dropped"):
            return
        contacts = await list_contacts(connection, reply.sender, now)
        sent_at = await list_late_sendings(connection, reply.sender, now)
        left = rules.customer_service_messages_left(contacts, sent_at, now)
        reply.status = "sending" if left else "dropped"
        if not left:
            reply.reason = "channel_closed" if left is None else "quota_spent"
            reply.settled_at = now
        if reply.private and not left:
            await reply.delete(using_db=connection)
        else:
            await reply.save(using_db=connection)
    if not left:
        return
    openid = vault.open(reply.openid_sealed, LATE_OPENID_PLACE, reply.message_key).decode()
    text = vault.open(reply.text_sealed, LATE_TEXT_PLACE, reply.message_key).decode()
    status, reason = "sent", ""
    try:
        await wechat.send_text(openid, text)
    except WeChatApiError as error:
        if error.transient:
            raise
        status, reason = "dropped", error.code
    if reply.private:
        # It no longer counts against the channel's quota; the platform has the last word there.
        await LateReply.filter(id=late_reply_id).delete()
    else:
        await LateReply.filter(id=late_reply_id).update(
            status=status, reason=reason, settled_at=now
        )


async def give_up_late_replies(now: datetime) -> int:
    """Drop the late answers that no job will send any more; answers how many.

    An answer and its job are written together, so one without the other has seen its job fail for
    the last time.
    """
    async with transaction() as connection:
        rows = await connection.execute_query_dict(_GIVE_UP, [now, SEND_LATE_REPLY])
        await connection.execute_query(
            "DELETE FROM late_replies WHERE private AND status = 'dropped'"
        )
    return len(rows)


#: One statement, and so one view of both tables.
_GIVE_UP = """
    UPDATE late_replies SET status = 'dropped', reason = 'gave_up', settled_at = $1
    WHERE status IN ('waiting', 'sending') AND NOT EXISTS (
        SELECT FROM procrastinate_jobs
        WHERE task_name = $2 AND status IN ('todo', 'doing')
        AND args ->> 'late_reply_id' = late_replies.id::text
    )
    RETURNING id
"""


async def purge_messages(now: datetime) -> int:
    """Turn what is older than 90 days into counts; answers how many messages went.

    Many short transactions, so that the nights that were missed are made up for however much
    there is; done again after a failure it goes on where it was.
    """
    before = now - rules.KEEP_MESSAGES
    # By its opening: one that waits for its job was never settled, and must go too.
    await _delete_in_batches(LateReply, opened_at__lt=before)
    await forget_ended_dialogues(now)
    # What came before a farewell as old as this would itself go in the same night.
    await _delete_in_batches(Forgotten, asked_at__lt=before)
    purged = 0
    while True:
        async with transaction() as connection:
            rows = await connection.execute_query_dict(_PURGE, [before, _PURGE_BATCH])
        purged += int(rows[0]["purged"])
        if rows[0]["purged"] < _PURGE_BATCH:
            return purged


async def _delete_in_batches(model: type[Model], **old: datetime) -> None:
    key = model._meta.pk_attr
    while ids := await model.filter(**old).limit(_PURGE_BATCH).values_list(key, flat=True):
        await model.filter(pk__in=ids, **old).delete()


#: Rows in one transaction: some tens of milliseconds, far from a statement's time limit.
_PURGE_BATCH = 5000
_PURGE = """
    WITH old AS (
        DELETE FROM inbound_messages
        WHERE id IN (
            SELECT id FROM inbound_messages WHERE received_at < $1 ORDER BY received_at LIMIT $2
        )
        RETURNING (received_at AT TIME ZONE 'Asia/Shanghai')::date AS day, kind, outcome, topic
    ), counted AS (
        INSERT INTO message_counts (day, kind, outcome, topic, messages)
        SELECT day, kind, outcome, topic, count(*) FROM old GROUP BY day, kind, outcome, topic
        ON CONFLICT (day, kind, outcome, topic)
        DO UPDATE SET messages = message_counts.messages + excluded.messages
    )
    SELECT count(*) AS purged FROM old
"""
