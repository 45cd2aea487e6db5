from tortoise import migrations
from tortoise.migrations import operations as ops
from models.columns import OpaqueId, new_id
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint

class Migration(migrations.Migration):
    dependencies = [('models', '0015_training')]

    initial = False

    operations = [
        ops.CreateModel(
            name='NoticeWords',
            fields=[
                ('digest', fields.CharField(primary_key=True, unique=True, db_index=True, description='SHA-256 of the words, in hexadecimal.', max_length=64)),
                ('words', fields.TextField(unique=False)),
                ('first_said_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'notice_words', 'app': 'models', 'pk_attr': 'digest', 'table_description': 'What people were told, word for word, once for all who were told the same (L12).'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='SheetImport',
            fields=[
                ('id', OpaqueId(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('kind', fields.CharField(description='roster, directory, standards.', max_length=16)),
                ('about', fields.UUIDField(null=True, description='What it was taken over into: a class; null for the whole directory.')),
                ('sha256', fields.CharField(max_length=64)),
                ('rows', fields.IntField()),
                ('taken', fields.IntField()),
                ('refused', fields.IntField()),
                ('made_by', fields.CharField(max_length=64)),
                ('made_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'sheet_imports', 'app': 'models', 'indexes': [Index(fields=['kind', 'about', 'sha256'])], 'pk_attr': 'id', 'table_description': 'One sheet that was taken over, by its hash: the same again changes nothing.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Enrolment',
            fields=[
                ('id', OpaqueId(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('training_class', fields.ForeignKeyField('models.TrainingClass', source_field='training_class_id', db_constraint=True, to_field='id', related_name='enrolments', on_delete=OnDelete.RESTRICT)),
                ('person', fields.ForeignKeyField('models.Person', source_field='person_id', db_constraint=True, to_field='id', related_name='enrolments', on_delete=OnDelete.RESTRICT)),
                ('employer', fields.ForeignKeyField('models.Employer', source_field='employer_id', null=True, description='A firm that reserved the place for its person.', db_constraint=True, to_field='id', related_name='reserved', on_delete=OnDelete.SET_NULL)),
                ('status', fields.CharField(max_length=10)),
                ('channel', fields.CharField(description='How it was made last: mini, chat, roster, console, hotline, employer.', max_length=10)),
                ('made_by', fields.CharField(description='Actor.key, as everywhere.', max_length=64)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('changed_by', fields.CharField(max_length=64)),
                ('changed_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('withdrawn_by', fields.CharField(default='', description='Of who has withdrawn, in which relation whoever did it stood (domain.enrolments.rules.Side):', max_length=8)),
                ('beyond_three', fields.BooleanField(default=False, description='The person was told that they have had three subsidised trainings this year, and wants this')),
            ],
            options={'table': 'enrolments', 'app': 'models', 'unique_together': (('training_class', 'person'),), 'constraints': [CheckConstraint(check="status IN ('applied', 'confirmed', 'withdrawn', 'completed')", name='enrolments_status')], 'indexes': [Index(fields=['person_id', 'status']), Index(fields=['training_class_id', 'id'])], 'pk_attr': 'id', 'table_description': 'One person in one class (报名); once for each, whatever becomes of it.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Amendment',
            fields=[
                ('id', OpaqueId(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('enrolment', fields.ForeignKeyField('models.Enrolment', source_field='enrolment_id', db_constraint=True, to_field='id', related_name='amendments', on_delete=OnDelete.RESTRICT)),
                ('kind', fields.CharField(max_length=5)),
                ('reason', fields.CharField(max_length=500)),
                ('allowed_by', fields.CharField(description="Who allowed it, by name, as the roster's printed form wants it.", max_length=80)),
                ('made_by', fields.CharField(max_length=64)),
                ('made_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'amendments', 'app': 'models', 'constraints': [CheckConstraint(check="kind IN ('join', 'leave')", name='amendments_kind')], 'pk_attr': 'id', 'table_description': 'A change of a roster after it froze at filing: who joined or left, and who allowed it.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Informed',
            fields=[
                ('id', OpaqueId(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('enrolment', fields.ForeignKeyField('models.Enrolment', source_field='enrolment_id', db_constraint=True, to_field='id', related_name='informed', on_delete=OnDelete.CASCADE)),
                ('notice_digest', fields.CharField(description='Which words (NoticeWords): what was said can be shown later.', max_length=64)),
                ('channel', fields.CharField(description='mini, chat, hotline (read out), console, employer, roster; of what is owed the one to blame.', max_length=10)),
                ('state', fields.CharField(description="shown: read on the spot; owed: to be told (a roster's people, until they are reached).", max_length=6)),
                ('made_by', fields.CharField(max_length=64)),
                ('made_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('told_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'informed', 'app': 'models', 'constraints': [CheckConstraint(check="state IN ('shown', 'owed')", name='informed_state'), CheckConstraint(check="(state = 'shown') = (told_at IS NOT NULL)", name='informed_told')], 'indexes': [Index(fields=['enrolment_id', 'state'])], 'pk_attr': 'id', 'table_description': "Somebody was told the class's subsidy rules, whom to ask and how to complain (L12)."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Reservation',
            fields=[
                ('id', OpaqueId(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('training_class', fields.ForeignKeyField('models.TrainingClass', source_field='training_class_id', db_constraint=True, to_field='id', related_name='reservations', on_delete=OnDelete.RESTRICT)),
                ('employer', fields.ForeignKeyField('models.Employer', source_field='employer_id', db_constraint=True, to_field='id', related_name='reservations', on_delete=OnDelete.CASCADE)),
                ('places', fields.IntField(description="All of the firm's, those that it has named among them; 0: given back.")),
                ('made_by', fields.CharField(max_length=64)),
                ('changed_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'reservations', 'app': 'models', 'unique_together': (('training_class', 'employer'),), 'constraints': [CheckConstraint(check='places >= 0', name='reservations_places')], 'pk_attr': 'id', 'table_description': 'Places that a firm holds in a class for its people, until it names them or the class is'},
            bases=['Model'],
        ),
        # CreateModel leaves check constraints out of its CREATE TABLE (tortoise-orm 1.1.9).
        ops.AddConstraint(
            model_name='Enrolment',
            constraint=CheckConstraint(check="status IN ('applied', 'confirmed', 'withdrawn', 'completed')", name='enrolments_status'),
        ),
        ops.AddConstraint(
            model_name='Amendment',
            constraint=CheckConstraint(check="kind IN ('join', 'leave')", name='amendments_kind'),
        ),
        ops.AddConstraint(
            model_name='Informed',
            constraint=CheckConstraint(check="state IN ('shown', 'owed')", name='informed_state'),
        ),
        ops.AddConstraint(
            model_name='Informed',
            constraint=CheckConstraint(check="(state = 'shown') = (told_at IS NOT NULL)", name='informed_told'),
        ),
        ops.AddConstraint(
            model_name='Reservation',
            constraint=CheckConstraint(check='places >= 0', name='reservations_places'),
        ),
    ]
