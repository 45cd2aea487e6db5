"""What came in through the official account, and what of it goes on."""

from tortoise import fields
from tortoise.fields.db_defaults import Now
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from models.columns import DigestField, SealedField

#: Characters. The topic holds any id of the content (content/schema.py, Identifier).
KIND_LENGTH = 64
OUTCOME_LENGTH = 16
TOPIC_LENGTH = 64


class InboundMessage(Model):
    """One message or event from WeChat, kept for 90 days and then only counted.

    Written in batches behind the answer (jobs.drain). The text is sealed.
    """

    id = fields.BigIntField(primary_key=True)
    #: Digest of what makes a message one message; a second delivery meets the constraint.
    key = DigestField(unique=True)
    # Programs of the version before, which may run beside this one, know the column as `person`.
    #: Blind index of the sender; null where the sender has asked to be forgotten.
    sender = DigestField(source_field="person", null=True)
    received_at = fields.DatetimeField()
    #: The message type, or "event." and the event, in lower case.
    kind = fields.CharField(max_length=KIND_LENGTH)
    #: How it was answered; Plan.outcome in bot/dispatch.py lists them, failed and slow_down too.
    outcome = fields.CharField(max_length=OUTCOME_LENGTH)
    #: The FAQ entry or the intent that answered, "" where none did.
    topic = fields.CharField(max_length=TOPIC_LENGTH, default="")
    score = fields.FloatField(null=True)
    #: What the person wrote or said, sealed; null for events.
    text_sealed = SealedField(bound_to="key", null=True)

    class Meta:
        table = "inbound_messages"
        indexes = (Index(fields=("sender", "received_at")), Index(fields=("received_at",)))
        constraints = (
            CheckConstraint(check="octet_length(key) = 16", name="inbound_messages_key_length"),
        )


class MessageCount(Model):
    """How many messages of one kind came on one day: what is left after 90 days."""

    id = fields.BigIntField(primary_key=True)
    day = fields.DateField()
    kind = fields.CharField(max_length=KIND_LENGTH)
    outcome = fields.CharField(max_length=OUTCOME_LENGTH)
    topic = fields.CharField(max_length=TOPIC_LENGTH)
    messages = fields.BigIntField()

    class Meta:
        table = "message_counts"
        unique_together = (("day", "kind", "outcome", "topic"),)
        constraints = (
            CheckConstraint(check="messages > 0", name="message_counts_messages_positive"),
        )


class Dialogue(Model):
    """The one talk of a person that is open, or has just ended.

    This row is the truth; Redis says no more than whether there is one (bot/ledger/). A talk that
    has ended leaves its row for ten minutes without a state, so that a message that comes once more
    gets the reply that it got before.
    """

    id = fields.BigIntField(primary_key=True)
    #: Blind index of the sender: nobody is in two dialogues at once.
    sender = DigestField(source_field="person", unique=True)
    #: Which talk; "" where nobody who reads the table shall know, and where it has ended.
    name = fields.CharField(max_length=32)
    #: What has been said so far, sealed; null where the talk has ended.
    state_sealed = SealedField(bound_to="sender", null=True)
    #: When the person said the last of what is in it; forgetting goes by it.
    # The default serves programs of the version before, which may run beside a newer one.
    updated_at = fields.DatetimeField(db_default=Now())
    #: Until when it is kept; where it has ended, when it did.
    expires_at = fields.DatetimeField(db_index=True)
    #: Until when words are taken for an answer in it; null: as long as it is kept.
    active_until = fields.DatetimeField(null=True)
    #: The message that took the last step, and what it was told: the same message gets the same.
    last_key = DigestField(null=True)
    last_reply_sealed = SealedField(bound_to="sender", null=True)
    #: What is said in it stays out of the records of messages.
    # The default serves programs of the version before.
    private = fields.BooleanField(db_default=False)

    class Meta:
        table = "dialogues"


class LateReply(Model):
    """An answer that took longer than WeChat waits, sent as a customer-service message (客服消息).

    Written with the job that sends it, in one transaction.
    """

    id = fields.BigIntField(primary_key=True)
    #: The message that it answers: one late answer at most.
    message_key = DigestField(unique=True)
    sender = DigestField(source_field="person", db_index=True)
    openid_sealed = SealedField(bound_to="message_key")
    text_sealed = SealedField(bound_to="message_key")
    #: What opened the channel: "message" (5 in 48 h) or "touch" (3 in 1 min).
    opened_by = fields.CharField(max_length=8)
    opened_at = fields.DatetimeField()
    #: waiting -> sending -> sent | dropped
    status = fields.CharField(max_length=8, default="waiting")
    #: Why it was dropped, as a code; "" otherwise.
    reason = fields.CharField(max_length=32, default="")
    settled_at = fields.DatetimeField(null=True)
    #: It belongs to a private talk, and goes as soon as it is settled.
    # The default serves programs of the version before.
    private = fields.BooleanField(db_default=False)

    class Meta:
        table = "late_replies"
        constraints = (
            CheckConstraint(
                check="status IN ('waiting', 'sending', 'sent', 'dropped')",
                name="late_replies_status",
            ),
            CheckConstraint(
                check="opened_by IN ('message', 'touch')", name="late_replies_opened_by"
            ),
        )
