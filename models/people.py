"""People by real name (实名), the WeChat identities that they come with, their sessions."""

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from models.columns import DigestField, IndexField, KeyIdField, OpaqueId, SealedField

#: Digits of a county's code (content/counties.yaml).
COUNTY_LENGTH = 6


class Person(Model):
    """Somebody by name and citizen ID: bound by themselves, or put on a roster by others.

    One row for one citizen ID. Whoever is on a roster before they ever write has a row too; when
    they bind, it is found by the ID and becomes theirs.
    """

    id = OpaqueId()
    name_sealed = SealedField(null=True)
    id_number_sealed = SealedField(null=True)
    phone_sealed = SealedField(null=True)
    #: Who says that the phone is theirs: "wechat" has checked it, or an "officer" has decided it;
    #: "told" by others (a school, a firm, the hotline) it is a contact and proves nothing.
    #: "" where there is none.
    phone_origin = fields.CharField(max_length=8, default="")
    #: Blind indexes of the normalised values; null with what they index.
    name_index = IndexField("name", null=True, db_index=True)
    #: No two people have one: looked up under a lock of the value (0008).
    id_number_index = IndexField("citizen id", null=True, db_index=True)
    phone_index = IndexField("phone", null=True, db_index=True)
    index_key_id = KeyIdField()
    #: Where the person lives or works, as told; "" where nobody said.
    county = fields.CharField(max_length=COUNTY_LENGTH, default="")
    #: How the row came: bound, roster, hotline, employer.
    source = fields.CharField(max_length=16)
    created_at = fields.DatetimeField()
    #: When the person proved by name and ID that it is them; null until then.
    bound_at = fields.DatetimeField(null=True)
    #: Personal fields went on request; what the law keeps stays (PIPL).
    erased_at = fields.DatetimeField(null=True)

    class Meta:
        table = "people"
        constraints = (
            CheckConstraint(
                check="phone_origin IN ('', 'told', 'wechat', 'officer')",
                name="people_phone_origin",
            ),
        )


class Identity(Model):
    """One WeChat identity: somebody in the mini-program or in the official account.

    All of it is WeChat's data, and goes when the person wants to be forgotten. In the official
    account it is there only for who has begun to bind.
    """

    id = OpaqueId()
    #: "mini" or "official".
    account = fields.CharField(max_length=8)
    openid_sealed = SealedField(null=True)
    openid_index = IndexField("openid", null=True, db_index=True)
    unionid_sealed = SealedField(null=True)
    unionid_index = IndexField("unionid", null=True, db_index=True)
    #: The phone that WeChat gave us for this identity (getPhoneNumber).
    phone_sealed = SealedField(null=True)
    phone_index = IndexField("phone", null=True, db_index=True)
    index_key_id = KeyIdField()
    #: The blind index by which messages of the official account name their sender; null for mini.
    sender = DigestField(null=True, unique=True)
    person_id: UUID | None
    person: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="identities", null=True, on_delete=fields.OnDelete.SET_NULL
    )
    created_at = fields.DatetimeField()
    bound_at = fields.DatetimeField(null=True)

    class Meta:
        table = "identities"
        #: One mini-program and one official-account identity each.
        unique_together = (("person", "account"),)
        constraints = (
            CheckConstraint(check="account IN ('mini', 'official')", name="identities_account"),
        )


class SessionToken(Model):
    """A session of the mini-program. Redis holds it for speed; this row survives a lost Redis."""

    id = OpaqueId()
    identity_id: UUID
    identity: fields.ForeignKeyRelation[Identity] = fields.ForeignKeyField(
        "models.Identity", related_name="sessions", on_delete=fields.OnDelete.CASCADE
    )
    #: SHA-256 of the token, which is never kept.
    token_hash = DigestField(unique=True)
    created_at = fields.DatetimeField()
    last_used_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "session_tokens"
        indexes = (Index(fields=("identity_id", "created_at")),)


class Consent(Model):
    """Somebody has agreed to one version of the privacy notice; never changed, only added."""

    id = OpaqueId()
    person_id: UUID
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="consents", on_delete=fields.OnDelete.CASCADE
    )
    #: The notice's version (content/privacy).
    version = fields.CharField(max_length=32)
    #: mini, chat, hotline, sheet.
    channel = fields.CharField(max_length=16)
    given_at = fields.DatetimeField()

    class Meta:
        table = "consents"
