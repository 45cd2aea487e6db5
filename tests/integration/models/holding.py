"""Two tables of the tests' own, with the columns of models.columns."""

from tortoise import fields
from tortoise.models import Model

from models.columns import DigestField, KeyIdField, OpaqueId, SealedField


class Holder(Model):
    """Somebody with a phone."""

    id = OpaqueId()
    name_sealed = SealedField()
    phone_sealed = SealedField()
    phone_index = DigestField(db_index=True)
    index_key_id = KeyIdField()

    class Meta:
        table = "trial_holders"


class Thing(Model):
    """Something of somebody's."""

    id = OpaqueId()
    holder: fields.ForeignKeyRelation[Holder] = fields.ForeignKeyField("trial.Holder")

    class Meta:
        table = "trial_things"
