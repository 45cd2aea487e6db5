from tortoise import migrations
from tortoise.migrations import operations as ops
from models.columns import DigestField
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0002_forgotten')]

    initial = False

    operations = [
        ops.AlterModelOptions(
            name='Dialogue',
            options={'table': 'dialogues', 'app': 'models', 'pk_attr': 'id', 'table_description': 'The one talk of a person that is open, or has just ended.'},
        ),
        ops.AlterField(
            model_name='Dialogue',
            name='expires_at',
            field=fields.DatetimeField(db_index=True, description='Until when it is kept; where it has ended, when it did.', auto_now=False, auto_now_add=False),
        ),
        ops.AlterField(
            model_name='Dialogue',
            name='name',
            field=fields.CharField(description='Which talk; "" where nobody who reads the table shall know, and where it has ended.', max_length=32),
        ),
        ops.AlterField(
            model_name='Dialogue',
            name='state_sealed',
            field=fields.BinaryField(null=True, description='What has been said so far, sealed; null where the talk has ended.'),
        ),
        ops.AddField(
            model_name='Dialogue',
            name='active_until',
            field=fields.DatetimeField(null=True, description='Until when words are taken for an answer in it; null: as long as it is kept.', auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Dialogue',
            name='last_key',
            field=DigestField(null=True, description='The message that took the last step, and what it was told: the same message gets the same.'),
        ),
        ops.AddField(
            model_name='Dialogue',
            name='last_reply_sealed',
            field=fields.BinaryField(null=True),
        ),
        ops.AddField(
            model_name='Dialogue',
            name='private',
            field=fields.BooleanField(db_default=False),
        ),
        ops.AddField(
            model_name='LateReply',
            name='private',
            field=fields.BooleanField(db_default=False),
        ),
    ]
