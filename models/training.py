"""Classes (班期): what is taught where and when, and every step of their life (L11)."""

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from models.columns import OpaqueId
from models.employers import Employer
from models.institutions import Institution
from models.people import COUNTY_LENGTH

STATUSES = (
    "draft",
    "recruiting",
    "filed",
    "approved",
    "returned",
    "open",
    "ended",
    "archived",
    "cancelled",
)


class TrainingClass(Model):
    """One class, held by an institution or by a firm for its own people."""

    id = OpaqueId()
    institution_id: UUID | None
    employer_id: UUID | None
    title = fields.CharField(max_length=80)
    institution: fields.ForeignKeyNullableRelation[Institution] = fields.ForeignKeyField(
        "models.Institution", related_name="classes", null=True, on_delete=fields.OnDelete.RESTRICT
    )
    employer: fields.ForeignKeyNullableRelation[Employer] = fields.ForeignKeyField(
        "models.Employer", related_name="classes", null=True, on_delete=fields.OnDelete.RESTRICT
    )
    #: A key of content/programmes.yaml.
    programme = fields.CharField(max_length=64)
    occupation = fields.CharField(max_length=80)
    level = fields.CharField(max_length=20, default="")
    county = fields.CharField(max_length=COUNTY_LENGTH)
    #: Why this class is wanted (需求分析, L11), and how it is taught.
    demand_analysis = fields.TextField(default="")
    plan = fields.TextField(default="")
    address = fields.CharField(max_length=200, default="")
    #: Degrees as WeChat's maps give them (GCJ-02); both or none.
    latitude = fields.FloatField(null=True)
    longitude = fields.FloatField(null=True)
    teacher = fields.CharField(max_length=80, default="")
    target_group = fields.CharField(max_length=200, default="")
    #: A project class (项目制, L07).
    is_project = fields.BooleanField(default=False)
    hours = fields.IntField(default=0)
    capacity = fields.IntField()
    starts_on = fields.DateField(null=True)
    ends_on = fields.DateField(null=True)
    status = fields.CharField(max_length=12, default="draft")
    #: Goes up with each change; whoever changes names the one they saw.
    version = fields.IntField(default=1)
    #: When it began to recruit; before that nobody outside knows of it.
    recruiting_since = fields.DatetimeField(null=True)
    #: The institution was suspended while it ran (L12): the last time.
    flagged_at = fields.DatetimeField(null=True)
    #: Where the training video lies, what it is, who holds it (L02); a classified class has none.
    classified = fields.BooleanField(default=False)
    video_location = fields.CharField(max_length=300, default="")
    video_sha256 = fields.CharField(max_length=64, default="")
    video_holder = fields.CharField(max_length=80, default="")
    created_at = fields.DatetimeField()
    #: The roster as it froze with the last filing: its digest (domain.training.roster) and size.
    filed_at = fields.DatetimeField(null=True)
    roster_digest = fields.CharField(max_length=64, default="")
    roster_size = fields.IntField(null=True)

    class Meta:
        table = "training_classes"
        indexes = (
            Index(fields=("status", "id")),
            Index(fields=("county", "status", "id")),
            Index(fields=("status", "filed_at", "id")),
            Index(fields=("institution_id", "id")),
            Index(fields=("employer_id", "id")),
        )
        constraints = (
            CheckConstraint(
                check="(institution_id IS NULL) <> (employer_id IS NULL)",
                name="training_classes_one_holder",
            ),
            CheckConstraint(
                check="status IN ('" + "', '".join(STATUSES) + "')",
                name="training_classes_status",
            ),
            CheckConstraint(check="capacity > 0", name="training_classes_capacity"),
            CheckConstraint(
                check="(latitude IS NULL) = (longitude IS NULL)", name="training_classes_place"
            ),
        )


class ClassSession(Model):
    """One sitting of a class (课次): what is checked in to."""

    id = OpaqueId()
    training_class: fields.ForeignKeyRelation[TrainingClass] = fields.ForeignKeyField(
        "models.TrainingClass", related_name="sessions", on_delete=fields.OnDelete.CASCADE
    )
    training_class_id: UUID
    topic = fields.CharField(max_length=120, default="")
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()

    class Meta:
        table = "class_sessions"
        indexes = (
            Index(fields=("training_class_id", "starts_at")),
            # Which sessions run at a moment, of all classes.
            Index(fields=("starts_at",)),
        )
        constraints = (CheckConstraint(check="ends_at > starts_at", name="class_sessions_times"),)


class ClassEvent(Model):
    """One step or change of a class; never changed, only added: PostgreSQL refuses the rest."""

    id = OpaqueId()
    training_class: fields.ForeignKeyRelation[TrainingClass] = fields.ForeignKeyField(
        "models.TrainingClass", related_name="events", on_delete=fields.OnDelete.RESTRICT
    )
    #: The class's version that it made.
    version = fields.IntField()
    #: A domain.training.rules.Step, or a change: draft, change, sessions, video, test, flag,
    #: amend, seen (the office has looked at amendments).
    kind = fields.CharField(max_length=24)
    #: The status before and after; "" before a draft.
    before = fields.CharField(max_length=12)
    after = fields.CharField(max_length=12)
    #: What it was about: names of fields, the frozen roster's digest, who allowed an
    #: amendment, as far as which the office has looked; nothing of who learns.
    facts: fields.Field[dict[str, object]] = fields.JSONField(default=dict)
    reason = fields.CharField(max_length=500, default="")
    made_by = fields.CharField(max_length=64)
    made_at = fields.DatetimeField()

    class Meta:
        table = "class_events"
        indexes = (Index(fields=("training_class_id", "version")),)
