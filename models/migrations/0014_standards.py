from tortoise import migrations
from tortoise.migrations import operations as ops
from models.columns import OpaqueId, new_id
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint

class Migration(migrations.Migration):
    dependencies = [('models', '0013_staff')]

    initial = False

    operations = [
        ops.CreateModel(
            name='SubsidyStandard',
            fields=[
                ('id', OpaqueId(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('occupation', fields.CharField(max_length=80)),
                ('kind', fields.CharField(description="Of training or certificate, in the directory's words (职业技能等级, 专项职业能力, 合格证 …).", max_length=40)),
                ('level', fields.CharField(default='', description='初级, 五级 …; "" where there is none.', max_length=20)),
                ('hours', fields.IntField(description='Lessons that the amount is for.')),
                ('amount_fen', fields.BigIntField(description='For one person.')),
                ('valid_from', fields.DateField(description='Days in Asia/Shanghai; both count. No end: until a later one of the same.')),
                ('valid_until', fields.DateField(null=True)),
                ('document', fields.CharField(default='', description="The document's number (文号).", max_length=120)),
                ('is_example', fields.BooleanField(default=False, description='Made up to show how it works; whoever reads it is told.')),
                ('made_by', fields.CharField(max_length=64)),
                ('made_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'subsidy_standards', 'app': 'models', 'unique_together': (('occupation', 'kind', 'level', 'valid_from'),), 'constraints': [CheckConstraint(check='amount_fen >= 0', name='subsidy_standards_amount'), CheckConstraint(check='hours >= 0', name='subsidy_standards_hours'), CheckConstraint(check='valid_until IS NULL OR valid_until >= valid_from', name='subsidy_standards_validity')], 'indexes': [Index(fields=['valid_from'])], 'pk_attr': 'id', 'table_description': 'What is paid for one occupation, kind and level from a day on. Never changed: another amount'},
            bases=['Model'],
        ),
        # CreateModel leaves check constraints out of its CREATE TABLE (tortoise-orm 1.1.9).
        ops.AddConstraint(
            model_name='SubsidyStandard',
            constraint=CheckConstraint(check='amount_fen >= 0', name='subsidy_standards_amount'),
        ),
        ops.AddConstraint(
            model_name='SubsidyStandard',
            constraint=CheckConstraint(check='hours >= 0', name='subsidy_standards_hours'),
        ),
        ops.AddConstraint(
            model_name='SubsidyStandard',
            constraint=CheckConstraint(check='valid_until IS NULL OR valid_until >= valid_from', name='subsidy_standards_validity'),
        ),
    ]
