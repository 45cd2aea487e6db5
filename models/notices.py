"""What people have to be told of what has become of a thing of theirs."""

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.columns import OpaqueId
from models.people import Identity


class IdentityNotice(Model):
    """What the holder of one identity has to be told: that it was bound, or is no longer.

    Read in the mini-program; in the official account a job sends it (domain/notices).
    """

    id = OpaqueId()
    identity_id: UUID
    identity: fields.ForeignKeyRelation[Identity] = fields.ForeignKeyField(
        "models.Identity", related_name="notices", on_delete=fields.OnDelete.CASCADE
    )
    #: moved_away, joined, bound_elsewhere; the words are content/texts/people.yaml's.
    kind = fields.CharField(max_length=16)
    created_at = fields.DatetimeField()
    #: When it went out, or could not; null until then.
    settled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "identity_notices"
        indexes = (Index(fields=("identity_id", "created_at")),)
