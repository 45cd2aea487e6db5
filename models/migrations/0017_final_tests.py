from tortoise import migrations
from tortoise.migrations import operations as ops
from models.columns import OpaqueId, new_id
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint

class Migration(migrations.Migration):
    dependencies = [('models', '0016_enrolments')]

    initial = False

    operations = [
        ops.CreateModel(
            name='FinalTest',
            fields=[
                ('id', OpaqueId(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('training_class', fields.ForeignKeyField('models.TrainingClass', source_field='training_class_id', db_constraint=True, to_field='id', related_name='tests', on_delete=OnDelete.RESTRICT)),
                ('kind', fields.CharField(max_length=12)),
                ('held_on', fields.DateField()),
                ('recording_location', fields.CharField(default='', description='Where the recording of the whole test lies, and what it is (全程录像备查, L10).', max_length=300)),
                ('recording_sha256', fields.CharField(default='', max_length=64)),
                ('patrol', fields.CharField(default='', description='The office that patrolled, and what it found (巡考, L10).', max_length=300)),
                ('made_by', fields.CharField(max_length=64)),
                ('made_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'final_tests', 'app': 'models', 'unique_together': (('training_class', 'kind', 'held_on'),), 'constraints': [CheckConstraint(check="kind IN ('appraisal', 'enterprise', 'level', 'ability', 'certificate')", name='final_tests_kind'), CheckConstraint(check="kind <> 'certificate' OR (recording_location <> '' AND patrol <> '')", name='final_tests_certificate')], 'pk_attr': 'id', 'table_description': 'One test of one class on one day; who failed may sit in a later one.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='TestResult',
            fields=[
                ('id', OpaqueId(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('test', fields.ForeignKeyField('models.FinalTest', source_field='test_id', db_constraint=True, to_field='id', related_name='results', on_delete=OnDelete.CASCADE)),
                ('enrolment', fields.ForeignKeyField('models.Enrolment', source_field='enrolment_id', db_constraint=True, to_field='id', related_name='results', on_delete=OnDelete.RESTRICT)),
                ('result', fields.CharField(max_length=6)),
                ('certificate', fields.CharField(default='', description='The certificate\'s number; "" where none was given.', max_length=64)),
            ],
            options={'table': 'test_results', 'app': 'models', 'unique_together': (('test', 'enrolment'),), 'constraints': [CheckConstraint(check="result IN ('passed', 'failed', 'absent')", name='test_results_result'), CheckConstraint(check="certificate = '' OR result = 'passed'", name='test_results_certificate')], 'indexes': [Index(fields=['enrolment_id'])], 'pk_attr': 'id', 'table_description': 'What one trainee made of one test.'},
            bases=['Model'],
        ),
        # CreateModel leaves check constraints out of its CREATE TABLE (tortoise-orm 1.1.9).
        ops.AddConstraint(
            model_name='FinalTest',
            constraint=CheckConstraint(check="kind IN ('appraisal', 'enterprise', 'level', 'ability', 'certificate')", name='final_tests_kind'),
        ),
        ops.AddConstraint(
            model_name='FinalTest',
            constraint=CheckConstraint(check="kind <> 'certificate' OR (recording_location <> '' AND patrol <> '')", name='final_tests_certificate'),
        ),
        ops.AddConstraint(
            model_name='TestResult',
            constraint=CheckConstraint(check="result IN ('passed', 'failed', 'absent')", name='test_results_result'),
        ),
        ops.AddConstraint(
            model_name='TestResult',
            constraint=CheckConstraint(check="certificate = '' OR result = 'passed'", name='test_results_certificate'),
        ),
    ]
