"""Firms (用人单位) and the people who act for them."""

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from models.columns import IndexField, KeyIdField, OpaqueId, SealedField
from models.people import COUNTY_LENGTH, Person


class Employer(Model):
    """A firm that the register knows, by its unified social credit code (统一社会信用代码)."""

    id = OpaqueId()
    name = fields.CharField(max_length=120)
    uscc = fields.CharField(max_length=18, unique=True)
    county = fields.CharField(max_length=COUNTY_LENGTH)
    #: The contact phone in the register; whoever holds it may bind without an officer.
    phone_sealed = SealedField(null=True)
    phone_index = IndexField("phone", null=True, db_index=True)
    index_key_id = KeyIdField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "employers"
        indexes = (Index(fields=("county", "id")),)


class EmployerContact(Model):
    """A person acts for a firm; of those who do, one is the keeper (管理员).

    One row for a person and a firm: who comes back has the same one. Who waits for an officer's
    approval has none yet, but a request (models.requests).
    """

    id = OpaqueId()
    employer_id: UUID
    employer: fields.ForeignKeyRelation[Employer] = fields.ForeignKeyField(
        "models.Employer", related_name="contacts", on_delete=fields.OnDelete.CASCADE
    )
    person_id: UUID
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="acts_for", on_delete=fields.OnDelete.CASCADE
    )
    #: active -> ended, and back.
    status = fields.CharField(max_length=8)
    #: Never two of one firm (an index of the migration), and always one while any are active.
    keeper = fields.BooleanField(default=False)
    since = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "employer_contacts"
        unique_together = (("employer", "person"),)
        indexes = (Index(fields=("person_id", "status")),)
        constraints = (
            CheckConstraint(check="status IN ('active', 'ended')", name="employer_contacts_status"),
            CheckConstraint(
                check="status = 'active' OR NOT keeper", name="employer_contacts_active_keeper"
            ),
            CheckConstraint(
                check="(status = 'ended') = (ended_at IS NOT NULL)",
                name="employer_contacts_ended_at",
            ),
        )
