from tortoise import migrations
from tortoise.migrations import operations as ops
from models.columns import OpaqueId, SealedField, new_id
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint

class Migration(migrations.Migration):
    dependencies = [('models', '0011_employers')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Request',
            fields=[
                ('id', OpaqueId(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('kind', fields.CharField(description='A key of domain.requests.rules.KINDS.', max_length=24)),
                ('county', fields.CharField(default='', description='Whose officers decide; "" where only the city\'s can.', max_length=6)),
                ('asked_by', fields.CharField(description='Actor.key of who asked: a person, or somebody on WeChat who is not known by name.', max_length=64)),
                ('person', fields.ForeignKeyField('models.Person', source_field='person_id', null=True, db_constraint=True, to_field='id', related_name='requests', on_delete=OnDelete.SET_NULL)),
                ('about', fields.CharField(default='', description='What it is about where one may ask of several things at once (a firm\'s code); "" otherwise.', max_length=40)),
                ('state', fields.CharField(default='asked', max_length=10)),
                ('payload_sealed', SealedField(null=True, description="What is asked for, as JSON of the kind's own form; null once the person was erased.", bound_to='')),
                ('reason_sealed', SealedField(null=True, description="Why it was refused, in the officer's words.", bound_to='')),
                ('asked_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('ended_at', fields.DatetimeField(null=True, description='When it came to its end, whichever.', auto_now=False, auto_now_add=False)),
                ('ended_by', fields.CharField(default='', description='Actor.key of who ended it, "" while it is open.', max_length=64)),
                ('version', fields.IntField(default=1, description='Goes up with each change; whoever decides names the one they saw.')),
            ],
            options={'table': 'requests', 'app': 'models', 'constraints': [CheckConstraint(check="state IN ('asked', 'approved', 'refused', 'withdrawn')", name='requests_state'), CheckConstraint(check="(state = 'asked') = (ended_at IS NULL)", name='requests_ended_at')], 'indexes': [Index(fields=['state', 'asked_at', 'id']), Index(fields=['county', 'state', 'asked_at', 'id']), Index(fields=['asked_by', 'asked_at', 'id'])], 'pk_attr': 'id', 'table_description': 'One request and what became of it: asked -> approved | refused | withdrawn.'},
            bases=['Model'],
        ),
        # CreateModel leaves check constraints out of its CREATE TABLE (tortoise-orm 1.1.9).
        ops.AddConstraint(
            model_name='Request',
            constraint=CheckConstraint(check="state IN ('asked', 'approved', 'refused', 'withdrawn')", name='requests_state'),
        ),
        ops.AddConstraint(
            model_name='Request',
            constraint=CheckConstraint(check="(state = 'asked') = (ended_at IS NULL)", name='requests_ended_at'),
        ),
    ]
