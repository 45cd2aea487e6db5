"""Files that belong to things: the scan of a paper sheet, what somebody hands in with a complaint.

What is in them lies elsewhere (clients/files.py), sealed; here is what it is, and the key.
"""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.columns import OpaqueId, SealedField


class StoredFile(Model):
    """One file. Without its row nobody can read it, wherever a copy of it may still lie."""

    id = OpaqueId()
    #: What it belongs to, and which one: class. It goes with it.
    kind = fields.CharField(max_length=16)
    about = fields.UUIDField()
    #: By its first bytes: image/jpeg …
    media_type = fields.CharField(max_length=64)
    #: Bytes, and hexadecimal SHA-256, of what was handed in.
    size = fields.IntField()
    sha256 = fields.CharField(max_length=64)
    #: The file's own key, 32 random bytes.
    key_sealed = SealedField()
    #: Actor.key of who handed it in.
    made_by = fields.CharField(max_length=64)
    made_at = fields.DatetimeField()

    class Meta:
        table = "stored_files"
        indexes = (Index(fields=("kind", "about", "id")),)
