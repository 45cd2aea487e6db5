"""The institutions' directory (培训机构目录, L12): entries, and the dated records that they follow
from."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from models.columns import OpaqueId, SealedField
from models.people import COUNTY_LENGTH


class Institution(Model):
    """A training institution (培训机构). Its standing follows from its records."""

    id = OpaqueId()
    name = fields.CharField(max_length=120, unique=True)
    uscc = fields.CharField(max_length=18, unique=True)
    county = fields.CharField(max_length=COUNTY_LENGTH)
    address = fields.CharField(max_length=200, default="")
    #: Occupations that it may teach, in the standards' words.
    may_teach = fields.JSONField[list[str]](default=list)
    #: The office's public number.
    phone = fields.CharField(max_length=20, default="")
    #: Who answers for it there, name and telephone; not for the public. Null where nobody is named.
    contact_sealed = SealedField(null=True)
    #: Syllables without tones, and their initials, for look-ups by sound.
    pinyin = fields.CharField(max_length=800, default="")
    initials = fields.CharField(max_length=120, default="")
    created_at = fields.DatetimeField()

    class Meta:
        table = "institutions"
        indexes = (Index(fields=("county", "id")),)


class InstitutionRecord(Model):
    """One dated change of an institution's entry; only ever added (PostgreSQL sees to it)."""

    id = OpaqueId()
    institution: fields.ForeignKeyRelation[Institution] = fields.ForeignKeyField(
        "models.Institution", related_name="records", on_delete=fields.OnDelete.RESTRICT
    )
    kind = fields.CharField(max_length=12)
    #: Days in Asia/Shanghai; both count. No end: until another record.
    valid_from = fields.DateField()
    valid_until = fields.DateField(null=True)
    reason = fields.CharField(max_length=500, default="")
    #: The document's number (文号).
    document = fields.CharField(max_length=120, default="")
    #: What of the entry changed: field -> [before, after].
    changes = fields.JSONField[dict[str, list[str]]](default=dict)
    #: Actor.key of who made it.
    made_by = fields.CharField(max_length=64)
    made_at = fields.DatetimeField()

    class Meta:
        table = "institution_records"
        indexes = (Index(fields=("institution_id", "valid_from")),)
        constraints = (
            CheckConstraint(
                check="kind IN ('listed', 'suspended', 'restored', 'removed', 'changed')",
                name="institution_records_kind",
            ),
            CheckConstraint(
                check="valid_until IS NULL OR valid_until >= valid_from",
                name="institution_records_validity",
            ),
        )
