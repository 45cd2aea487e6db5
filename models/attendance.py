"""Who was where when: check-ins (签到), what a class wants of them, wrong codes, screens' links."""

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.indexes import Index, PartialIndex
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from models.columns import DigestField, OpaqueId
from models.people import Person
from models.training import ClassSession, TrainingClass

CHANNELS = ("mini", "chat", "teacher", "paper")
#: The last three count for nothing and stand in nobody's way.
STATES = ("counted", "pending", "refused", "lapsed", "replaced")

_LIVE = "state IN ('counted', 'pending')"


class CheckIn(Model):
    """One person came to one session, or left it.

    What tells devices, addresses and places apart are keyed digests that stand alone
    (docs/decisions/0030): equal or not equal is all that they say.
    """

    id = OpaqueId()
    session_id: UUID
    person_id: UUID
    session: fields.ForeignKeyRelation[ClassSession] = fields.ForeignKeyField(
        "models.ClassSession",
        related_name="check_ins",
        on_delete=fields.OnDelete.RESTRICT,
        db_index=False,
    )
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person",
        related_name="check_ins",
        on_delete=fields.OnDelete.RESTRICT,
        db_index=False,
    )
    #: in | out
    kind = fields.CharField(max_length=3)
    #: The moment that counts: by the server's clock; of what was kept while there was no network
    #: by the phone's; by hand as the teacher says.
    at = fields.DatetimeField()
    #: When the row was written, by the server's clock.
    made_at = fields.DatetimeField()
    #: What the phone's own clock said, where it said so.
    phone_at = fields.DatetimeField(null=True)
    channel = fields.CharField(max_length=7)
    late = fields.BooleanField(default=False)
    #: To where the class is held; where nobody has said where they are: null.
    distance_m = fields.IntField(null=True)
    accuracy_m = fields.IntField(null=True)
    #: Keyed digests, 16 bytes, of the phone (per installation), of the network address, and of
    #: the coordinates to a metre.
    device = DigestField(null=True)
    address = DigestField(null=True)
    place = DigestField(null=True)
    #: Words of domain.attendance.rules.Flag.
    flags: fields.Field[list[str]] = fields.JSONField(default=list)
    #: counted; pending until somebody (else) confirms; refused by somebody; lapsed: nobody
    #: confirmed in time; replaced by one that counts.
    state = fields.CharField(max_length=8)
    #: Why it was entered by hand.
    reason = fields.CharField(max_length=200, default="")
    #: The scan of the paper sheet, a file of ours.
    document_id = fields.UUIDField(null=True)
    #: Actor.key of who entered it: the person, or whoever did it for them.
    made_by = fields.CharField(max_length=64)
    decided_by = fields.CharField(max_length=64, default="")
    decided_at = fields.DatetimeField(null=True)
    decision_reason = fields.CharField(max_length=200, default="")
    #: The client's own name of it, by which it may be sent again.
    client_id = fields.CharField(max_length=64, null=True)

    class Meta:
        table = "check_ins"
        indexes = (
            Index(fields=("person_id", "at")),
            Index(fields=("session_id", "at")),
            # What waits to be confirmed; few.
            PartialIndex(fields=("session_id",), condition={"state": "pending"}),
        )
        constraints = (
            #: Two phones at one moment make one record.
            UniqueConstraint(
                fields=("session_id", "person_id", "kind"), name="check_ins_once", condition=_LIVE
            ),
            #: One phone checks in one person.
            UniqueConstraint(
                fields=("session_id", "kind", "device"),
                name="check_ins_one_device",
                condition=f"device IS NOT NULL AND {_LIVE}",
            ),
            UniqueConstraint(
                fields=("person_id", "client_id"),
                name="check_ins_sent_once",
                condition="client_id IS NOT NULL",
            ),
            CheckConstraint(check="kind IN ('in', 'out')", name="check_ins_kind"),
            CheckConstraint(
                check="channel IN ('" + "', '".join(CHANNELS) + "')", name="check_ins_channel"
            ),
            CheckConstraint(
                check="state IN ('" + "', '".join(STATES) + "')", name="check_ins_state"
            ),
            #: By hand with a reason, from paper with the paper.
            CheckConstraint(check="channel <> 'teacher' OR reason <> ''", name="check_ins_reason"),
            CheckConstraint(
                check="channel <> 'paper' OR document_id IS NOT NULL", name="check_ins_document"
            ),
            #: What was entered for others counts by a second person's word.
            CheckConstraint(
                check="channel NOT IN ('teacher', 'paper') OR state <> 'counted'"
                " OR (decided_by <> '' AND decided_by <> made_by)",
                name="check_ins_two",
            ),
        )


class AttendanceSettings(Model):
    """What one class wants of check-ins; the defaults (content/attendance.yaml) without a row."""

    id = OpaqueId()
    training_class_id: UUID
    training_class: fields.OneToOneRelation[TrainingClass] = fields.OneToOneField(
        "models.TrainingClass",
        related_name="attendance_settings",
        on_delete=fields.OnDelete.CASCADE,
    )
    opens_before_min = fields.IntField()
    closes_after_min = fields.IntField()
    #: The share of the session, in hundredths, after which nobody comes in any more.
    late_until_percent = fields.IntField()
    wants_place = fields.BooleanField()
    refuses_far = fields.BooleanField()
    wants_out = fields.BooleanField()
    #: When that was turned over, the oldest first: a session keeps what held when it began.
    outs_turned: fields.Field[list[datetime]] = ArrayField(element_type="timestamptz", default=list)
    #: Goes up with each change.
    version = fields.IntField()
    changed_by = fields.CharField(max_length=64)
    changed_at = fields.DatetimeField()

    class Meta:
        table = "attendance_settings"
        constraints = (
            CheckConstraint(
                check="opens_before_min BETWEEN 0 AND 120 AND closes_after_min BETWEEN 0 AND 120",
                name="attendance_settings_minutes",
            ),
            CheckConstraint(
                check="late_until_percent BETWEEN 0 AND 100", name="attendance_settings_late"
            ),
        )


class CodeMisses(Model):
    """Somebody's wrong codes of late; lives for a day."""

    id = OpaqueId()
    person_id: UUID
    person: fields.OneToOneRelation[Person] = fields.OneToOneField(
        "models.Person",
        related_name="code_misses",
        on_delete=fields.OnDelete.CASCADE,
    )
    #: When the last ones were, the oldest first; no more than domain.attendance.misses counts.
    times: fields.Field[list[datetime]] = ArrayField(element_type="timestamptz", default=list)
    last_at = fields.DatetimeField(db_index=True)
    #: No code is looked at before.
    paused_until = fields.DatetimeField(null=True)

    class Meta:
        table = "code_misses"


class ScreenLink(Model):
    """A link that shows one session's screen without signing in, for a day (班级大屏)."""

    id = OpaqueId()
    session_id: UUID
    session: fields.ForeignKeyRelation[ClassSession] = fields.ForeignKeyField(
        "models.ClassSession", related_name="screen_links", on_delete=fields.OnDelete.CASCADE
    )
    #: SHA-256 of what stands in the link.
    token_hash = DigestField(unique=True)
    made_by = fields.CharField(max_length=64)
    made_at = fields.DatetimeField()
    until = fields.DatetimeField()
    revoked_by = fields.CharField(max_length=64, default="")
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "screen_links"
        indexes = (Index(fields=("session_id", "until")),)
