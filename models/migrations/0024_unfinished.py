from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0023_informed_words')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Enrolment',
            name='unfinished',
            field=fields.BooleanField(default=False, db_default=False, description='Whoever holds the class has said of somebody who is confirmed that they were not there to'),
        ),
        # The database's own default was for the rows that are there.
        ops.AlterField(
            model_name='Enrolment',
            name='unfinished',
            field=fields.BooleanField(default=False, description='Whoever holds the class has said of somebody who is confirmed that they were not there to'),
        ),
    ]
