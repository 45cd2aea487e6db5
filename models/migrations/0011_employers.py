from tortoise import migrations
from tortoise.migrations import operations as ops
from models.columns import IndexField, KeyIdField, OpaqueId, SealedField, new_id
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint

class Migration(migrations.Migration):
    dependencies = [('models', '0010_people')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Employer',
            fields=[
                ('id', OpaqueId(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('name', fields.CharField(max_length=120)),
                ('uscc', fields.CharField(unique=True, max_length=18)),
                ('county', fields.CharField(max_length=6)),
                ('phone_sealed', SealedField(null=True, description='The contact phone in the register; whoever holds it may bind without an officer.', bound_to='')),
                ('phone_index', IndexField(null=True, db_index=True, purpose='phone', of='')),
                ('index_key_id', KeyIdField(db_index=True)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'employers', 'app': 'models', 'indexes': [Index(fields=['county', 'id'])], 'pk_attr': 'id', 'table_description': 'A firm that the register knows, by its unified social credit code (统一社会信用代码).'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='EmployerContact',
            fields=[
                ('id', OpaqueId(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('employer', fields.ForeignKeyField('models.Employer', source_field='employer_id', db_constraint=True, to_field='id', related_name='contacts', on_delete=OnDelete.CASCADE)),
                ('person', fields.ForeignKeyField('models.Person', source_field='person_id', db_constraint=True, to_field='id', related_name='acts_for', on_delete=OnDelete.CASCADE)),
                ('status', fields.CharField(description='active -> ended, and back.', max_length=8)),
                ('keeper', fields.BooleanField(default=False, description='Never two of one firm (an index of the migration), and always one while any are active.')),
                ('since', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('ended_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'employer_contacts', 'app': 'models', 'unique_together': (('employer', 'person'),), 'constraints': [CheckConstraint(check="status IN ('active', 'ended')", name='employer_contacts_status'), CheckConstraint(check="status = 'active' OR NOT keeper", name='employer_contacts_active_keeper'), CheckConstraint(check="(status = 'ended') = (ended_at IS NOT NULL)", name='employer_contacts_ended_at')], 'indexes': [Index(fields=['person_id', 'status'])], 'pk_attr': 'id', 'table_description': 'A person acts for a firm; of those who do, one is the keeper (管理员).'},
            bases=['Model'],
        ),
        # CreateModel leaves check constraints out of its CREATE TABLE (tortoise-orm 1.1.9).
        ops.AddConstraint(
            model_name='EmployerContact',
            constraint=CheckConstraint(check="status IN ('active', 'ended')", name='employer_contacts_status'),
        ),
        ops.AddConstraint(
            model_name='EmployerContact',
            constraint=CheckConstraint(check="status = 'active' OR NOT keeper", name='employer_contacts_active_keeper'),
        ),
        ops.AddConstraint(
            model_name='EmployerContact',
            constraint=CheckConstraint(check="(status = 'ended') = (ended_at IS NOT NULL)", name='employer_contacts_ended_at'),
        ),
    ]
