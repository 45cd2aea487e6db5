"""Two tables of the tests' own, with the columns of models.columns."""

from tortoise import fields
from tortoise.models import Model

from models.columns import IndexField, KeyIdField, OpaqueId, SealedField


class Holder(Model):
    """Somebody with a phone."""

    id = OpaqueId()
    name_sealed = SealedField(null=True)
    phone_sealed = SealedField(null=True)
    phone_index = IndexField("phone", null=True, unique=True)
    #: A second index of the same value, as of something that is looked for in two ways.
    called_index = IndexField("called", of="phone", null=True, db_index=True)
    notes_sealed = SealedField(null=True)
    index_key_id = KeyIdField()

    class Meta:
        table = "trial_holders"


class Thing(Model):
    """Something of somebody's."""

    id = OpaqueId()
    holder: fields.ForeignKeyRelation[Holder] = fields.ForeignKeyField("trial.Holder")

    class Meta:
        table = "trial_things"
