from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from models.columns import DigestField, OpaqueId, new_id
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index, PartialIndex
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

class Migration(migrations.Migration):
    dependencies = [('models', '0024_unfinished')]

    initial = False

    operations = [
        ops.CreateModel(
            name='AttendanceSettings',
            fields=[
                ('id', OpaqueId(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('training_class', fields.OneToOneField('models.TrainingClass', source_field='training_class_id', db_constraint=True, to_field='id', related_name='attendance_settings', on_delete=OnDelete.CASCADE)),
                ('opens_before_min', fields.IntField()),
                ('closes_after_min', fields.IntField()),
                ('late_until_percent', fields.IntField(description='The share of the session, in hundredths, after which nobody comes in any more.')),
                ('wants_place', fields.BooleanField()),
                ('refuses_far', fields.BooleanField()),
                ('wants_out', fields.BooleanField()),
                ('outs_turned', ArrayField(default=list, description='When that was turned over, the oldest first: a session keeps what held when it began.', element_type='TIMESTAMPTZ')),
                ('version', fields.IntField(description='Goes up with each change.')),
                ('changed_by', fields.CharField(max_length=64)),
                ('changed_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'attendance_settings', 'app': 'models', 'constraints': [CheckConstraint(check='opens_before_min BETWEEN 0 AND 120 AND closes_after_min BETWEEN 0 AND 120', name='attendance_settings_minutes'), CheckConstraint(check='late_until_percent BETWEEN 0 AND 100', name='attendance_settings_late')], 'pk_attr': 'id', 'table_description': 'What one class wants of check-ins; the defaults (content/attendance.yaml) without a row.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='CheckIn',
            fields=[
                ('id', OpaqueId(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('session', fields.ForeignKeyField('models.ClassSession', source_field='session_id', db_constraint=True, to_field='id', related_name='check_ins', on_delete=OnDelete.RESTRICT)),
                ('person', fields.ForeignKeyField('models.Person', source_field='person_id', db_constraint=True, to_field='id', related_name='check_ins', on_delete=OnDelete.RESTRICT)),
                ('kind', fields.CharField(description='in | out', max_length=3)),
                ('at', fields.DatetimeField(description="The moment that counts: by the server's clock; of what was kept while there was no network", auto_now=False, auto_now_add=False)),
                ('made_at', fields.DatetimeField(description="When the row was written, by the server's clock.", auto_now=False, auto_now_add=False)),
                ('phone_at', fields.DatetimeField(null=True, description="What the phone's own clock said, where it said so.", auto_now=False, auto_now_add=False)),
                ('channel', fields.CharField(max_length=7)),
                ('late', fields.BooleanField(default=False)),
                ('distance_m', fields.IntField(null=True, description='To where the class is held; where nobody has said where they are: null.')),
                ('accuracy_m', fields.IntField(null=True)),
                ('device', DigestField(null=True, description='Keyed digests, 16 bytes, of the phone (per installation), of the network address, and of')),
                ('address', DigestField(null=True)),
                ('place', DigestField(null=True)),
                ('flags', fields.JSONField(default=list, description='Words of domain.attendance.rules.Flag.', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('state', fields.CharField(description='counted; pending until somebody (else) confirms; refused by somebody; lapsed: nobody', max_length=8)),
                ('reason', fields.CharField(default='', description='Why it was entered by hand.', max_length=200)),
                ('document_id', fields.UUIDField(null=True, description='The scan of the paper sheet, a file of ours.')),
                ('made_by', fields.CharField(description='Actor.key of who entered it: the person, or whoever did it for them.', max_length=64)),
                ('decided_by', fields.CharField(default='', max_length=64)),
                ('decided_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('decision_reason', fields.CharField(default='', max_length=200)),
                ('client_id', fields.CharField(null=True, description="The client's own name of it, by which it may be sent again.", max_length=64)),
            ],
            options={'table': 'check_ins', 'app': 'models', 'constraints': [UniqueConstraint(fields=('session_id', 'person_id', 'kind'), name='check_ins_once', condition="state IN ('counted', 'pending')"), UniqueConstraint(fields=('session_id', 'kind', 'device'), name='check_ins_one_device', condition="device IS NOT NULL AND state IN ('counted', 'pending')"), UniqueConstraint(fields=('person_id', 'client_id'), name='check_ins_sent_once', condition='client_id IS NOT NULL'), CheckConstraint(check="kind IN ('in', 'out')", name='check_ins_kind'), CheckConstraint(check="channel IN ('mini', 'chat', 'teacher', 'paper')", name='check_ins_channel'), CheckConstraint(check="state IN ('counted', 'pending', 'refused', 'lapsed', 'replaced')", name='check_ins_state'), CheckConstraint(check="channel <> 'teacher' OR reason <> ''", name='check_ins_reason'), CheckConstraint(check="channel <> 'paper' OR document_id IS NOT NULL", name='check_ins_document'), CheckConstraint(check="channel NOT IN ('teacher', 'paper') OR state <> 'counted' OR (decided_by <> '' AND decided_by <> made_by)", name='check_ins_two')], 'indexes': [Index(fields=['person_id', 'at']), Index(fields=['session_id', 'at']), PartialIndex(fields=['session_id'], condition={'state': 'pending'})], 'pk_attr': 'id', 'table_description': 'One person came to one session, or left it.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='CodeMisses',
            fields=[
                ('id', OpaqueId(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('person', fields.OneToOneField('models.Person', source_field='person_id', db_constraint=True, to_field='id', related_name='code_misses', on_delete=OnDelete.CASCADE)),
                ('times', ArrayField(default=list, description='When the last ones were, the oldest first; no more than domain.attendance.misses counts.', element_type='TIMESTAMPTZ')),
                ('last_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ('paused_until', fields.DatetimeField(null=True, description='No code is looked at before.', auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'code_misses', 'app': 'models', 'pk_attr': 'id', 'table_description': "Somebody's wrong codes of late; lives for a day."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ScreenLink',
            fields=[
                ('id', OpaqueId(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('session', fields.ForeignKeyField('models.ClassSession', source_field='session_id', db_constraint=True, to_field='id', related_name='screen_links', on_delete=OnDelete.CASCADE)),
                ('token_hash', DigestField(unique=True, description='SHA-256 of what stands in the link.')),
                ('made_by', fields.CharField(max_length=64)),
                ('made_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('until', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('revoked_by', fields.CharField(default='', max_length=64)),
                ('revoked_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'screen_links', 'app': 'models', 'indexes': [Index(fields=['session_id', 'until'])], 'pk_attr': 'id', 'table_description': "A link that shows one session's screen without signing in, for a day (班级大屏)."},
            bases=['Model'],
        ),
        ops.AddIndex(
            model_name='ClassSession',
            index=Index(fields=['starts_at']),
        ),
        # CreateModel leaves constraints out of its CREATE TABLE (tortoise-orm 1.1.9).
        ops.AddConstraint(
            model_name='AttendanceSettings',
            constraint=CheckConstraint(check='opens_before_min BETWEEN 0 AND 120 AND closes_after_min BETWEEN 0 AND 120', name='attendance_settings_minutes'),
        ),
        ops.AddConstraint(
            model_name='AttendanceSettings',
            constraint=CheckConstraint(check='late_until_percent BETWEEN 0 AND 100', name='attendance_settings_late'),
        ),
        ops.AddConstraint(
            model_name='CheckIn',
            constraint=UniqueConstraint(fields=('session_id', 'person_id', 'kind'), name='check_ins_once', condition="state IN ('counted', 'pending')"),
        ),
        ops.AddConstraint(
            model_name='CheckIn',
            constraint=UniqueConstraint(fields=('session_id', 'kind', 'device'), name='check_ins_one_device', condition="device IS NOT NULL AND state IN ('counted', 'pending')"),
        ),
        ops.AddConstraint(
            model_name='CheckIn',
            constraint=UniqueConstraint(fields=('person_id', 'client_id'), name='check_ins_sent_once', condition='client_id IS NOT NULL'),
        ),
        ops.AddConstraint(
            model_name='CheckIn',
            constraint=CheckConstraint(check="kind IN ('in', 'out')", name='check_ins_kind'),
        ),
        ops.AddConstraint(
            model_name='CheckIn',
            constraint=CheckConstraint(check="channel IN ('mini', 'chat', 'teacher', 'paper')", name='check_ins_channel'),
        ),
        ops.AddConstraint(
            model_name='CheckIn',
            constraint=CheckConstraint(check="state IN ('counted', 'pending', 'refused', 'lapsed', 'replaced')", name='check_ins_state'),
        ),
        ops.AddConstraint(
            model_name='CheckIn',
            constraint=CheckConstraint(check="channel <> 'teacher' OR reason <> ''", name='check_ins_reason'),
        ),
        ops.AddConstraint(
            model_name='CheckIn',
            constraint=CheckConstraint(check="channel <> 'paper' OR document_id IS NOT NULL", name='check_ins_document'),
        ),
        ops.AddConstraint(
            model_name='CheckIn',
            constraint=CheckConstraint(check="channel NOT IN ('teacher', 'paper') OR state <> 'counted' OR (decided_by <> '' AND decided_by <> made_by)", name='check_ins_two'),
        ),
    ]
