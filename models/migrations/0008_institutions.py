from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from models.columns import OpaqueId, SealedField, new_id
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint

class Migration(migrations.Migration):
    dependencies = [('models', '0007_idempotency')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Institution',
            fields=[
                ('id', OpaqueId(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('name', fields.CharField(unique=True, max_length=120)),
                ('uscc', fields.CharField(unique=True, max_length=18)),
                ('county', fields.CharField(max_length=6)),
                ('address', fields.CharField(default='', max_length=200)),
                ('may_teach', fields.JSONField(default=list, description="Occupations that it may teach, in the standards' words.", encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('phone', fields.CharField(default='', description="The office's public number.", max_length=20)),
                ('contact_sealed', SealedField(null=True, description='Who answers for it there, name and telephone; not for the public. Null where nobody is named.', bound_to='')),
                ('pinyin', fields.CharField(default='', description='Syllables without tones, and their initials, for look-ups by sound.', max_length=800)),
                ('initials', fields.CharField(default='', max_length=120)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'institutions', 'app': 'models', 'indexes': [Index(fields=['county', 'id'])], 'pk_attr': 'id', 'table_description': 'A training institution (培训机构). Its standing follows from its records.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='InstitutionRecord',
            fields=[
                ('id', OpaqueId(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('institution', fields.ForeignKeyField('models.Institution', source_field='institution_id', db_constraint=True, to_field='id', related_name='records', on_delete=OnDelete.RESTRICT)),
                ('kind', fields.CharField(max_length=12)),
                ('valid_from', fields.DateField(description='Days in Asia/Shanghai; both count. No end: until another record.')),
                ('valid_until', fields.DateField(null=True)),
                ('reason', fields.CharField(default='', max_length=500)),
                ('document', fields.CharField(default='', description="The document's number (文号).", max_length=120)),
                ('changes', fields.JSONField(default=dict, description='What of the entry changed: field -> [before, after].', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('made_by', fields.CharField(description='Actor.key of who made it.', max_length=64)),
                ('made_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'institution_records', 'app': 'models', 'constraints': [CheckConstraint(check="kind IN ('listed', 'suspended', 'restored', 'removed', 'changed')", name='institution_records_kind'), CheckConstraint(check='valid_until IS NULL OR valid_until >= valid_from', name='institution_records_validity')], 'indexes': [Index(fields=['institution_id', 'valid_from'])], 'pk_attr': 'id', 'table_description': "One dated change of an institution's entry; only ever added (PostgreSQL sees to it)."},
            bases=['Model'],
        ),
        # CreateModel leaves check constraints out of its CREATE TABLE (tortoise-orm 1.1.9).
        ops.AddConstraint(
            model_name='InstitutionRecord',
            constraint=CheckConstraint(check="kind IN ('listed', 'suspended', 'restored', 'removed', 'changed')", name='institution_records_kind'),
        ),
        ops.AddConstraint(
            model_name='InstitutionRecord',
            constraint=CheckConstraint(check='valid_until IS NULL OR valid_until >= valid_from', name='institution_records_validity'),
        ),
    ]
