from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0022_phone_origin')]

    initial = False

    operations = [
        ops.AlterField(
            model_name='Informed',
            name='channel',
            field=fields.CharField(description='mini, chat, hotline (read out), face (face to face, by who put them on the roster); console,', max_length=10),
        ),
        ops.AlterField(
            model_name='Informed',
            name='made_by',
            field=fields.CharField(description='Who told; of what is owed who has to.', max_length=64),
        ),
    ]
