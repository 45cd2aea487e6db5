from tortoise import migrations
from tortoise.migrations import operations as ops
from models.columns import DigestField, OpaqueId, SealedField, new_id
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint

class Migration(migrations.Migration):
    dependencies = [('models', '0012_requests')]

    initial = False

    operations = [
        ops.CreateModel(
            name='SignInAttempts',
            fields=[
                ('key', DigestField(primary_key=True, unique=True, db_index=True, description='Blind index of what is counted: a name and whence it was tried, or a name alone.')),
                ('failures', fields.IntField()),
                ('last_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ('paused_until', fields.DatetimeField(null=True, description='Nothing is tried before.', auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'staff_attempts', 'app': 'models', 'constraints': [CheckConstraint(check='octet_length(key) = 16', name='staff_attempts_key_length')], 'pk_attr': 'key', 'table_description': 'Failures to sign in that are counted together (domain.staff.attempts); lives for a day.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='StaffAccount',
            fields=[
                ('id', OpaqueId(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('username', fields.CharField(unique=True, max_length=32)),
                ('name_sealed', SealedField(description='What colleagues call them, sealed.', bound_to='')),
                ('role', fields.CharField(description='A value of domain.actor.Role.', max_length=16)),
                ('county', fields.CharField(default='', description='Whose county they work for; "" for the whole city.', max_length=6)),
                ('institution_id', fields.UUIDField(null=True, description='The institution that one in the role of an institution acts for.')),
                ('password_hash', fields.CharField(description='Argon2id, in the form that names its own parameters.', max_length=200)),
                ('password_set_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('temporary_until', fields.DatetimeField(null=True, description='Until when a temporary password is good; null for one that its owner has chosen.', auto_now=False, auto_now_add=False)),
                ('totp_sealed', SealedField(null=True, description='Of the second factor (TOTP), sealed; null until it is set up.', bound_to='')),
                ('totp_step', fields.BigIntField(default=0, description='The last time step whose code was taken: each is good once.')),
                ('demo', fields.BooleanField(default=False, description='Seeded by the demo with a password that everybody knows: signs in within the sandbox only.')),
                ('disabled_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'staff_accounts', 'app': 'models', 'constraints': [CheckConstraint(check="role <> 'county_officer' OR county <> ''", name='staff_accounts_county'), CheckConstraint(check="(role = 'institution') = (institution_id IS NOT NULL)", name='staff_accounts_institution')], 'indexes': [Index(fields=['county', 'username', 'id'])], 'pk_attr': 'id', 'table_description': 'Somebody who may sign in to the console, in one role. Never deleted: entries of the audit'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='StaffReset',
            fields=[
                ('id', OpaqueId(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('account', fields.ForeignKeyField('models.StaffAccount', source_field='account_id', db_constraint=True, to_field='id', related_name='resets', on_delete=OnDelete.RESTRICT)),
                ('what', fields.CharField(description='What is lost: password, second_factor, both.', max_length=16)),
                ('reason_sealed', SealedField(description='How the officer knows that it is them who ask, sealed.', bound_to='')),
                ('asked_by', fields.UUIDField(description='StaffAccount.id of both officers.')),
                ('asked_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('expires_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('decided_by', fields.UUIDField(null=True)),
                ('decided_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('status', fields.CharField(default='open', description='open -> confirmed | refused', max_length=12)),
            ],
            options={'table': 'staff_resets', 'app': 'models', 'constraints': [CheckConstraint(check="what IN ('password', 'second_factor', 'both')", name='staff_resets_what'), CheckConstraint(check="status IN ('open', 'confirmed', 'refused')", name='staff_resets_status'), CheckConstraint(check="(status = 'open') = (decided_by IS NULL)", name='staff_resets_decided'), CheckConstraint(check='decided_by IS NULL OR decided_by <> asked_by', name='staff_resets_two')], 'indexes': [Index(fields=['status', 'asked_at', 'id'])], 'pk_attr': 'id', 'table_description': 'A lost password or second factor: asked for by one officer, decided by another.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='StaffSession',
            fields=[
                ('id', OpaqueId(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('account', fields.ForeignKeyField('models.StaffAccount', source_field='account_id', db_constraint=True, to_field='id', related_name='sessions', on_delete=OnDelete.CASCADE)),
                ('token_hash', DigestField(unique=True, description='SHA-256 of what the cookie holds.')),
                ('started_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('seen_at', fields.DatetimeField(description='The last request, to a minute.', auto_now=False, auto_now_add=False)),
                ('ends_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ('complete', fields.BooleanField(default=False, description='Signed in; until then it is good for the steps that are left and for nothing else.')),
                ('code_passed', fields.BooleanField(default=False, description='The code of the second factor was right.')),
                ('codes_failed', fields.IntField(default=0)),
                ('totp_sealed', SealedField(null=True, description='The second factor that is being set up, sealed.', bound_to='')),
                ('device', fields.CharField(default='', description='As the browser calls itself, in short: "Edge · Windows".', max_length=80)),
            ],
            options={'table': 'staff_sessions', 'app': 'models', 'pk_attr': 'id', 'table_description': 'One browser that is signed in, or on the way. Deleted when it ends.'},
            bases=['Model'],
        ),
        # CreateModel leaves check constraints out of its CREATE TABLE (tortoise-orm 1.1.9).
        ops.AddConstraint(
            model_name='SignInAttempts',
            constraint=CheckConstraint(check='octet_length(key) = 16', name='staff_attempts_key_length'),
        ),
        ops.AddConstraint(
            model_name='StaffAccount',
            constraint=CheckConstraint(check="role <> 'county_officer' OR county <> ''", name='staff_accounts_county'),
        ),
        ops.AddConstraint(
            model_name='StaffAccount',
            constraint=CheckConstraint(check="(role = 'institution') = (institution_id IS NOT NULL)", name='staff_accounts_institution'),
        ),
        ops.AddConstraint(
            model_name='StaffReset',
            constraint=CheckConstraint(check="what IN ('password', 'second_factor', 'both')", name='staff_resets_what'),
        ),
        ops.AddConstraint(
            model_name='StaffReset',
            constraint=CheckConstraint(check="status IN ('open', 'confirmed', 'refused')", name='staff_resets_status'),
        ),
        ops.AddConstraint(
            model_name='StaffReset',
            constraint=CheckConstraint(check="(status = 'open') = (decided_by IS NULL)", name='staff_resets_decided'),
        ),
        ops.AddConstraint(
            model_name='StaffReset',
            constraint=CheckConstraint(check='decided_by IS NULL OR decided_by <> asked_by', name='staff_resets_two'),
        ),
    ]
