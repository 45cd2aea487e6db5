"""The final test of a class (结业考核, L05, L10) and what each trainee made of it."""

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from models.columns import OpaqueId
from models.enrolments import Enrolment
from models.training import TrainingClass

#: Appraisal of skills, a firm's own evaluation, a recognised level, a single ability (all L05),
#: and the test for a 合格证 that the holder sets by itself (L10).
TEST_KINDS = ("appraisal", "enterprise", "level", "ability", "certificate")


class FinalTest(Model):
    """One test of one class on one day; who failed may sit in a later one."""

    id = OpaqueId()
    training_class: fields.ForeignKeyRelation[TrainingClass] = fields.ForeignKeyField(
        "models.TrainingClass", related_name="tests", on_delete=fields.OnDelete.RESTRICT
    )
    kind = fields.CharField(max_length=12)
    held_on = fields.DateField()
    #: Where the recording of the whole test lies, and what it is (全程录像备查, L10).
    recording_location = fields.CharField(max_length=300, default="")
    recording_sha256 = fields.CharField(max_length=64, default="")
    #: The office that patrolled, and what it found (巡考, L10).
    patrol = fields.CharField(max_length=300, default="")
    made_by = fields.CharField(max_length=64)
    made_at = fields.DatetimeField()
    results: fields.ReverseRelation["TestResult"]

    class Meta:
        table = "final_tests"
        unique_together = (("training_class", "kind", "held_on"),)
        constraints = (
            CheckConstraint(
                check="kind IN ('" + "', '".join(TEST_KINDS) + "')", name="final_tests_kind"
            ),
            CheckConstraint(
                check="kind <> 'certificate' OR (recording_location <> '' AND patrol <> '')",
                name="final_tests_certificate",
            ),
        )


class TestResult(Model):
    """What one trainee made of one test."""

    __test__ = False

    id = OpaqueId()
    enrolment_id: UUID
    test: fields.ForeignKeyRelation[FinalTest] = fields.ForeignKeyField(
        "models.FinalTest", related_name="results", on_delete=fields.OnDelete.CASCADE
    )
    enrolment: fields.ForeignKeyRelation[Enrolment] = fields.ForeignKeyField(
        "models.Enrolment", related_name="results", on_delete=fields.OnDelete.RESTRICT
    )
    result = fields.CharField(max_length=6)
    #: The certificate's number; "" where none was given.
    certificate = fields.CharField(max_length=64, default="")

    class Meta:
        table = "test_results"
        unique_together = (("test", "enrolment"),)
        indexes = (Index(fields=("enrolment_id",)),)
        constraints = (
            CheckConstraint(
                check="result IN ('passed', 'failed', 'absent')", name="test_results_result"
            ),
            CheckConstraint(
                check="certificate = '' OR result = 'passed'", name="test_results_certificate"
            ),
        )
