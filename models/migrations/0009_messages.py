from tortoise import migrations
from tortoise.migrations import operations as ops
from models.columns import SealedField

class Migration(migrations.Migration):
    dependencies = [('models', '0008_institutions')]

    initial = False

    operations = [
        ops.AlterField(
            model_name='Dialogue',
            name='last_reply_sealed',
            field=SealedField(null=True, bound_to='sender'),
        ),
        ops.AlterField(
            model_name='Dialogue',
            name='state_sealed',
            field=SealedField(null=True, description='What has been said so far, sealed; null where the talk has ended.', bound_to='sender'),
        ),
        ops.AlterField(
            model_name='InboundMessage',
            name='text_sealed',
            field=SealedField(null=True, description='What the person wrote or said, sealed; null for events.', bound_to='key'),
        ),
        ops.AlterField(
            model_name='LateReply',
            name='openid_sealed',
            field=SealedField(bound_to='message_key'),
        ),
        ops.AlterField(
            model_name='LateReply',
            name='text_sealed',
            field=SealedField(bound_to='message_key'),
        ),
    ]
