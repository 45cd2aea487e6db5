"""Who follows the official account (公众号), as far as WeChat tells us."""

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from models.columns import DigestField


class Follower(Model):
    """One follower of one official account.

    All of it is WeChat's data: it goes when the person unsubscribes or withdraws a consent.
    """

    id = fields.BigIntField(primary_key=True)
    #: Blind index of AppID and openid (domain.vault); the only way to find a row.
    person = DigestField(unique=True)
    #: The openid, sealed.
    openid_sealed = fields.BinaryField()
    #: The scene value of the QR code that brought the person, "" where there was none.
    scene = fields.CharField(max_length=64, default="")
    followed_at = fields.DatetimeField()

    class Meta:
        table = "followers"
        constraints = (
            CheckConstraint(check="octet_length(person) = 16", name="followers_person_length"),
        )
