from tortoise import migrations
from tortoise.migrations import operations as ops
from models.columns import SealedField

class Migration(migrations.Migration):
    dependencies = [('models', '0004_senders')]

    initial = False

    operations = [
        ops.AlterField(
            model_name='Follower',
            name='openid_sealed',
            field=SealedField(description='The openid, sealed.', bound_to='sender'),
        ),
    ]
