"""Which sheets were taken over, into whatever area."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.columns import OpaqueId


class SheetImport(Model):
    """One sheet that was taken over, by its hash: the same again changes nothing."""

    id = OpaqueId()
    #: roster, directory, standards.
    kind = fields.CharField(max_length=16)
    #: What it was taken over into: a class; null for the whole directory.
    about = fields.UUIDField(null=True)
    sha256 = fields.CharField(max_length=64)
    rows = fields.IntField()
    taken = fields.IntField()
    refused = fields.IntField()
    made_by = fields.CharField(max_length=64)
    made_at = fields.DatetimeField()

    class Meta:
        table = "sheet_imports"
        indexes = (Index(fields=("kind", "about", "sha256")),)
