"""Who follows the official account (公众号), as far as WeChat tells us, and who has left."""

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from models.columns import DigestField, SealedField


class Follower(Model):
    """One follower of one official account.

    All of it is WeChat's data: it goes when the person unsubscribes or withdraws a consent.
    """

    id = fields.BigIntField(primary_key=True)
    # Programs of the version before, which may run beside this one, know the column as `person`.
    #: Blind index of AppID and openid (domain.vault); the only way to find a row.
    sender = DigestField(source_field="person", unique=True)
    #: The openid, sealed.
    openid_sealed = SealedField(bound_to="sender")
    #: The scene value of the QR code that brought the person, "" where there was none.
    scene = fields.CharField(max_length=64, default="")
    followed_at = fields.DatetimeField()

    class Meta:
        table = "followers"
        constraints = (
            CheckConstraint(check="octet_length(person) = 16", name="followers_person_length"),
        )


class Forgotten(Model):
    """One person who has asked to be forgotten, kept for 90 days.

    What came before reaches PostgreSQL in any order, some of it hours later: whoever stores it
    looks here first (domain.messaging.forgetting). Nothing else is kept of the person.
    """

    #: Blind index of the sender.
    sender = DigestField(source_field="person", primary_key=True)
    #: The last time: what is no later goes.
    asked_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "forgotten"
        constraints = (
            CheckConstraint(check="octet_length(person) = 16", name="forgotten_person_length"),
        )
