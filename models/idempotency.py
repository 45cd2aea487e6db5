"""What was answered to a request that may come again."""

from tortoise import fields
from tortoise.models import Model

from models.columns import OpaqueId, SealedField


class FirstAnswer(Model):
    """The answer to the first request of one Idempotency-Key, kept for 24 hours."""

    #: Not made by chance: a digest of who asked, what, and their key (domain.idempotency.rules).
    id = OpaqueId()
    #: Status, body, and what was asked, by its digest.
    answer_sealed = SealedField()
    answered_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "first_answers"
