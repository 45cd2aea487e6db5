from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from models.columns import OpaqueId, new_id
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint

class Migration(migrations.Migration):
    dependencies = [('models', '0014_standards')]

    initial = False

    operations = [
        ops.CreateModel(
            name='TrainingClass',
            fields=[
                ('id', OpaqueId(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('title', fields.CharField(max_length=80)),
                ('institution', fields.ForeignKeyField('models.Institution', source_field='institution_id', null=True, db_constraint=True, to_field='id', related_name='classes', on_delete=OnDelete.RESTRICT)),
                ('employer', fields.ForeignKeyField('models.Employer', source_field='employer_id', null=True, db_constraint=True, to_field='id', related_name='classes', on_delete=OnDelete.RESTRICT)),
                ('programme', fields.CharField(description='A key of content/programmes.yaml.', max_length=64)),
                ('occupation', fields.CharField(max_length=80)),
                ('level', fields.CharField(default='', max_length=20)),
                ('county', fields.CharField(max_length=6)),
                ('demand_analysis', fields.TextField(default='', description='Why this class is wanted (需求分析, L11), and how it is taught.', unique=False)),
                ('plan', fields.TextField(default='', unique=False)),
                ('address', fields.CharField(default='', max_length=200)),
                ('latitude', fields.FloatField(null=True, description="Degrees as WeChat's maps give them (GCJ-02); both or none.")),
                ('longitude', fields.FloatField(null=True)),
                ('teacher', fields.CharField(default='', max_length=80)),
                ('target_group', fields.CharField(default='', max_length=200)),
                ('is_project', fields.BooleanField(default=False, description='A project class (项目制, L07).')),
                ('hours', fields.IntField(default=0)),
                ('capacity', fields.IntField()),
                ('starts_on', fields.DateField(null=True)),
                ('ends_on', fields.DateField(null=True)),
                ('status', fields.CharField(default='draft', max_length=12)),
                ('version', fields.IntField(default=1, description='Goes up with each change; whoever changes names the one they saw.')),
                ('recruiting_since', fields.DatetimeField(null=True, description='When it began to recruit; before that nobody outside knows of it.', auto_now=False, auto_now_add=False)),
                ('flagged_at', fields.DatetimeField(null=True, description='The institution was suspended while it ran (L12): the last time.', auto_now=False, auto_now_add=False)),
                ('classified', fields.BooleanField(default=False, description='Where the training video lies, what it is, who holds it (L02); a classified class has none.')),
                ('video_location', fields.CharField(default='', max_length=300)),
                ('video_sha256', fields.CharField(default='', max_length=64)),
                ('video_holder', fields.CharField(default='', max_length=80)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('filed_at', fields.DatetimeField(null=True, description='The roster as it froze with the last filing: its digest (domain.training.roster) and size.', auto_now=False, auto_now_add=False)),
                ('roster_digest', fields.CharField(default='', max_length=64)),
                ('roster_size', fields.IntField(null=True)),
            ],
            options={'table': 'training_classes', 'app': 'models', 'constraints': [CheckConstraint(check='(institution_id IS NULL) <> (employer_id IS NULL)', name='training_classes_one_holder'), CheckConstraint(check="status IN ('draft', 'recruiting', 'filed', 'approved', 'returned', 'open', 'ended', 'archived', 'cancelled')", name='training_classes_status'), CheckConstraint(check='capacity > 0', name='training_classes_capacity'), CheckConstraint(check='(latitude IS NULL) = (longitude IS NULL)', name='training_classes_place')], 'indexes': [Index(fields=['status', 'id']), Index(fields=['county', 'status', 'id']), Index(fields=['status', 'filed_at', 'id']), Index(fields=['institution_id', 'id']), Index(fields=['employer_id', 'id'])], 'pk_attr': 'id', 'table_description': 'One class, held by an institution or by a firm for its own people.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ClassEvent',
            fields=[
                ('id', OpaqueId(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('training_class', fields.ForeignKeyField('models.TrainingClass', source_field='training_class_id', db_constraint=True, to_field='id', related_name='events', on_delete=OnDelete.RESTRICT)),
                ('version', fields.IntField(description="The class's version that it made.")),
                ('kind', fields.CharField(description='A domain.training.rules.Step, or a change: draft, change, sessions, video, test, flag,', max_length=24)),
                ('before', fields.CharField(description='The status before and after; "" before a draft.', max_length=12)),
                ('after', fields.CharField(max_length=12)),
                ('facts', fields.JSONField(default=dict, description="What it was about: names of fields, the frozen roster's digest, who allowed an", encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('reason', fields.CharField(default='', max_length=500)),
                ('made_by', fields.CharField(max_length=64)),
                ('made_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'class_events', 'app': 'models', 'indexes': [Index(fields=['training_class_id', 'version'])], 'pk_attr': 'id', 'table_description': 'One step or change of a class; never changed, only added: PostgreSQL refuses the rest.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ClassSession',
            fields=[
                ('id', OpaqueId(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('training_class', fields.ForeignKeyField('models.TrainingClass', source_field='training_class_id', db_constraint=True, to_field='id', related_name='sessions', on_delete=OnDelete.CASCADE)),
                ('topic', fields.CharField(default='', max_length=120)),
                ('starts_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('ends_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'class_sessions', 'app': 'models', 'constraints': [CheckConstraint(check='ends_at > starts_at', name='class_sessions_times')], 'indexes': [Index(fields=['training_class_id', 'starts_at'])], 'pk_attr': 'id', 'table_description': 'One sitting of a class (课次): what is checked in to.'},
            bases=['Model'],
        ),
        # CreateModel leaves check constraints out of its CREATE TABLE (tortoise-orm 1.1.9).
        ops.AddConstraint(
            model_name='TrainingClass',
            constraint=CheckConstraint(check='(institution_id IS NULL) <> (employer_id IS NULL)', name='training_classes_one_holder'),
        ),
        ops.AddConstraint(
            model_name='TrainingClass',
            constraint=CheckConstraint(check="status IN ('draft', 'recruiting', 'filed', 'approved', 'returned', 'open', 'ended', 'archived', 'cancelled')", name='training_classes_status'),
        ),
        ops.AddConstraint(
            model_name='TrainingClass',
            constraint=CheckConstraint(check='capacity > 0', name='training_classes_capacity'),
        ),
        ops.AddConstraint(
            model_name='TrainingClass',
            constraint=CheckConstraint(check='(latitude IS NULL) = (longitude IS NULL)', name='training_classes_place'),
        ),
        ops.AddConstraint(
            model_name='ClassSession',
            constraint=CheckConstraint(check='ends_at > starts_at', name='class_sessions_times'),
        ),
    ]
