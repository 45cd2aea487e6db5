from tortoise import migrations
from tortoise.migrations import operations as ops
from models.columns import OpaqueId, SealedField, new_id
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0006_audit')]

    initial = False

    operations = [
        ops.CreateModel(
            name='FirstAnswer',
            fields=[
                ('id', OpaqueId(primary_key=True, default=new_id, unique=True, db_index=True, description='Not made by chance: a digest of who asked, what, and their key (domain.idempotency.rules).')),
                ('answer_sealed', SealedField(description='Status, body, and what was asked, by its digest.', bound_to='')),
                ('answered_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'first_answers', 'app': 'models', 'pk_attr': 'id', 'table_description': 'The answer to the first request of one Idempotency-Key, kept for 24 hours.'},
            bases=['Model'],
        ),
    ]
