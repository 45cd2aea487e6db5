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
            field=fields.BooleanField(default=False, description='Whoever holds the class has said of somebody who is confirmed that they were not there to'),
        ),
    ]
