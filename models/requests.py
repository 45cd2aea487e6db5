"""What people ask an officer to decide (申请)."""

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from models.columns import OpaqueId, SealedField
from models.people import COUNTY_LENGTH, Person

#: Characters of what a request is about; a social credit code has 18.
ABOUT_LENGTH = 40


class Request(Model):
    """One request and what became of it: asked -> approved | refused | withdrawn.

    Of one asker, kind and thing at most one is open (an index of the migration).
    """

    id = OpaqueId()
    #: A key of domain.requests.rules.KINDS.
    kind = fields.CharField(max_length=24)
    #: Whose officers decide; "" where only the city's can.
    county = fields.CharField(max_length=COUNTY_LENGTH, default="")
    #: Actor.key of who asked: a person, or somebody on WeChat who is not known by name.
    asked_by = fields.CharField(max_length=64)
    #: The person who asked; null for who is not known by name.
    person_id: UUID | None
    person: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="requests", null=True, on_delete=fields.OnDelete.SET_NULL
    )
    #: What it is about where one may ask of several things at once (a firm's code); "" otherwise.
    about = fields.CharField(max_length=ABOUT_LENGTH, default="")
    state = fields.CharField(max_length=10, default="asked")
    #: What is asked for, as JSON of the kind's own form; null once the person was erased.
    payload_sealed = SealedField(null=True)
    #: Why it was refused, in the officer's words.
    reason_sealed = SealedField(null=True)
    asked_at = fields.DatetimeField()
    #: When it came to its end, whichever.
    ended_at = fields.DatetimeField(null=True)
    #: Actor.key of who ended it, "" while it is open.
    ended_by = fields.CharField(max_length=64, default="")
    #: Goes up with each change; whoever decides names the one they saw.
    version = fields.IntField(default=1)

    class Meta:
        table = "requests"
        indexes = (
            Index(fields=("state", "asked_at", "id")),
            Index(fields=("county", "state", "asked_at", "id")),
            Index(fields=("asked_by", "asked_at", "id")),
        )
        constraints = (
            CheckConstraint(
                check="state IN ('asked', 'approved', 'refused', 'withdrawn')",
                name="requests_state",
            ),
            CheckConstraint(
                check="(state = 'asked') = (ended_at IS NULL)", name="requests_ended_at"
            ),
        )
