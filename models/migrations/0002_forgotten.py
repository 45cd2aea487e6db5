from tortoise import migrations
from tortoise.migrations import operations as ops
from models.columns import DigestField
from tortoise.fields.db_defaults import Now
from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint

class Migration(migrations.Migration):
    dependencies = [('models', '0001_initial')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Forgotten',
            fields=[
                ('person', DigestField(primary_key=True, unique=True, db_index=True, description='Blind index of the person.')),
                ('asked_at', fields.DatetimeField(db_index=True, description='The last time: what is no later goes.', auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'forgotten', 'app': 'models', 'pk_attr': 'person', 'table_description': 'One person who has asked to be forgotten, kept for 90 days.'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='Dialogue',
            name='updated_at',
            field=fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
        ),
        # Until now every dialogue lasted for 30 minutes after its last save.
        ops.RunSQL("UPDATE dialogues SET updated_at = expires_at - INTERVAL '30 minutes'"),
        # CreateModel leaves check constraints out of its CREATE TABLE (tortoise-orm 1.1.9).
        ops.AddConstraint(
            model_name='Forgotten',
            constraint=CheckConstraint(check='octet_length(person) = 16', name='forgotten_person_length'),
        ),
    ]
