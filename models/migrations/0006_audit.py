from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from models.columns import OpaqueId, new_id
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint

class Migration(migrations.Migration):
    dependencies = [('models', '0005_accounts')]

    initial = False

    operations = [
        ops.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', OpaqueId(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('actor', fields.CharField(description='Actor.key: "staff 0190…".', max_length=64)),
                ('role', fields.CharField(max_length=32)),
                ('event', fields.CharField(description='"noun.verb", as "person.reveal".', max_length=64)),
                ('about_kind', fields.CharField(default='', description='What it was about: "person" and the row\'s id; "" and null for nothing in particular.', max_length=32)),
                ('about_id', fields.UUIDField(null=True)),
                ('facts', fields.JSONField(default=dict, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('digest', fields.BinaryField(description='SHA-256 over all of the above (domain.audit.rules.digest_of).')),
            ],
            options={'table': 'audit_entries', 'app': 'models', 'constraints': [CheckConstraint(check='octet_length(digest) = 32', name='audit_entries_digest_length'), CheckConstraint(check="(about_kind = '') = (about_id IS NULL)", name='audit_entries_about_whole')], 'indexes': [Index(fields=['at', 'id']), Index(fields=['actor', 'at', 'id']), Index(fields=['event', 'at', 'id']), Index(fields=['about_id', 'at', 'id'])], 'pk_attr': 'id', 'table_description': 'One thing that somebody saw or did. Nothing in it leads to a person but ids of ours.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='AuditLink',
            fields=[
                ('position', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True, description='From 1, without a gap; the trigger counts, not the sequence that the column comes with.')),
                ('entry_id', fields.UUIDField(unique=True)),
                ('hash', fields.BinaryField(description="SHA-256 of the link's hash before (32 zero bytes for the first) and the entry's digest.")),
            ],
            options={'table': 'audit_links', 'app': 'models', 'constraints': [CheckConstraint(check='octet_length(hash) = 32', name='audit_links_hash_length')], 'pk_attr': 'position', 'table_description': 'The place of one entry in the chain, in the order in which their transactions ended.'},
            bases=['Model'],
        ),
        # CreateModel leaves check constraints out of its CREATE TABLE (tortoise-orm 1.1.9).
        ops.AddConstraint(
            model_name='AuditEntry',
            constraint=CheckConstraint(check='octet_length(digest) = 32', name='audit_entries_digest_length'),
        ),
        ops.AddConstraint(
            model_name='AuditEntry',
            constraint=CheckConstraint(check="(about_kind = '') = (about_id IS NULL)", name='audit_entries_about_whole'),
        ),
        ops.AddConstraint(
            model_name='AuditLink',
            constraint=CheckConstraint(check='octet_length(hash) = 32', name='audit_links_hash_length'),
        ),
    ]
