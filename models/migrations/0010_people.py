from tortoise import migrations
from tortoise.migrations import operations as ops
from models.columns import DigestField, IndexField, KeyIdField, OpaqueId, SealedField, new_id
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint

class Migration(migrations.Migration):
    dependencies = [('models', '0009_messages')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Person',
            fields=[
                ('id', OpaqueId(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('name_sealed', SealedField(null=True, bound_to='')),
                ('id_number_sealed', SealedField(null=True, bound_to='')),
                ('phone_sealed', SealedField(null=True, bound_to='')),
                ('name_index', IndexField(null=True, db_index=True, description='Blind indexes of the normalised values; null with what they index.', purpose='name', of='')),
                ('id_number_index', IndexField(null=True, db_index=True, description='No two people have one: looked up under a lock of the value (0008).', purpose='citizen id', of='')),
                ('phone_index', IndexField(null=True, db_index=True, purpose='phone', of='')),
                ('index_key_id', KeyIdField(db_index=True)),
                ('county', fields.CharField(default='', description='Where the person lives or works, as told; "" where nobody said.', max_length=6)),
                ('source', fields.CharField(description='How the row came: bound, roster, hotline, employer.', max_length=16)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('bound_at', fields.DatetimeField(null=True, description='When the person proved by name and ID that it is them; null until then.', auto_now=False, auto_now_add=False)),
                ('erased_at', fields.DatetimeField(null=True, description='Personal fields went on request; what the law keeps stays (PIPL).', auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'people', 'app': 'models', 'pk_attr': 'id', 'table_description': 'Somebody by name and citizen ID: bound by themselves, or put on a roster by others.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Consent',
            fields=[
                ('id', OpaqueId(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('person', fields.ForeignKeyField('models.Person', source_field='person_id', db_constraint=True, to_field='id', related_name='consents', on_delete=OnDelete.CASCADE)),
                ('version', fields.CharField(description="The notice's version (content/privacy).", max_length=32)),
                ('channel', fields.CharField(description='mini, chat, hotline, sheet.', max_length=16)),
                ('given_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'consents', 'app': 'models', 'pk_attr': 'id', 'table_description': 'Somebody has agreed to one version of the privacy notice; never changed, only added.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Identity',
            fields=[
                ('id', OpaqueId(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('account', fields.CharField(description='"mini" or "official".', max_length=8)),
                ('openid_sealed', SealedField(null=True, bound_to='')),
                ('openid_index', IndexField(null=True, db_index=True, purpose='openid', of='')),
                ('unionid_sealed', SealedField(null=True, bound_to='')),
                ('unionid_index', IndexField(null=True, db_index=True, purpose='unionid', of='')),
                ('phone_sealed', SealedField(null=True, description='The phone that WeChat gave us for this identity (getPhoneNumber).', bound_to='')),
                ('phone_index', IndexField(null=True, db_index=True, purpose='phone', of='')),
                ('index_key_id', KeyIdField(db_index=True)),
                ('sender', DigestField(null=True, unique=True, description='The blind index by which messages of the official account name their sender; null for mini.')),
                ('person', fields.ForeignKeyField('models.Person', source_field='person_id', null=True, db_constraint=True, to_field='id', related_name='identities', on_delete=OnDelete.SET_NULL)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('bound_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'identities', 'app': 'models', 'unique_together': (('person', 'account'),), 'constraints': [CheckConstraint(check="account IN ('mini', 'official')", name='identities_account')], 'pk_attr': 'id', 'table_description': 'One WeChat identity: somebody in the mini-program or in the official account.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='IdentityNotice',
            fields=[
                ('id', OpaqueId(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('identity', fields.ForeignKeyField('models.Identity', source_field='identity_id', db_constraint=True, to_field='id', related_name='notices', on_delete=OnDelete.CASCADE)),
                ('kind', fields.CharField(description="moved_away, joined, bound_elsewhere; the words are content/texts/people.yaml's.", max_length=16)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('settled_at', fields.DatetimeField(null=True, description='When it went out, or could not; null until then.', auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'identity_notices', 'app': 'models', 'indexes': [Index(fields=['identity_id', 'created_at'])], 'pk_attr': 'id', 'table_description': 'What the holder of one identity has to be told: that it was bound, or is no longer.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='SessionToken',
            fields=[
                ('id', OpaqueId(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('identity', fields.ForeignKeyField('models.Identity', source_field='identity_id', db_constraint=True, to_field='id', related_name='sessions', on_delete=OnDelete.CASCADE)),
                ('token_hash', DigestField(unique=True, description='SHA-256 of the token, which is never kept.')),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('last_used_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('expires_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'session_tokens', 'app': 'models', 'indexes': [Index(fields=['identity_id', 'created_at'])], 'pk_attr': 'id', 'table_description': 'A session of the mini-program. Redis holds it for speed; this row survives a lost Redis.'},
            bases=['Model'],
        ),
        # CreateModel leaves check constraints out of its CREATE TABLE (tortoise-orm 1.1.9).
        ops.AddConstraint(
            model_name='Identity',
            constraint=CheckConstraint(check="account IN ('mini', 'official')", name='identities_account'),
        ),
    ]
