from tortoise import migrations
from tortoise.migrations import operations as ops
from models.columns import DigestField
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint

class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name='Dialogue',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('person', DigestField(unique=True, description='Blind index of the person: nobody is in two dialogues at once.')),
                ('name', fields.CharField(max_length=32)),
                ('state_sealed', fields.BinaryField(description='What has been said so far, sealed.')),
                ('expires_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'dialogues', 'app': 'models', 'pk_attr': 'id', 'table_description': 'The one open talk of a person, for example a choice between two answers.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Follower',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('person', DigestField(unique=True, description='Blind index of AppID and openid (domain.vault); the only way to find a row.')),
                ('openid_sealed', fields.BinaryField(description='The openid, sealed.')),
                ('scene', fields.CharField(default='', description='The scene value of the QR code that brought the person, "" where there was none.', max_length=64)),
                ('followed_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'followers', 'app': 'models', 'pk_attr': 'id', 'table_description': 'One follower of one official account.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='InboundMessage',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('key', DigestField(unique=True, description='Digest of what makes a message one message; a second delivery meets the constraint.')),
                ('person', DigestField(null=True, description='Blind index of the sender; null where the sender has asked to be forgotten.')),
                ('received_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('kind', fields.CharField(description='The message type, or "event." and the event, in lower case.', max_length=64)),
                ('outcome', fields.CharField(description='How it was answered; Plan.outcome in bot/dispatch.py lists them, failed and slow_down too.', max_length=16)),
                ('topic', fields.CharField(default='', description='The FAQ entry or the intent that answered, "" where none did.', max_length=64)),
                ('score', fields.FloatField(null=True)),
                ('text_sealed', fields.BinaryField(null=True, description='What the person wrote or said, sealed; null for events.')),
            ],
            options={'table': 'inbound_messages', 'app': 'models', 'indexes': [Index(fields=['person', 'received_at']), Index(fields=['received_at'])], 'pk_attr': 'id', 'table_description': 'One message or event from WeChat, kept for 90 days and then only counted.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='LateReply',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('message_key', DigestField(unique=True, description='The message that it answers: one late answer at most.')),
                ('person', DigestField(db_index=True)),
                ('openid_sealed', fields.BinaryField()),
                ('text_sealed', fields.BinaryField()),
                ('opened_by', fields.CharField(description='What opened the channel: "message" (5 in 48 h) or "touch" (3 in 1 min).', max_length=8)),
                ('opened_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('status', fields.CharField(default='waiting', description='waiting -> sending -> sent | dropped', max_length=8)),
                ('reason', fields.CharField(default='', description='Why it was dropped, as a code; "" otherwise.', max_length=32)),
                ('settled_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'late_replies', 'app': 'models', 'pk_attr': 'id', 'table_description': 'An answer that took longer than WeChat waits, sent as a customer-service message (客服消息).'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='MessageCount',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('day', fields.DateField()),
                ('kind', fields.CharField(max_length=64)),
                ('outcome', fields.CharField(max_length=16)),
                ('topic', fields.CharField(max_length=64)),
                ('messages', fields.BigIntField()),
            ],
            options={'table': 'message_counts', 'app': 'models', 'unique_together': (('day', 'kind', 'outcome', 'topic'),), 'pk_attr': 'id', 'table_description': 'How many messages of one kind came on one day: what is left after 90 days.'},
            bases=['Model'],
        ),
        # CreateModel leaves check constraints out of its CREATE TABLE (tortoise-orm 1.1.9).
        ops.AddConstraint(
            model_name='Follower',
            constraint=CheckConstraint(check='octet_length(person) = 16', name='followers_person_length'),
        ),
        ops.AddConstraint(
            model_name='InboundMessage',
            constraint=CheckConstraint(check='octet_length(key) = 16', name='inbound_messages_key_length'),
        ),
        ops.AddConstraint(
            model_name='LateReply',
            constraint=CheckConstraint(check="status IN ('waiting', 'sending', 'sent', 'dropped')", name='late_replies_status'),
        ),
        ops.AddConstraint(
            model_name='LateReply',
            constraint=CheckConstraint(check="opened_by IN ('message', 'touch')", name='late_replies_opened_by'),
        ),
        ops.AddConstraint(
            model_name='MessageCount',
            constraint=CheckConstraint(check='messages > 0', name='message_counts_messages_positive'),
        ),
    ]
