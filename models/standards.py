"""The subsidy standards (补贴标准目录, L08)."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from models.columns import OpaqueId


class SubsidyStandard(Model):
    """What is paid for one occupation, kind and level from a day on. Never changed: another amount
    is another row with a later day."""

    id = OpaqueId()
    occupation = fields.CharField(max_length=80)
    #: Of training or certificate, in the directory's words (职业技能等级, 专项职业能力, 合格证 …).
    kind = fields.CharField(max_length=40)
    #: 初级, 五级 …; "" where there is none.
    level = fields.CharField(max_length=20, default="")
    #: Lessons that the amount is for.
    hours = fields.IntField()
    #: For one person.
    amount_fen = fields.BigIntField()
    #: Days in Asia/Shanghai; both count. No end: until a later one of the same.
    valid_from = fields.DateField()
    valid_until = fields.DateField(null=True)
    #: The document's number (文号).
    document = fields.CharField(max_length=120, default="")
    #: Made up to show how it works; whoever reads it is told.
    is_example = fields.BooleanField(default=False)
    made_by = fields.CharField(max_length=64)
    made_at = fields.DatetimeField()

    class Meta:
        table = "subsidy_standards"
        unique_together = (("occupation", "kind", "level", "valid_from"),)
        indexes = (Index(fields=("valid_from",)),)
        constraints = (
            CheckConstraint(check="amount_fen >= 0", name="subsidy_standards_amount"),
            CheckConstraint(check="hours >= 0", name="subsidy_standards_hours"),
            CheckConstraint(
                check="valid_until IS NULL OR valid_until >= valid_from",
                name="subsidy_standards_validity",
            ),
        )
