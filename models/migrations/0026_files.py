from tortoise import migrations
from tortoise.migrations import operations as ops
from models.columns import OpaqueId, SealedField, new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0025_attendance')]

    initial = False

    operations = [
        ops.CreateModel(
            name='StoredFile',
            fields=[
                ('id', OpaqueId(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('kind', fields.CharField(description='What it belongs to, and which one: class. It goes with it.', max_length=16)),
                ('about', fields.UUIDField()),
                ('media_type', fields.CharField(description='By its first bytes: image/jpeg …', max_length=64)),
                ('size', fields.IntField(description='Bytes, and hexadecimal SHA-256, of what was handed in.')),
                ('sha256', fields.CharField(max_length=64)),
                ('key_sealed', SealedField(description="The file's own key, 32 random bytes.", bound_to='')),
                ('made_by', fields.CharField(description='Actor.key of who handed it in.', max_length=64)),
                ('made_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'stored_files', 'app': 'models', 'indexes': [Index(fields=['kind', 'about', 'id'])], 'pk_attr': 'id', 'table_description': 'One file. Without its row nobody can read it, wherever a copy of it may still lie.'},
            bases=['Model'],
        ),
    ]
