from tortoise import migrations
from tortoise.migrations import operations as ops
from models.columns import DigestField
from tortoise.indexes import Index

class Migration(migrations.Migration):
    """`person` is called `sender`, for a sender may be bound to a person. In the models alone: the
    columns keep their name, for programs of the version before run beside this one. The database
    gets two comments."""

    dependencies = [('models', '0003_talks')]

    initial = False

    operations = [
        # First each field says its column, so that renaming it leaves the column as it is.
        ops.AlterField(
            model_name='Dialogue',
            name='person',
            field=DigestField(source_field='person', unique=True, description='Blind index of the sender: nobody is in two dialogues at once.'),
        ),
        ops.RenameField(model_name='Dialogue', old_name='person', new_name='sender'),
        ops.AlterField(
            model_name='Follower',
            name='person',
            field=DigestField(source_field='person', unique=True, description='Blind index of AppID and openid (domain.vault); the only way to find a row.'),
        ),
        ops.RenameField(model_name='Follower', old_name='person', new_name='sender'),
        ops.AlterField(
            model_name='Forgotten',
            name='person',
            field=DigestField(source_field='person', primary_key=True, unique=True, db_index=True, description='Blind index of the sender.'),
        ),
        ops.RenameField(model_name='Forgotten', old_name='person', new_name='sender'),
        ops.AlterModelOptions(
            name='Forgotten',
            options={'table': 'forgotten', 'app': 'models', 'pk_attr': 'sender', 'table_description': 'One person who has asked to be forgotten, kept for 90 days.'},
        ),
        ops.AlterField(
            model_name='InboundMessage',
            name='person',
            field=DigestField(source_field='person', null=True, description='Blind index of the sender; null where the sender has asked to be forgotten.'),
        ),
        ops.RenameField(model_name='InboundMessage', old_name='person', new_name='sender'),
        # The index is over the same columns.
        ops.AlterModelOptions(
            name='InboundMessage',
            options={'table': 'inbound_messages', 'app': 'models', 'indexes': [Index(fields=['sender', 'received_at']), Index(fields=['received_at'])], 'pk_attr': 'id', 'table_description': 'One message or event from WeChat, kept for 90 days and then only counted.'},
        ),
        ops.AlterField(
            model_name='LateReply',
            name='person',
            field=DigestField(source_field='person', db_index=True),
        ),
        ops.RenameField(model_name='LateReply', old_name='person', new_name='sender'),
    ]
