"""Who is in a class, how they came, who told them their rights (L12), and who changed a frozen
roster."""

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from models.columns import OpaqueId
from models.employers import Employer
from models.people import Person
from models.training import TrainingClass


class Enrolment(Model):
    """One person in one class (报名); once for each, whatever becomes of it."""

    id = OpaqueId()
    training_class_id: UUID
    person_id: UUID
    employer_id: UUID | None
    training_class: fields.ForeignKeyRelation[TrainingClass] = fields.ForeignKeyField(
        "models.TrainingClass", related_name="enrolments", on_delete=fields.OnDelete.RESTRICT
    )
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="enrolments", on_delete=fields.OnDelete.RESTRICT
    )
    #: A firm that reserved the place for its person.
    employer: fields.ForeignKeyNullableRelation[Employer] = fields.ForeignKeyField(
        "models.Employer", related_name="reserved", null=True, on_delete=fields.OnDelete.SET_NULL
    )
    status = fields.CharField(max_length=10)
    #: How it was made last: mini, chat, roster, console, hotline, employer.
    channel = fields.CharField(max_length=10)
    #: Actor.key, as everywhere.
    made_by = fields.CharField(max_length=64)
    created_at = fields.DatetimeField()
    changed_by = fields.CharField(max_length=64)
    changed_at = fields.DatetimeField()
    #: Of who has withdrawn, in which relation whoever did it stood (domain.enrolments.rules.Side):
    #: no list brings back who left by themselves. "" for all others.
    withdrawn_by = fields.CharField(max_length=8, default="")
    #: The person was told that they have had three subsidised trainings this year, and wants this
    #: one all the same (P33-1.1).
    beyond_three = fields.BooleanField(default=False)
    #: Whoever holds the class has said of somebody who is confirmed that they were not there to
    #: the end.
    unfinished = fields.BooleanField(default=False)

    class Meta:
        table = "enrolments"
        unique_together = (("training_class", "person"),)
        indexes = (Index(fields=("person_id", "status")), Index(fields=("training_class_id", "id")))
        constraints = (
            CheckConstraint(
                check="status IN ('applied', 'confirmed', 'withdrawn', 'completed')",
                name="enrolments_status",
            ),
        )


class Amendment(Model):
    """A change of a roster after it froze at filing: who joined or left, and who allowed it."""

    id = OpaqueId()
    enrolment_id: UUID
    enrolment: fields.ForeignKeyRelation[Enrolment] = fields.ForeignKeyField(
        "models.Enrolment", related_name="amendments", on_delete=fields.OnDelete.RESTRICT
    )
    kind = fields.CharField(max_length=5)
    reason = fields.CharField(max_length=500)
    #: Who allowed it, by name, as the roster's printed form wants it.
    allowed_by = fields.CharField(max_length=80)
    made_by = fields.CharField(max_length=64)
    made_at = fields.DatetimeField()

    class Meta:
        table = "amendments"
        constraints = (CheckConstraint(check="kind IN ('join', 'leave')", name="amendments_kind"),)


class Reservation(Model):
    """Places that a firm holds in a class for its people, until it names them or the class is
    filed. Those that it has named are enrolments with its `employer`."""

    id = OpaqueId()
    training_class_id: UUID
    employer_id: UUID
    training_class: fields.ForeignKeyRelation[TrainingClass] = fields.ForeignKeyField(
        "models.TrainingClass", related_name="reservations", on_delete=fields.OnDelete.RESTRICT
    )
    employer: fields.ForeignKeyRelation[Employer] = fields.ForeignKeyField(
        "models.Employer", related_name="reservations", on_delete=fields.OnDelete.CASCADE
    )
    #: All of the firm's, those that it has named among them; 0: given back.
    places = fields.IntField()
    made_by = fields.CharField(max_length=64)
    changed_at = fields.DatetimeField()

    class Meta:
        table = "reservations"
        unique_together = (("training_class", "employer"),)
        constraints = (CheckConstraint(check="places >= 0", name="reservations_places"),)


class NoticeWords(Model):
    """What people were told, word for word, once for all who were told the same (L12)."""

    #: SHA-256 of the words, in hexadecimal.
    digest = fields.CharField(max_length=64, primary_key=True)
    words = fields.TextField()
    first_said_at = fields.DatetimeField()

    class Meta:
        table = "notice_words"


class Informed(Model):
    """Somebody was told the class's subsidy rules, whom to ask and how to complain (L12)."""

    id = OpaqueId()
    enrolment_id: UUID
    enrolment: fields.ForeignKeyRelation[Enrolment] = fields.ForeignKeyField(
        "models.Enrolment", related_name="informed", on_delete=fields.OnDelete.CASCADE
    )
    #: Which words (NoticeWords): what was said can be shown later.
    notice_digest = fields.CharField(max_length=64)
    #: mini, chat, hotline (read out), face (face to face, by who put them on the roster); console,
    #: employer, roster: of what is owed the one to blame.
    channel = fields.CharField(max_length=10)
    #: shown: read on the spot; owed: to be told (a roster's people, until they are reached).
    state = fields.CharField(max_length=6)
    #: Who told; of what is owed who has to.
    made_by = fields.CharField(max_length=64)
    made_at = fields.DatetimeField()
    told_at = fields.DatetimeField(null=True)

    class Meta:
        table = "informed"
        indexes = (Index(fields=("enrolment_id", "state")),)
        constraints = (
            CheckConstraint(check="state IN ('shown', 'owed')", name="informed_state"),
            CheckConstraint(
                check="(state = 'shown') = (told_at IS NOT NULL)", name="informed_told"
            ),
        )
